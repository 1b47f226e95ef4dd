import type { Buckets } from '../../model/histogram.ts';

/** What a family of metrics is. `legacyCounter` is a counter whose name lacks `_total`, as some neighbours have them. */
export type MetricKind = 'counter' | 'legacyCounter' | 'gauge' | 'histogram' | 'info';

export interface MetricFamily {
	/** As its samples are called: counters with `_total`, infos with `_info`. */
	readonly name: string;
	readonly help: string;
	readonly kind: MetricKind;
}

/** What a histogram says of one series. */
export interface HistogramValue {
	readonly count: number;
	readonly sum: number;
	/** Upper bounds of the classic buckets, ascending, without infinity, and how many values each has up to it. */
	readonly classic: readonly (readonly [bound: number, cumulative: number])[];
	/** The native buckets, asked for where they are written, and their schema. Null: this family has classic ones alone. */
	readonly native: { readonly schema: number; buckets(): Buckets } | null;
}

/** Writes metrics in one of Prometheus' formats. What has been written is taken from time to time with `take`. */
export interface ExpositionWriter {
	readonly contentType: string;
	/** Begins a family; the samples that follow are its own. */
	family(family: MetricFamily): void;
	sample(labels: Labels, value: number): void;
	histogram(labels: Labels, value: HistogramValue): void;
	/** What can be sent of what was written since the last call. */
	take(): string | Buffer;
	/** Ends the last family and the whole. `take` then gives the rest. */
	end(): void;
}

/** Labels of a series, escaped once for all formats and scrapes. */
export class Labels {
	readonly pairs: readonly (readonly [name: string, value: string])[];
	#text: string | null = null;
	#braced: string | null = null;
	#message: Buffer | null = null;

	constructor(pairs: readonly (readonly [name: string, value: string])[]) {
		this.pairs = pairs;
	}

	/** `order="core/a",pop="zrh"`, without braces. */
	get text(): string {
		this.#text ??= this.pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',');
		return this.#text;
	}

	/** The same with braces; nothing when there are none. */
	get braced(): string {
		this.#braced ??= this.text === '' ? '' : `{${this.text}}`;
		return this.#braced;
	}

	/** The bytes that `make` gives for them, made once. */
	message(make: (pairs: Labels['pairs']) => Buffer): Buffer {
		this.#message ??= make(this.pairs);
		return this.#message;
	}
}

function escapeValue(value: string): string {
	return /[\\"\n]/.test(value)
		? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
		: value;
}
