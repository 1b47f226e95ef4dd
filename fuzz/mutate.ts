/** Numbers from 0 up to 1, always the same from one seed (mulberry32). */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export interface MutateOptions {
	readonly random: () => number;
	/** Others to take pieces from. */
	readonly corpus: readonly Buffer[];
	readonly words: readonly string[];
	/** Longer results are cut. Bytes. */
	readonly maxBytes: number;
}

/** Changes an input in a few random ways. */
export function mutate(input: Buffer, options: MutateOptions): Buffer {
	let bytes = input;
	for (let left = 1 + below(6, options.random); left > 0; left--) {
		const change = changes[below(changes.length, options.random)] as Change;
		bytes = change(Buffer.from(bytes), options).subarray(0, options.maxBytes);
	}
	return bytes;
}

type Change = (bytes: Buffer, options: MutateOptions) => Buffer;

const oddWords = [
	...[
		'',
		'\0',
		'\n',
		'\r\n',
		'\t',
		' ',
		'-',
		'--',
		'~',
		':',
		'#',
		'&a ',
		'*a',
		'!!js/function',
		'<<: ',
		'---\n',
	],
	...[
		'__proto__',
		'constructor',
		'null',
		'.nan',
		'.inf',
		'-.inf',
		'0x7fffffff',
		'1e309',
		'-0',
		'1e-400',
		'0o17',
	],
	...[
		'9007199254740993',
		'18446744073709551616',
		'../',
		'\x1b[2J',
		'\u202e',
		'\ufeff',
		'\ud800',
		'💥',
		'[[[[',
		'{{{{',
	],
];

const oddNumbers = [0, 1, -1, 127, 255, 2 ** 15, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

const changes: readonly Change[] = [
	function flipBit(bytes, { random }) {
		if (bytes.length > 0) {
			const at = below(bytes.length, random);
			bytes[at] = (bytes[at] as number) ^ (1 << below(8, random));
		}
		return bytes;
	},
	function setByte(bytes, { random }) {
		if (bytes.length > 0) bytes[below(bytes.length, random)] = below(256, random);
		return bytes;
	},
	function setNumber(bytes, { random }) {
		const value = oddNumbers[below(oddNumbers.length, random)] as number;
		if (bytes.length < 8) return bytes;
		const at = below(bytes.length - 7, random) & (random() < 0.7 ? ~7 : ~0);
		if (random() < 0.5) bytes.writeInt32LE(value | 0, at);
		else bytes.writeDoubleLE(random() < 0.3 ? Number.NaN : value * 10 ** below(30, random), at);
		return bytes;
	},
	function removePart(bytes, { random }) {
		const [from, to] = range(bytes, random);
		return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
	},
	function repeatPart(bytes, { random }) {
		const [from, to] = range(bytes, random);
		const part = bytes.subarray(from, to);
		const times = random() < 0.1 ? 1000 : 1 + below(4, random);
		return Buffer.concat([bytes.subarray(0, to), ...new Array<Buffer>(times).fill(part), bytes.subarray(to)]);
	},
	function cut(bytes, { random }) {
		return bytes.subarray(0, below(bytes.length + 1, random));
	},
	function insertWord(bytes, { random, words }) {
		const known = random() < 0.6 && words.length > 0 ? words : oddWords;
		const at = below(bytes.length + 1, random);
		const word = Buffer.from(known[below(known.length, random)] as string);
		return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)]);
	},
	function insertOther(bytes, { random, corpus }) {
		const other = corpus[below(corpus.length, random)] ?? bytes;
		const [from, to] = range(other, random);
		const at = below(bytes.length + 1, random);
		const rest = bytes.subarray(random() < 0.5 ? at : Math.min(bytes.length, at + to - from));
		return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), rest]);
	},
	function changeNumber(bytes, { random }) {
		const text = bytes.toString('latin1');
		const found = [...text.matchAll(/\d+/g)];
		const one = found[below(found.length, random)];
		if (one === undefined) return bytes;
		const value = String(oddNumbers[below(oddNumbers.length, random)]);
		return Buffer.from(text.slice(0, one.index) + value + text.slice(one.index + one[0].length), 'latin1');
	},
];

function below(limit: number, random: () => number): number {
	return Math.floor(random() * limit);
}

/** Mostly short ones. */
function range(bytes: Buffer, random: () => number): [number, number] {
	const from = below(bytes.length + 1, random);
	const most = random() < 0.8 ? 16 : bytes.length;
	return [from, Math.min(bytes.length, from + below(most + 1, random))];
}
