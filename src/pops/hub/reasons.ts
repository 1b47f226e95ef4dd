import { popFolderOf } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';

const reasonsMax = 10_000;

/** Why points of presence do not measure orders, as they tell it. */
export class Reasons {
	/** By point of presence and id. */
	readonly #told = new Map<string, ReadonlyMap<string, string>>();
	readonly #reason: (folder: string, message: string | null) => void;

	/** `reason` is told of each folder `ID/@POP`; null: it is measured. */
	constructor(reason: (folder: string, message: string | null) => void) {
		this.#reason = reason;
	}

	/** Takes all reasons that a point of presence has now. */
	hear(pop: string, told: Readonly<Record<string, string>>, isAsked: (id: string) => boolean): void {
		const reasons = new Map(
			Object.entries(told)
				.slice(0, reasonsMax)
				.filter(([id]) => isAsked(id))
				.map(([id, message]) => [id, printable(message)] as const),
		);
		for (const id of this.#told.get(pop)?.keys() ?? [])
			if (!reasons.has(id)) this.#reason(popFolderOf(id, pop), null);
		for (const [id, message] of reasons) this.#reason(popFolderOf(id, pop), message);
		this.#told.set(pop, reasons);
	}

	forget(pop: string): void {
		this.#told.delete(pop);
	}
}
