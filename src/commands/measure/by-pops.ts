import type { Outcome } from '../../model/outcome.ts';
import { popFolderOf } from '../../model/pop.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import type { ToldEvent } from '../../outcomes/event-json.ts';
import { readErrorMessage } from '../../store/error-file.ts';
import { followOrder } from '../shared/follow-order.ts';
import { readSmallText } from '../shared/small-text.ts';
import type { From } from './from.ts';
import { spanSeconds, type Wish } from './wish.ts';
import { WrittenOrder } from './written-order.ts';

/** What one of those that were asked has measured, or why it has not. */
export interface FromOne {
	/** A point of presence, or `here`. */
	readonly from: string;
	readonly came: { readonly outcome: Outcome } | { readonly failure: string };
}

/** Whether the daemon or one of them has refused the order is looked at so often. */
const lookMs = 250;
/** So long results may be on their way, and clocks apart. */
const patienceSeconds = 20;

/**
 * Has points of presence measure, by an order for once at their hub. Tells of each what came of it, as soon as it is
 * known, also of those that are absent. Throws `OrderTrouble` when the order cannot be written.
 */
export async function measureByPops(
	{ wish, baseDir, from }: { readonly wish: Wish; readonly baseDir: string; readonly from: From },
	tell: (one: FromOne) => void,
	signal: AbortSignal,
): Promise<void> {
	for (const [name, failure] of from.absent) tell({ from: name, came: { failure } });
	const waiting = new Waiting({ wish, baseDir, tell }, [...from.pops, ...(from.here ? ['here'] : [])]);
	if (waiting.isOver) return;
	const seconds = spanSeconds(wish.order.pings, wish.intervalSeconds) + patienceSeconds;
	const end = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000), waiting.over]);
	const looking = setInterval(() => waiting.look(), lookMs);
	try {
		const { id } = wish.order;
		const why = await followOrder({ baseDir, id, signal: end, heard: (event) => waiting.heard(event) });
		if (why !== null) waiting.giveUp(`no more is heard of the daemon: ${why}`);
		else
			waiting.giveUp(
				signal.aborted ? 'it was interrupted' : `it has not answered in ${Math.ceil(seconds)} s`,
			);
	} finally {
		clearInterval(looking);
		await waiting.putAway();
	}
}

interface WaitingParts {
	readonly wish: Wish;
	readonly baseDir: string;
	tell(one: FromOne): void;
}

class Waiting {
	readonly #parts: WaitingParts;
	readonly #names: Set<string>;
	readonly #over = new AbortController();
	/** Why there was nothing to measure in a slot. */
	readonly #skips = new Map<string, string>();
	#order: WrittenOrder | null = null;
	#trouble: OrderTrouble | null = null;
	#isMeasured = true;

	constructor(parts: WaitingParts, names: readonly string[]) {
		this.#parts = parts;
		this.#names = new Set(names);
	}

	get isOver(): boolean {
		return this.#names.size === 0;
	}

	/** Fires when all have answered, or the order cannot be written. */
	get over(): AbortSignal {
		return this.#over.signal;
	}

	heard(event: ToldEvent): void {
		if (event.about === 'hello') this.#write();
		else if (event.about === 'outcomes') for (const outcome of event.outcomes) this.#take(outcome);
	}

	/** Who refuses it says so in a file. */
	look(): void {
		const { id } = this.#parts.wish.order;
		if (this.#order === null) return;
		const refused = this.#errorOf(id);
		if (refused !== null) this.giveUp(`the daemon refused it: ${refused}`);
		for (const name of this.#names) {
			const failure = name === 'here' ? null : this.#errorOf(popFolderOf(id, name));
			if (failure !== null) this.#tell(name, { failure });
		}
	}

	/** What has not come by now is not waited for. */
	giveUp(failure: string): void {
		for (const name of this.#names) this.#tell(name, { failure: this.#skips.get(name) ?? failure });
	}

	/** Throws `OrderTrouble` when the order could not be written. */
	async putAway(): Promise<void> {
		if (this.#trouble !== null) throw this.#trouble;
		await this.#order?.putAway(this.#isMeasured);
	}

	#write(): void {
		const { baseDir, wish } = this.#parts;
		try {
			this.#order = new WrittenOrder(baseDir, wish);
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			this.#trouble = error;
			this.#over.abort();
		}
	}

	#take(outcome: Outcome): void {
		const from = outcome.pop ?? 'here';
		if (!this.#names.has(from)) return;
		if (outcome.kind === 'skipped') this.#skips.set(from, outcome.reason);
		else this.#tell(from, { outcome });
	}

	#tell(from: string, came: FromOne['came']): void {
		if (!this.#names.delete(from)) return;
		if ('failure' in came) this.#isMeasured = false;
		this.#parts.tell({ from, came });
		if (this.isOver) this.#over.abort();
	}

	#errorOf(name: string): string | null {
		const read = readSmallText(`${this.#parts.baseDir}/output/${name}/error`);
		return read === null || 'reason' in read ? null : readErrorMessage(read.text);
	}
}
