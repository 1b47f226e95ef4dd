import { CORE_SCHEMA, FAILSAFE_SCHEMA, YAMLException } from 'js-yaml';
import { inWords } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt } from '../model/printable.ts';
import { plainMapping } from './plain-yaml.ts';
import { LongKeys, loadBounded } from './yaml-keys.ts';

/** Keys and values as they stand in a YAML text. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a text that holds one YAML document (core schema), a mapping at its root. Null: there is nothing in it.
 * Never throws.
 */
export function readMapping(
	text: string,
): { readonly mapping: Mapping | null } | { readonly finding: OrderFinding } {
	const plain = plainMapping(text);
	if (plain !== null) return { mapping: plain };
	const nullAt = text.indexOf('\0');
	if (nullAt !== -1) {
		return {
			finding: { line: lineAt(text, nullAt), message: 'holds a null byte. Save it as plain UTF-8 text' },
		};
	}
	try {
		const root: unknown = loadBounded(text, CORE_SCHEMA);
		if (root === undefined || root === null) return { mapping: null };
		if (isMapping(root)) return { mapping: root };
		const message = `must be a mapping of keys to values, not ${typeof root === 'string' ? 'plain text' : inWords(root)}. Write each as key: value, on a line of its own`;
		return { finding: { message } };
	} catch (error) {
		return { finding: findingOf(error, text) };
	}
}

/**
 * The same mapping with every scalar as it was written: `007` and `1.10` where the core schema has the numbers 7 and
 * 1.1. Null when the text uses explicit types, which cannot be read in this way.
 */
export function readAsWritten(text: string): Mapping | null {
	try {
		const root: unknown = loadBounded(text, FAILSAFE_SCHEMA);
		return isMapping(root) ? root : null;
	} catch {
		return null;
	}
}

/** What js-yaml says, in words for somebody who has not read the YAML specification, with the remedy. */
const plainWords: readonly (readonly [reasonStart: string, words: string])[] = [
	['tab characters', 'a tab in the indentation. Indent with spaces'],
	['bad indentation', misplaced()],
	['missing indentation', misplaced()],
	['can not read', notKeyAndValue()],
	['end of the stream or a document', notKeyAndValue()],
	['a whitespace character', notKeyAndValue()],
	['unexpected end', 'a quote or bracket is not closed. Close it'],
	['missed comma', 'a comma or a closing bracket is missing. Write it'],
	['unknown tag', meantAsText('!')],
	['undeclared tag', meantAsText('!')],
	['unidentified alias', meantAsText('*')],
	['unknown escape', 'an unknown escape after a backslash. Write \\\\ for a backslash, or use single quotes'],
	['the stream contains non-printable', 'a control character. Save it as plain UTF-8 text'],
	['nesting exceeded', 'too many lists or mappings inside each other. Write fewer'],
];

function misplaced(): string {
	return 'wrong indentation, or a character such as : or @ outside quotes. Indent keys that belong together alike, and put such text in quotes';
}

function notKeyAndValue(): string {
	return 'not a key and its value, here or on the line before. Write key: value, with a space after the colon';
}

function meantAsText(character: string): string {
	return `${character} has a meaning of its own at the start of a value. Put the value in quotes`;
}

function findingOf(error: unknown, text: string): OrderFinding {
	if (error instanceof LongKeys) return { line: error.line, message: error.message };
	if (!(error instanceof YAMLException)) return { message: `not valid YAML: ${excerpt(String(error))}` };
	// Its types do not know the one fault that js-yaml finds in no line in particular.
	const mark = error.mark as typeof error.mark | undefined;
	if (mark === undefined)
		return { message: 'holds more than one YAML document. Write one, without --- in between' };
	const line = Math.min(mark.line + 1, lineAt(text, text.trimEnd().length));
	if (error.reason === 'duplicated mapping key') {
		const [key = ''] = /^[^:\s]*/.exec(text.slice(mark.position)) ?? [];
		return { line, message: `the key ${excerpt(key)} is written twice. Keep one of them` };
	}
	const words = plainWords.find(([start]) => error.reason.startsWith(start))?.[1] ?? excerpt(error.reason);
	return { line, message: `not valid YAML: ${words}` };
}

/** Counted from 1. */
function lineAt(text: string, position: number): number {
	return text.slice(0, position).split('\n').length;
}

/** Characters: as many as the largest order file has. */
const expandedMax = 64 * 1024;

/**
 * Whether `value` holds more than an order file can. Aliases (`*name`) let a short text stand for gigabytes, or
 * for something that holds itself. Counts without recursion and gives up early.
 */
export function isBlownUp(value: unknown): boolean {
	const open = [value];
	let size = 0;
	while (open.length > 0) {
		const part = open.pop();
		size += typeof part === 'string' ? part.length + 1 : 1;
		if (typeof part === 'object' && part !== null) {
			for (const [key, inner] of Object.entries(part)) {
				if (!Array.isArray(part)) size += key.length;
				open.push(inner);
			}
		}
		if (size + open.length > expandedMax) return true;
	}
	return false;
}

export const blownUp = `holds more than ${expandedMax} characters with its aliases (*name) filled in. Use fewer aliases`;
