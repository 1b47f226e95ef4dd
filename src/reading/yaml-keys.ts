import { type EventType, load, type Schema, type State } from 'js-yaml';

/** Characters: as many as the largest order file has. */
const filledInMax = 64 * 1024;

/** Lists stand for far more than their text says, and would be written out if they were keys. */
export class LongKeys extends Error {
	override readonly name = 'LongKeys';
	/** Counted from 1. */
	readonly line: number;

	constructor(line: number) {
		super(
			`has lists of more than ${filledInMax} characters with their aliases (*name) filled in. Use fewer aliases`,
		);
		this.line = line;
	}
}

/**
 * What a text of one YAML document says. A list may be a key, and js-yaml then makes one text of all that is in it:
 * with aliases (`? [*a, *a]`) a short text makes gigabytes. So what lists stand for is counted while they are read,
 * before anything is made of them.
 *
 * Throws `LongKeys` and js-yaml's `YAMLException`.
 */
export function loadBounded(text: string, schema: Schema): unknown {
	const lists = new Lists();
	return load(text, { schema, listener: (event, state) => lists.hear(event, state as NodeState) });
}

/** What js-yaml's types leave out. */
interface NodeState extends Omit<State, 'kind'> {
	readonly kind: string | null;
	readonly tag: string | null;
	readonly anchor: string | null;
}

class Lists {
	/** Characters that aliases have added to lists so far. */
	#filledIn = 0;
	/** Of each list that has been read, how many characters it is as one text. */
	readonly #lengths = new Map<unknown, number>();
	/** Where each node begins that is being read. */
	readonly #open: { readonly position: number; readonly line: number }[] = [];
	/** Where the last list or alias ended. A node that holds nothing but that is told, too, and ends there as well. */
	#endedAt = -1;

	hear(event: EventType, state: NodeState): void {
		const { position, line } = state;
		if (event === 'open') {
			this.#open.push({ position, line });
			return;
		}
		const begin = this.#open.pop() ?? { position, line };
		const result: unknown = state.result;
		if (!Array.isArray(result)) return;
		const isNew = position !== this.#endedAt;
		this.#endedAt = position;
		if (!isAlias(state)) this.#lengths.set(result, lengthOf(result));
		if (isNew) this.#filledIn += this.#addedBy(state, result, position - begin.position);
		if (this.#filledIn > filledInMax) throw new LongKeys(begin.line + 1);
	}

	#addedBy(state: NodeState, list: readonly unknown[], ownLength: number): number {
		// One that is not at its end yet has itself in it, and js-yaml makes no key of that.
		if (isAlias(state)) return this.#lengths.get(list) ?? 0;
		return Math.max(0, lengthOf(list.filter(isText)) - ownLength);
	}
}

/** An alias has no kind and no properties of its own, and brings what it stands for. */
function isAlias({ kind, tag, anchor }: NodeState): boolean {
	return kind === null && tag === null && anchor === null;
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

/** As one text, with a comma behind each. What is inside a list or mapping in it does not become text. */
function lengthOf(list: readonly unknown[]): number {
	return list.reduce<number>((sum, one) => sum + (typeof one === 'object' ? 16 : String(one).length + 1), 0);
}
