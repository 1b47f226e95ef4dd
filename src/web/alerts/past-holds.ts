import { type PastSlots, readPastSlots } from '../../store/past-slots.ts';
import { type HistoryLine, ownHistory } from './history.ts';

/** What would have held an alert at a point in time, seconds since the epoch; null: nothing. */
export type HeldAt = (atSeconds: number) => string | null;

export interface PastHoldsParts {
	readonly baseDir: string;
	readonly startSeconds: number;
	readonly endSeconds: number;
	/** The orders that an order depends on. */
	parentsOf(id: string): readonly string[];
}

interface Span {
	readonly startSeconds: number;
	readonly endSeconds: number;
}

/** What a replay does not know of, for people. */
export const notReplayedHolds = 'mutes and dead hops are not looked at: what was muted when is not kept';

const depthMost = 16;
const parentsMost = 100;

/**
 * What held alerts in the past, as far as files tell: parents that lost all their pings, by their slots as they are
 * measured here, and this machine being cut off, by the alerts that were raised of that.
 */
export class PastHolds {
	readonly #parts: PastHoldsParts;
	readonly #isolated: readonly Span[];
	/** By parent. */
	readonly #down = new Map<string, readonly Span[]>();

	constructor(parts: PastHoldsParts) {
		this.#parts = parts;
		this.#isolated = isolatedSpans(ownHistory(parts.baseDir));
	}

	of(id: string): HeldAt {
		const parents = this.#ancestorsOf(id).map((parent) => [parent, this.#downOf(parent)] as const);
		return (atSeconds) => {
			if (isWithin(this.#isolated, atSeconds)) return 'isolated';
			return parents.find(([, spans]) => isWithin(spans, atSeconds))?.[0] ?? null;
		};
	}

	#ancestorsOf(id: string): readonly string[] {
		const found = new Set<string>();
		let level = this.#parts.parentsOf(id);
		for (let depth = 0; depth < depthMost && level.length > 0; depth++) {
			const fresh = level.filter((parent) => parent !== id && !found.has(parent));
			for (const parent of fresh) if (found.size < parentsMost) found.add(parent);
			level = fresh.flatMap((parent) => this.#parts.parentsOf(parent));
		}
		return [...found];
	}

	#downOf(parent: string): readonly Span[] {
		const known = this.#down.get(parent);
		if (known !== undefined) return known;
		const { baseDir, startSeconds, endSeconds } = this.#parts;
		let spans: readonly Span[] = [];
		try {
			const past = readPastSlots(`${baseDir}/output/${parent}`, startSeconds, endSeconds);
			if (past !== null) spans = downSpans(past);
		} catch {
			// It was never measured, or its files are damaged: then it held nothing that anybody can tell.
		}
		this.#down.set(parent, spans);
		return spans;
	}
}

/** Times in which the last slot that is known was lost as a whole, from its end to the end of one that was not. */
function downSpans({ records, stepSeconds, pings }: PastSlots): readonly Span[] {
	const spans: Span[] = [];
	let since: number | null = null;
	for (const { timeSeconds, loss } of records) {
		if (loss === null) continue;
		if (loss >= pings) since ??= timeSeconds + stepSeconds;
		else if (since !== null) {
			spans.push({ startSeconds: since, endSeconds: timeSeconds + stepSeconds });
			since = null;
		}
	}
	if (since !== null) spans.push({ startSeconds: since, endSeconds: Number.POSITIVE_INFINITY });
	return spans;
}

function isolatedSpans(lines: readonly HistoryLine[]): readonly Span[] {
	const spans = new Map<string, Span>();
	for (const { id, rule, part, raisedSeconds, clearedSeconds } of lines) {
		if (rule !== 'isolated' || part !== undefined) continue;
		const endSeconds = clearedSeconds ?? Number.POSITIVE_INFINITY;
		spans.set(id, { startSeconds: raisedSeconds, endSeconds });
	}
	return [...spans.values()];
}

/** The parent has its turn with its children: a slot that ends as that span begins is in it. */
function isWithin(spans: readonly Span[], atSeconds: number): boolean {
	return spans.some(({ startSeconds, endSeconds }) => startSeconds <= atSeconds && atSeconds < endSeconds);
}
