import { accountOf, lossOf, uptimeOf } from '../../history/account.ts';
import { hourSeconds } from '../../history/histogram-lines.ts';
import type { Tally } from '../../history/tally.ts';
import { spanSeconds } from '../../model/span.ts';
import { readingHistory } from '../../store/read-history.ts';
import { stateOf } from '../browser/rows.ts';
import { rttText, shareText } from '../browser/scale.ts';
import { paced } from '../feed/pace.ts';
import type { BoardRow } from '../pages/board/board.ts';
import type { LiveBoard } from '../pages/board/live.ts';
import { uptimeText } from '../pages/order/words.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type badgeColours, badgeSvg } from './badge-svg.ts';
import { placeFolders } from './place-folders.ts';
import { publicName, publicStateOf, publicWords } from './public-state.ts';

export const badgeKinds = ['state', 'uptime', 'median', 'loss'] as const;
type BadgeKind = (typeof badgeKinds)[number];

/** So long a badge is shown again as it was. */
export const keptSeconds = 60;
/** Of more, the oldest are made anew. */
const keptMost = 2000;

const namedPeriods: Readonly<Record<string, number>> = {
	day: 86_400,
	week: 7 * 86_400,
	month: 30 * 86_400,
	quarter: 90 * 86_400,
};
const periodMaxSeconds = 366 * 86_400;

interface Value {
	readonly text: string;
	readonly colour: keyof typeof badgeColours;
}

/** Makes badges, each once a minute at most. */
export class Badges {
	readonly #parts: WebParts;
	readonly #live: LiveBoard;
	readonly #kept = new Map<string, { readonly svg: Promise<string>; readonly atMs: number }>();

	constructor(parts: WebParts, live: LiveBoard) {
		this.#parts = parts;
		this.#live = live;
	}

	/** Null: there is no such order. Throws a `RequestFault` at a period that is none. */
	of(id: string, kind: BadgeKind, period: string): Promise<string> | null {
		const seconds = periodSeconds(period);
		const row = this.#live.board.of(id);
		if (row === null) return null;
		const key = JSON.stringify([id, kind, seconds]);
		const kept = this.#kept.get(key);
		const nowMs = performance.now();
		if (kept !== undefined && nowMs - kept.atMs < keptSeconds * 1000) return kept.svg;
		const made = this.#valueOf(row, kind, seconds);
		const name = publicName(id, row.title);
		const svg = made.then(({ text, colour }) =>
			badgeSvg(name, kind === 'state' ? text : `${text} (${period})`, colour),
		);
		this.#kept.delete(key);
		this.#kept.set(key, { svg, atMs: nowMs });
		// What is not known yet, just after a start, is soon; nor is a failure kept.
		const forget = () => this.#kept.delete(key);
		made.then(({ colour }) => colour === 'unknown' && forget(), forget);
		if (this.#kept.size > keptMost)
			for (const oldest of [...this.#kept.keys()].slice(0, keptMost / 10)) this.#kept.delete(oldest);
		return svg;
	}

	async #valueOf(row: BoardRow, kind: BadgeKind, seconds: number): Promise<Value> {
		return kind === 'state' ? this.#state(row) : this.#value(await this.#talliesOf(row, seconds), kind);
	}

	#state(row: BoardRow): Value {
		this.#live.fill.now([row]);
		const state = publicStateOf(stateOf(row, this.#live.now()));
		const { sign, word } = publicWords[state];
		return {
			text: `${sign} ${word}`,
			colour: ({ up: 'good', loss: 'warn', down: 'bad', unknown: 'unknown' } as const)[state],
		};
	}

	/** Of several places the worst. */
	#value(tallies: readonly Tally[], kind: Exclude<BadgeKind, 'state'>): Value {
		const known = (numberOf: (tally: Tally) => number | null) =>
			tallies.flatMap((tally) => numberOf(tally) ?? []);
		if (kind === 'median') {
			const medians = known(({ histogram }) => histogram.quantile(0.5));
			return medians.length === 0
				? { text: 'median -', colour: 'unknown' }
				: { text: `median ${rttText(Math.max(...medians))}`, colour: 'good' };
		}
		const values = known(kind === 'uptime' ? uptimeOf : lossOf);
		if (values.length === 0) return { text: `${kind} -`, colour: 'unknown' };
		const value = kind === 'uptime' ? Math.min(...values) : Math.max(...values);
		if (kind === 'loss')
			return {
				text: `loss ${shareText(value)}`,
				colour: value >= 0.05 ? 'bad' : value >= 0.005 ? 'warn' : 'good',
			};
		return {
			text: `uptime ${uptimeText(value)}`,
			colour: value < 0.99 ? 'bad' : value < 0.999 ? 'warn' : 'good',
		};
	}

	/** One of each place that measures it; none of those where nothing was measured, or whose files are damaged. */
	async #talliesOf(row: BoardRow, seconds: number): Promise<Tally[]> {
		const untilSeconds = Date.now() / 1000;
		const startSeconds = Math.ceil((untilSeconds - seconds) / hourSeconds) * hourSeconds;
		const span = { startSeconds, endSeconds: Math.ceil(untilSeconds) };
		const { stepSeconds } = row;
		const tallies: Tally[] = [];
		for (const folder of placeFolders(this.#parts.baseDir, row))
			try {
				const history = await paced(readingHistory(folder));
				tallies.push(accountOf(history, span, { stepSeconds, untilSeconds }).tally);
			} catch {
				// Damaged files are the store's to tell.
			}
		return tallies;
	}
}

function periodSeconds(period: string): number {
	const seconds = Object.hasOwn(namedPeriods, period) ? namedPeriods[period] : spanSeconds(period);
	if (seconds !== undefined && seconds !== null && seconds >= hourSeconds && seconds <= periodMaxSeconds)
		return seconds;
	throw new RequestFault(
		400,
		'period: must be day, week, month, quarter or a span of time from 1h to 1y, such as 24h or 30d',
	);
}
