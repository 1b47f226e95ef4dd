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

/** Takes the series of a family. */
export interface SeriesWriter {
	sample(labels: Labels, value: number): void;
	histogram(labels: Labels, value: HistogramValue): void;
}

/** One of Prometheus' formats: how a series is written in it, and what stands around the series of a family. */
export interface ExpositionFormat {
	readonly contentType: string;
	/** How its texts become bytes. Those of a binary format have a character a byte. */
	readonly encoding: 'utf8' | 'latin1';
	/** The head of a family says how long the family is, so it can be written only when all of it is known. */
	readonly isFramed: boolean;
	/** @param bytes of all series of the family, for formats that are framed */
	head(family: MetricFamily, bytes: number): string;
	sample(family: MetricFamily, labels: Labels, value: number): string;
	histogram(family: MetricFamily, labels: Labels, value: HistogramValue): string;
	/** What ends the whole. */
	readonly tail: string;
}

/** Labels of a series, escaped once for all formats and scrapes. */
export class Labels {
	readonly pairs: readonly (readonly [name: string, value: string])[];
	#text: string | null = null;
	#braced: string | null = null;
	#message: string | null = null;

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

	/** What `make` gives for them, made once. */
	message(make: (pairs: Labels['pairs']) => string): string {
		this.#message ??= make(this.pairs);
		return this.#message;
	}
}

function escapeValue(value: string): string {
	return /[\\"\n]/.test(value)
		? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
		: value;
}
