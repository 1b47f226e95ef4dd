import { type FactScalar, type Facts, type FactValue, isList } from '../model/facts.ts';
import { isMapping, readMapping } from '../reading/yaml-mapping.ts';

export const lastFactsName = 'last_facts';

/** What last_facts says: the start of the slot, seconds since the epoch, and what is known of it beyond the samples. */
export interface LastFactsFile {
	readonly time: number;
	readonly facts: Facts;
}

/** Texts of nearly the same length get the very same: a file that keeps its size is written at a fraction of the cost. */
const lengthStep = 128;

/** The text of last_facts: YAML, `time`, then each fact; those of pings are lists, in sending order. */
export function lastFactsText({ time, facts }: LastFactsFile): string {
	let text = `time: ${time}`;
	for (const name in facts) {
		const value = facts[name];
		if (value !== undefined) text += `\n${name}: ${valueText(value)}`;
	}
	const length = Buffer.byteLength(text) + 1;
	return `${text}${padding.slice(0, Math.ceil(length / lengthStep) * lengthStep - length)}\n`;
}

const padding = ' '.repeat(lengthStep);

function valueText(value: FactValue): string {
	return isList(value) ? `[${value.map(scalarText).join(', ')}]` : scalarText(value);
}

/** A string in JSON is one in YAML, but for characters that YAML wants escaped. */
function scalarText(value: FactScalar | null): string {
	if (value === null) return '~';
	if (typeof value === 'string')
		return plain.test(value) ? `"${value}"` : JSON.stringify(value).replaceAll(unprintable, escaped);
	const text = String(value);
	// Readers of YAML 1.1 take 1e-7 for text.
	return typeof value === 'number' && text.includes('e') ? text.replace(/^(-?\d+)e/, '$1.0e') : text;
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
