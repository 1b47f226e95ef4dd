import type { OrderFileSeen } from './seen.ts';

/** When more files behind a link are rejected, then the link is. */
const rejectedMax = 1000;

export const crowdedReason = `more than ${rejectedMax} files behind this link are no orders. Let it lead to a folder of orders, and make it anew`;

/**
 * What was found behind one link, but not behind further links in there. Nobody is told of any of it before all of it
 * was seen: a link to the wrong folder is one fault, not thousands.
 *
 * Files are judged only when there are so many that it matters.
 */
export class Crowd {
	readonly #isOrder: (file: OrderFileSeen) => boolean;
	/** Visits of folders that are not over yet. */
	visits = 0;
	/** `holding`: nobody is told. `telling`: what was held is being told. `refused`: nobody will be told. */
	#state: 'holding' | 'telling' | 'open' | 'refused' = 'holding';
	readonly #held = new Map<string, OrderFileSeen>();
	readonly #told = new Set<string>();
	readonly #unjudged = new Map<string, OrderFileSeen>();
	readonly #rejected = new Set<string>();
	/** Kept: to find the first one anew each time takes longer the more are done. */
	#judging = this.#unjudged.entries();
	#releasing = this.#held.entries();

	/** @param isOrder reads a file */
	constructor(isOrder: (file: OrderFileSeen) => boolean) {
		this.#isOrder = isOrder;
	}

	get isFull(): boolean {
		return this.#rejected.size > rejectedMax;
	}

	/** A file is new or has changed. True when it is to be told now. */
	take(file: OrderFileSeen): boolean {
		const { id } = file;
		this.#rejected.delete(id);
		if (file.refusal === undefined) this.#unjudged.set(id, file);
		else {
			this.#unjudged.delete(id);
			this.#rejected.add(id);
		}
		if (this.#state === 'open') this.#told.add(id);
		else if (this.#state !== 'refused') this.#held.set(id, file);
		return this.#state === 'open';
	}

	/** A file is gone. True when it had been told. */
	forget(id: string): boolean {
		for (const known of [this.#held, this.#unjudged, this.#rejected]) known.delete(id);
		return this.#told.delete(id);
	}

	/** Judges one file if there are so many that it matters. False when there is nothing to judge. */
	judge(): boolean {
		const atMost = this.#rejected.size + this.#unjudged.size;
		if (atMost <= rejectedMax || this.isFull) return false;
		const next = this.#judging.next();
		if (next.done === true) {
			// What came meanwhile is for the next time.
			this.#judging = this.#unjudged.entries();
			return this.#unjudged.size > 0;
		}
		const [id, file] = next.value;
		this.#unjudged.delete(id);
		if (!this.#isOrder(file)) this.#rejected.add(id);
		return true;
	}

	/** The link is refused: what was not told never is. */
	refuse(): void {
		this.#state = 'refused';
		this.#held.clear();
	}

	/** All was seen: a file that was held and is to be told, until there are none; from then on they are told at once. */
	release(): OrderFileSeen | null {
		if (this.#state === 'holding') this.#state = 'telling';
		const next = this.#releasing.next();
		if (next.done === true) {
			if (this.#state === 'telling' && this.#held.size === 0) this.#state = 'open';
			this.#releasing = this.#held.entries();
			return null;
		}
		const [id, file] = next.value;
		this.#held.delete(id);
		this.#told.add(id);
		return file;
	}
}
