import type { Verdict } from '../model/sink.ts';
import type { Waiting } from './spool-lines.ts';
import { isOver, messageOf, refusedOnly, wasRefused, wasTooLarge } from './tries.ts';

/** So many refused on their own, and nothing of the same batch taken: then it may not be the measurements. */
const refusedInARowMax = 10;
/** So often one fails on its own, and others are taken after it, before it is set aside. */
const aloneMax = 2;

export interface BatchWriter {
	/** Nothing may be written before its turn. */
	readonly isOrdered: boolean;
	/**
	 * The batch has failed several times, and it is to be found out whether one of it is at fault: how often that has been
	 * tried. Null: it has not failed so often.
	 */
	readonly searchRound: number | null;
	/** Makes ready to write. Rejects when the other end cannot be reached. */
	ready(): Promise<unknown>;
	/** Settles as `OpenSink.write` does. */
	write(part: readonly Waiting[]): Promise<readonly Verdict[] | undefined>;
	/** The newest of all that wait, or that waited lately. */
	newest(): Waiting | null;
	taken(some: readonly Waiting[]): void;
	/** So many of them, nobody knows which, are refused, all others taken. */
	partlyTaken(part: readonly Waiting[], refused: number, reason: string): void;
	refused(one: Waiting, reason: string): void;
	/** It is to be written again, while others were dealt with. */
	again(one: Waiting, reason: string): void;
	/** So many are too large a part. */
	tooLarge(count: number): void;
}

/**
 * Writes a batch, from the oldest on; of what is refused the halves, until what is at fault is alone. Rejects when
 * writing fails, and when everything seems to be refused, also samples from elsewhere: what is left then is to be tried
 * again. Where the writer is searching, what fails is cut up in the same way as long as others are taken.
 */
export async function writeInParts(batch: readonly Waiting[], writer: BatchWriter): Promise<void> {
	const work = new PartWork(batch, writer);
	while (await work.next());
}

class PartWork {
	readonly #writer: BatchWriter;
	readonly #parts: (readonly Waiting[])[];
	/** Something of this batch, or a sample, was taken. */
	#hasTaken = false;
	#refusedInARow = 0;
	/** A sample that was taken. */
	#proof: Waiting | null = null;

	constructor(batch: readonly Waiting[], writer: BatchWriter) {
		this.#writer = writer;
		this.#parts = [batch];
	}

	/** Writes one part. False: there is none. */
	async next(): Promise<boolean> {
		const part = this.#parts.shift();
		if (part === undefined) return false;
		await this.#writer.ready();
		try {
			await this.#hear(part, await this.#writer.write(part));
		} catch (error) {
			if (wasRefused(error)) await this.#refused(part, error);
			else if (this.#writer.searchRound !== null && !isOver(error)) await this.#failed(part, error);
			else throw error;
		}
		return true;
	}

	async #hear(part: readonly Waiting[], verdicts: readonly Verdict[] | undefined): Promise<void> {
		if (!Array.isArray(verdicts)) {
			this.#taken(part);
			return;
		}
		const heard = part.map((one, index) => ({ one, verdict: verdictOf(verdicts[index]) }));
		const taken = heard.filter(({ verdict }) => verdict === 'taken').map(({ one }) => one);
		const refused = heard.flatMap(({ one, verdict }) =>
			typeof verdict === 'object' && 'refused' in verdict ? [{ one, reason: verdict.refused }] : [],
		);
		const again = heard.flatMap(({ one, verdict }) =>
			typeof verdict === 'object' && 'again' in verdict ? [{ one, reason: verdict.again }] : [],
		);
		if (taken.length + refused.length === 0) {
			throw new Error(again[0]?.reason ?? 'the sink says nothing of what it was given');
		}
		const [bad] = refused;
		if (taken.length === 0 && refused.length >= refusedInARowMax && bad !== undefined) {
			await this.#mustTakeOthers(bad.one, bad.reason);
		}
		if (taken.length > 0) this.#taken(taken);
		for (const { one, reason } of refused) this.#writer.refused(one, reason);
		for (const { one, reason } of again) this.#writer.again(one, reason);
	}

	async #refused(part: readonly Waiting[], error: unknown): Promise<void> {
		const reason = messageOf(error);
		const partly = refusedOnly(error, part.length);
		const [alone] = part;
		if (partly !== null) {
			this.#hasTaken = true;
			this.#writer.partlyTaken(part.slice(0, partly.of), partly.refused, reason);
			if (partly.of < part.length) this.#parts.unshift(part.slice(partly.of));
		} else if (part.length > 1 || alone === undefined) {
			if (wasTooLarge(error)) this.#writer.tooLarge(part.length);
			this.#halve(part);
		} else {
			this.#writer.refused(alone, reason);
			if (this.#hasTaken || ++this.#refusedInARow < refusedInARowMax) return;
			await this.#mustTakeOthers(alone, reason);
		}
	}

	/** Nobody refused it, but it fails again and again. */
	async #failed(part: readonly Waiting[], error: unknown): Promise<void> {
		const [alone] = part;
		if (alone === undefined) throw error;
		if (part.length > 1) {
			if (!this.#hasTaken && !(await this.#takesOthers(alone, part))) throw error;
			this.#halve(part);
			return;
		}
		for (let times = 1; ; times++) {
			// It may be the other end that has gone meanwhile.
			const isThere = this.#proof === null ? this.#takesOthers(alone) : this.#takesNow(this.#proof);
			if (!(await isThere)) throw error;
			if (times === aloneMax) break;
			if (await this.#takesNow(alone)) {
				this.#taken([alone]);
				return;
			}
		}
		const reason = `it fails whenever it is written, and others do not: ${messageOf(error)}`;
		this.#writer.refused(alone, reason);
	}

	#taken(some: readonly Waiting[]): void {
		this.#hasTaken = true;
		this.#writer.taken(some);
	}

	#halve(part: readonly Waiting[]): void {
		const half = Math.ceil(part.length / 2);
		this.#parts.unshift(part.slice(0, half), part.slice(half));
	}

	async #mustTakeOthers(refused: Waiting, reason: string): Promise<void> {
		// To find out whether the other end refuses everything, something would have to be written before its turn.
		if (this.#writer.isOrdered) return;
		if (!this.#hasTaken && !(await this.#takesOthers(refused))) {
			throw new Error(`it refuses one result after the other: ${reason}`);
		}
	}

	/** The bad ones may all be of one user, whose orders are side by side: others shall not wait for those. */
	async #takesOthers(bad: Waiting, part: readonly Waiting[] = []): Promise<boolean> {
		const left = [...part, ...this.#parts.flat()];
		const ofAnother = left.findLast(({ delivered }) => delivered.order.user !== bad.delivered.order.user);
		const some = [ofAnother, left.at(-1), left[left.length >> 1], this.#writer.newest()];
		const samples = [...new Set(some)].filter((one) => one !== undefined && one !== null && one !== bad);
		for (const sample of this.#sampled(samples as Waiting[])) {
			if (!(await this.#takesNow(sample))) continue;
			this.#hasTaken = true;
			this.#proof = sample;
			return true;
		}
		return false;
	}

	/** Where the other end may just be away, one each time is enough. */
	#sampled(samples: readonly Waiting[]): readonly Waiting[] {
		const { searchRound } = this.#writer;
		if (searchRound === null || samples.length === 0) return samples;
		return samples.slice(searchRound % samples.length).slice(0, 1);
	}

	/** A sample is written again when its turn comes. */
	async #takesNow(sample: Waiting): Promise<boolean> {
		await this.#writer.ready();
		try {
			const verdicts = await this.#writer.write([sample]);
			return !Array.isArray(verdicts) || verdictOf(verdicts[0]) === 'taken';
		} catch (error) {
			if (wasRefused(error)) return refusedOnly(error, 1) !== null;
			if (this.#writer.searchRound !== null && !isOver(error)) return false;
			throw error;
		}
	}
}

/** What is no verdict says that nothing is known of it. */
function verdictOf(given: Verdict | undefined): Verdict {
	return given ?? { again: 'the sink says nothing of it' };
}
