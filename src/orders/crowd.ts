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
	/** All that is there. */
	readonly #ids = new Set<string>();
	readonly #held = new Map<string, OrderFileSeen>();
	readonly #told = new Set<string>();
	readonly #unjudged = new Map<string, OrderFileSeen>();
	readonly #rejected = new Set<string>();

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
		this.#ids.add(id);
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
		for (const known of [this.#ids, this.#held, this.#unjudged, this.#rejected]) known.delete(id);
		return this.#told.delete(id);
	}

	/** Judges one file if there are so many that it matters. False when there is nothing to judge. */
	judge(): boolean {
		if (this.#ids.size <= rejectedMax || this.isFull) return false;
		const [next] = this.#unjudged;
		if (next === undefined) return false;
		const [id, file] = next;
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
		const [next] = this.#held;
		if (next === undefined) {
			if (this.#state === 'telling') this.#state = 'open';
			return null;
		}
		const [id, file] = next;
		this.#held.delete(id);
		this.#told.add(id);
		return file;
	}
}
