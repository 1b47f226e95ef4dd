import { type FactScalar, type Facts, type FactValue, isList } from '../model/facts.ts';
import { isMapping, readMapping } from '../reading/yaml-mapping.ts';
import { TextBytes } from './text-bytes.ts';

export const lastFactsName = 'last_facts';

/** What last_facts says: the start of the slot, seconds since the epoch, and what is known of it beyond the samples. */
export interface LastFactsFile {
	readonly time: number;
	readonly facts: Facts;
}

/** Texts of nearly the same length get the very same: a file that keeps its size is written at a fraction of the cost. */
const lengthStep = 128;

/** The text of last_facts: YAML, `time`, then each fact; those of pings are lists, in sending order. */
export function lastFactsText(file: LastFactsFile): string {
	const text = new TextBytes();
	putLastFacts(text, file);
	return text.toString();
}

/** Adds the text of last_facts to an empty text. */
export function putLastFacts(text: TextBytes, { time, facts }: LastFactsFile): void {
	text.put('time: ');
	text.putNumber(time);
	for (const name in facts) {
		const value = facts[name];
		if (value === undefined) continue;
		text.put('\n');
		text.put(name);
		text.put(': ');
		putValue(text, value);
	}
	const length = text.length + 1;
	text.putBlanks(Math.ceil(length / lengthStep) * lengthStep - length);
	text.put('\n');
}

function putValue(text: TextBytes, value: FactValue): void {
	if (!isList(value)) {
		putScalar(text, value);
		return;
	}
	text.put('[');
	for (let index = 0; index < value.length; index++) {
		if (index > 0) text.put(', ');
		putScalar(text, value[index] ?? null);
	}
	text.put(']');
}

/** A string in JSON is one in YAML, but for characters that YAML wants escaped. */
function putScalar(text: TextBytes, value: FactScalar | null): void {
	if (value === null) text.put('~');
	else if (typeof value === 'number') putNumber(text, value);
	else if (typeof value === 'boolean') text.put(value ? 'true' : 'false');
	else if (plain.test(value)) {
		text.put('"');
		text.put(value);
		text.put('"');
	} else text.put(JSON.stringify(value).replaceAll(unprintable, escaped));
}

function putNumber(text: TextBytes, value: number): void {
	const isPlain = Number.isInteger(value) ? Math.abs(value) < 1e21 : Math.abs(value) >= 1e-6;
	if (isPlain) text.putNumber(value);
	// Readers of YAML 1.1 take 1e-7 for text.
	else text.put(String(value).replace(/^(-?\d+)e/, '$1.0e'));
}

/** What needs no escape: nearly all strings. */
const plain = /^[ !#-[\]-~]*$/;
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Reads the text of last_facts. Null when it is none. Never throws. */
export function readLastFacts(text: string): LastFactsFile | null {
	const read = readMapping(text);
	if (!('mapping' in read) || !isMapping(read.mapping)) return null;
	const { time, ...facts } = read.mapping;
	if (typeof time !== 'number') return null;
	const known = Object.entries(facts).filter((entry): entry is [string, FactValue] => isFact(entry[1]));
	return { time, facts: Object.fromEntries(known) };
}

function isFact(value: unknown): value is FactValue {
	return Array.isArray(value) ? value.every((one) => one === null || isScalar(one)) : isScalar(value);
}

function isScalar(value: unknown): value is FactScalar {
	return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
