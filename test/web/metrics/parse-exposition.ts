/** Readers of the exposition formats, written from their specifications alone: what the writers are judged by. */

export interface ReadSample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** The samples of Prometheus' text format or OpenMetrics. Throws at a line that is neither sample nor comment. */
export function parseText(text: string): ReadSample[] {
	return text
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map(parseLine);
}

function parseLine(line: string): ReadSample {
	const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
	if (name === undefined) throw new Error(`no name: ${line}`);
	const labels: Record<string, string> = {};
	let at = name.length;
	if (line[at] === '{') {
		at++;
		while (line[at] !== '}') {
			const label = /^[a-zA-Z_][a-zA-Z0-9_]*/.exec(line.slice(at))?.[0];
			if (label === undefined || !line.startsWith('="', at + label.length))
				throw new Error(`no label: ${line}`);
			if (label in labels) throw new Error(`label twice: ${line}`);
			at += label.length + 2;
			let value = '';
			for (; line[at] !== '"'; at++) {
				if (at >= line.length) throw new Error(`no end: ${line}`);
				if (line[at] !== '\\') value += line[at];
				else {
					at++;
					const escaped = { n: '\n', '"': '"', '\\': '\\' }[line[at] ?? ''];
					if (escaped === undefined) throw new Error(`odd escape: ${line}`);
					value += escaped;
				}
			}
			labels[label] = value;
			at++;
			if (line[at] === ',') at++;
			else if (line[at] !== '}') throw new Error(`no comma: ${line}`);
		}
		at++;
	}
	const value = /^ (\S+)$/.exec(line.slice(at))?.[1];
	if (value === undefined) throw new Error(`no value: ${line}`);
	return { name, labels, value: numberOf(value) };
}

function numberOf(text: string): number {
	if (text === '+Inf') return Number.POSITIVE_INFINITY;
	if (text === '-Inf') return Number.NEGATIVE_INFINITY;
	if (text !== 'NaN' && !/^[-+]?\d/.test(text)) throw new Error(`no number: ${text}`);
	return Number(text);
}

interface Field {
	readonly field: number;
	readonly value: bigint | number | Buffer;
}

function fieldsOf(bytes: Buffer): Field[] {
	const fields: Field[] = [];
	let at = 0;
	const varint = () => {
		let value = 0n;
		for (let shift = 0n; ; shift += 7n) {
			const byte = bytes[at++];
			if (byte === undefined) throw new Error('torn varint');
			value |= BigInt(byte & 127) << shift;
			if (byte < 128) return value;
		}
	};
	while (at < bytes.length) {
		const tag = Number(varint());
		const field = tag >> 3;
		if ((tag & 7) === 0) fields.push({ field, value: varint() });
		else if ((tag & 7) === 1) {
			fields.push({ field, value: bytes.readDoubleLE(at) });
			at += 8;
		} else if ((tag & 7) === 2) {
			const length = Number(varint());
			if (at + length > bytes.length) throw new Error('torn field');
			fields.push({ field, value: bytes.subarray(at, at + length) });
			at += length;
		} else throw new Error(`wire type ${tag & 7}`);
	}
	return fields;
}

const zigzag = (value: bigint) => Number((value >> 1n) ^ -(value & 1n));

export interface ReadMetric {
	readonly labels: Readonly<Record<string, string>>;
	readonly value?: number;
	readonly histogram?: {
		readonly count: number;
		readonly sum: number;
		readonly schema: number | null;
		readonly classic: readonly (readonly [number, number])[];
		readonly native: readonly (readonly [number, number])[];
	};
}

/** Length-delimited MetricFamily messages. */
export function parseProtobuf(stream: Buffer): { name: string; type: number; metrics: ReadMetric[] }[] {
	const families = [];
	for (let at = 0; at < stream.length; ) {
		let length = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = stream[at++] ?? 0;
			length += (byte & 127) * 2 ** shift;
			if (byte < 128) break;
		}
		const fields = fieldsOf(stream.subarray(at, at + length));
		at += length;
		families.push({
			name: String(fields.find(({ field }) => field === 1)?.value),
			type: Number(fields.find(({ field }) => field === 3)?.value),
			metrics: fields.filter(({ field }) => field === 4).map(({ value }) => metricOf(value as Buffer)),
		});
	}
	return families;
}

function metricOf(bytes: Buffer): ReadMetric {
	const fields = fieldsOf(bytes);
	const labels = Object.fromEntries(
		fields
			.filter(({ field }) => field === 1)
			.map(({ value }) => fieldsOf(value as Buffer).map((pair) => String(pair.value))),
	);
	const histogram = fields.find(({ field }) => field === 7);
	if (histogram !== undefined) return { labels, histogram: histogramOf(fieldsOf(histogram.value as Buffer)) };
	const value = fields.find(({ field }) => field === 2 || field === 3);
	return { labels, value: fieldsOf(value?.value as Buffer)[0]?.value as number };
}

function histogramOf(fields: readonly Field[]) {
	const one = (field: number) => fields.find((entry) => entry.field === field)?.value;
	const many = (field: number) => fields.filter((entry) => entry.field === field).map(({ value }) => value);
	const deltas = many(13).map((value) => zigzag(value as bigint));
	const native: [number, number][] = [];
	let index = 0;
	let count = 0;
	let used = 0;
	for (const span of many(12)) {
		const parts = fieldsOf(span as Buffer);
		index += zigzag((parts.find(({ field }) => field === 1)?.value ?? 0n) as bigint);
		const length = Number(parts.find(({ field }) => field === 2)?.value ?? 0n);
		for (let at = 0; at < length; at++) {
			count += deltas[used++] ?? Number.NaN;
			if (count > 0) native.push([index, count]);
			index++;
		}
	}
	if (used !== deltas.length) throw new Error('deltas without a span');
	const schema = one(5);
	return {
		count: Number(one(1)),
		sum: one(2) as number,
		schema: schema === undefined ? null : zigzag(schema as bigint),
		classic: many(3).map((bucket) => {
			const [cumulative, bound] = fieldsOf(bucket as Buffer);
			return [bound?.value as number, Number(cumulative?.value)] as const;
		}),
		native,
	};
}
