import { accountOf, lossOf, uptimeOf } from '../../history/account.ts';
import { hourSeconds } from '../../history/histogram-lines.ts';
import type { Tally } from '../../history/tally.ts';
import { spanSeconds } from '../../model/span.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { readHistory } from '../../store/read-history.ts';
import { stateOf } from '../browser/rows.ts';
import { rttText, shareText } from '../browser/scale.ts';
import type { BoardRow } from '../pages/board/board.ts';
import type { LiveBoard } from '../pages/board/live.ts';
import { uptimeText } from '../pages/order/words.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type badgeColours, badgeSvg } from './badge-svg.ts';
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
	readonly #kept = new Map<string, { readonly svg: string; readonly atMs: number }>();

	constructor(parts: WebParts, live: LiveBoard) {
		this.#parts = parts;
		this.#live = live;
	}

	/** Null: there is no such order. Throws a `RequestFault` at a period that is none. */
	of(id: string, kind: BadgeKind, period: string): string | null {
		const seconds = periodSeconds(period);
		const row = this.#live.board.of(id);
		if (row === null) return null;
		const key = JSON.stringify([id, kind, seconds]);
		const kept = this.#kept.get(key);
		const nowMs = performance.now();
		if (kept !== undefined && nowMs - kept.atMs < keptSeconds * 1000) return kept.svg;
		const { text, colour } = kind === 'state' ? this.#state(row) : this.#value(row, kind, seconds);
		const svg = badgeSvg(publicName(id, row.title), kind === 'state' ? text : `${text} (${period})`, colour);
		this.#kept.delete(key);
		// What is not known yet, just after a start, is soon.
		if (colour === 'unknown') return svg;
		this.#kept.set(key, { svg, atMs: nowMs });
		if (this.#kept.size > keptMost)
			for (const oldest of [...this.#kept.keys()].slice(0, keptMost / 10)) this.#kept.delete(oldest);
		return svg;
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

	#value(row: BoardRow, kind: Exclude<BadgeKind, 'state'>, seconds: number): Value {
		const tally = this.#tallyOf(row, seconds);
		if (kind === 'median') {
			const median = tally?.histogram.quantile(0.5) ?? null;
			return {
				text: `median ${median === null ? '-' : rttText(median)}`,
				colour: median === null ? 'unknown' : 'good',
			};
		}
		const value = tally === null ? null : kind === 'uptime' ? uptimeOf(tally) : lossOf(tally);
		if (value === null) return { text: `${kind} -`, colour: 'unknown' };
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

	/** Null: nothing was measured, or its files are damaged. */
	#tallyOf({ id, stepSeconds }: BoardRow, seconds: number): Tally | null {
		const found = findOrderFolder(this.#parts.baseDir, id);
		if (found === null) return null;
		const untilSeconds = Date.now() / 1000;
		const startSeconds = Math.ceil((untilSeconds - seconds) / hourSeconds) * hourSeconds;
		try {
			const span = { startSeconds, endSeconds: Math.ceil(untilSeconds) };
			return accountOf(readHistory(found.folder), span, { stepSeconds, untilSeconds }).tally;
		} catch {
			return null;
		}
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
