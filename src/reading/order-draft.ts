import { inWords } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt, firstUnprintable } from '../model/printable.ts';
import { isMapping, type Mapping, readAsWritten } from './yaml-mapping.ts';

/** The keys of an order while they are being read, and what was found wrong with them so far. */
export class OrderDraft {
	readonly mapping: Mapping;
	readonly findings: OrderFinding[] = [];
	/** Values that are not understood, of keys that are ours but were not always. */
	readonly notes: OrderFinding[] = [];
	readonly #text: string;
	/** The same keys, with every scalar as it was written; null when that cannot be told. Read when it is needed. */
	#written: Mapping | null | undefined;

	constructor(text: string, mapping: Mapping) {
		this.#text = text;
		this.mapping = mapping;
	}

	/** Notes what is wrong with a key. Null, to be returned in place of its value. */
	fault(key: string, message: string): null {
		this.findings.push({ key, message });
		return null;
	}

	/** Notes that the value of a key of ours is not understood. The order is measured as if it were not there. */
	note(key: string, message: string): void {
		this.notes.push({ key, message: `${message}. The order is measured as if this key were not there` });
	}

	/** What stands at `path`; undefined when nothing does, or a key without a value. */
	at(...path: readonly string[]): unknown {
		return valueAt(this.mapping, path) ?? undefined;
	}

	/** The text at `path`. Undefined when there is none, it is empty, or there is something wrong with it. */
	text(...path: readonly string[]): string | undefined {
		const value = this.at(...path);
		if (value === undefined) return undefined;
		const key = path.map(excerpt).join('.');
		if (typeof value === 'object') {
			this.fault(key, `must be text, not ${inWords(value)}`);
			return undefined;
		}
		const text = typeof value === 'string' ? value : this.#asWritten(path, value);
		const bad = firstUnprintable(text);
		if (bad === null) return text.trim() === '' ? undefined : text;
		this.fault(key, `holds the unprintable character ${bad}. Remove it`);
		return undefined;
	}

	/** `0042` and `1.10` are numbers to YAML, but as names they must stay what they are. */
	#asWritten(path: readonly string[], value: unknown): string {
		if (this.#written === undefined) this.#written = readAsWritten(this.#text);
		const written = this.#written === null ? undefined : valueAt(this.#written, path);
		return typeof written === 'string' ? written : String(value);
	}
}

function valueAt(mapping: Mapping, path: readonly string[]): unknown {
	let value: unknown = mapping;
	for (const key of path) {
		value = isMapping(value) ? value[key] : undefined;
	}
	return value;
}
