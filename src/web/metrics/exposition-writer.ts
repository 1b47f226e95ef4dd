import type { ExpositionFormat, HistogramValue, Labels, MetricFamily, SeriesWriter } from './exposition.ts';

/** Bytes are made of so much text at a time. */
const pieceLength = 64 * 1024;

/** Writes metrics in one of Prometheus' formats, family by family. `take` gives what can be sent so far. */
export class ExpositionWriter implements SeriesWriter {
	readonly format: ExpositionFormat;
	#family: MetricFamily | null = null;
	#text = '';
	#ready: Buffer[] = [];
	/** Of the open family, where its head must wait for its end. */
	#held: Buffer[] = [];

	constructor(format: ExpositionFormat) {
		this.format = format;
	}

	get contentType(): string {
		return this.format.contentType;
	}

	/** Begins a family; the series that follow are its own. */
	family(family: MetricFamily): void {
		this.#close();
		this.#family = family;
		if (!this.format.isFramed) this.add(this.format.head(family, 0));
	}

	sample(labels: Labels, value: number): void {
		if (this.#family !== null) this.add(this.format.sample(this.#family, labels, value));
	}

	histogram(labels: Labels, value: HistogramValue): void {
		if (this.#family !== null) this.add(this.format.histogram(this.#family, labels, value));
	}

	/** Series of the family that are written already, by `seriesText`. */
	add(text: string): void {
		this.#text += text;
		if (this.#text.length >= pieceLength) this.#cut();
	}

	/** Ends the last family and the whole. `take` then gives the rest. */
	end(): void {
		this.#close();
		this.#family = null;
		this.add(this.format.tail);
		this.#cut();
	}

	/** What can be sent of what was written since the last call. */
	take(): Buffer {
		if (!this.format.isFramed) this.#cut();
		const ready = this.#ready;
		this.#ready = [];
		return ready.length === 1 && ready[0] !== undefined ? ready[0] : Buffer.concat(ready);
	}

	#cut(): void {
		if (this.#text === '') return;
		const isHeld = this.format.isFramed && this.#family !== null;
		(isHeld ? this.#held : this.#ready).push(Buffer.from(this.#text, this.format.encoding));
		this.#text = '';
	}

	#close(): void {
		this.#cut();
		if (!this.format.isFramed || this.#family === null) return;
		const bytes = this.#held.reduce((sum, { length }) => sum + length, 0);
		const head = this.format.head(this.#family, bytes);
		this.#ready.push(Buffer.from(head, this.format.encoding), ...this.#held);
		this.#held = [];
	}
}

/** The series of a family as a format writes them, to be kept and given to `ExpositionWriter.add` again and again. */
export function seriesText(
	format: ExpositionFormat,
	family: MetricFamily,
	write: (writer: SeriesWriter) => void,
): string {
	let text = '';
	write({
		sample: (labels, value) => {
			text += format.sample(family, labels, value);
		},
		histogram: (labels, value) => {
			text += format.histogram(family, labels, value);
		},
	});
	return text;
}
