import type { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { nearest } from '../model/nearest.ts';

export const missing = 'is missing';

/**
 * What is wrong, said to somebody who writes YAML and has never heard of zod.
 *
 * @param input what was written
 * @returns undefined where zod's own words will do
 */
export function plainWords(issue: z.core.$ZodRawIssue, input: unknown): string | undefined {
	switch (issue.code) {
		case 'invalid_type':
			return input === undefined ? missing : wrongType(issue.expected, input);
		case 'invalid_value':
			return input === undefined ? missing : notOneOf(issue.values.map(String), input);
		case 'too_small':
			return outside(
				issue.origin,
				`${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`,
				input,
			);
		case 'too_big':
			return outside(
				issue.origin,
				`${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`,
				input,
			);
		case 'not_multiple_of':
			return `must be a multiple of ${issue.divisor}, not ${inWords(input)}`;
		case 'invalid_format':
			return `must be ${formats[issue.format] ?? 'of another form'}, not ${inWords(input)}`;
		case 'invalid_union':
			return noneOf(issue.errors, input);
		case 'custom':
			return `is not valid: ${inWords(input)}`;
		default:
			return undefined;
	}
}

const types: Readonly<Record<string, string>> = {
	string: 'text',
	number: 'a number',
	int: 'a whole number',
	boolean: 'true or false',
	array: 'a list',
	object: 'a mapping',
	record: 'a mapping',
};

const formats: Readonly<Record<string, string>> = {
	ipv4: 'an IPv4 address',
	ipv6: 'an IPv6 address',
	url: 'a URL',
	hostname: 'a host name',
};

function wrongType(expected: string, input: unknown): string {
	const message = `must be ${types[expected] ?? expected}, not ${inWords(input)}`;
	const isUnquoted = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean');
	return isUnquoted ? `${message}. Put it in quotes` : message;
}

function notOneOf(values: readonly string[], input: unknown): string {
	const near = typeof input === 'string' ? nearest(input, values) : null;
	const hint = near === null ? '' : `. Did you mean ${near}?`;
	return `must be one of ${values.join(', ')}, not ${inWords(input)}${hint}`;
}

/** `range`: `at least 10`, say. */
function outside(origin: string, range: string, input: unknown): string {
	if (input === '') return 'is empty. Write a value, or leave it out';
	if (origin === 'string') return `must have ${range} characters: ${inWords(input)}`;
	return origin === 'array' ? `must have ${range} entries` : `must be ${range}, not ${inWords(input)}`;
}

function noneOf(errors: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
	if (input === undefined) return missing;
	const expected = errors.map(([first]) =>
		first?.code === 'invalid_type' && first.path.length === 0 ? types[first.expected] : undefined,
	);
	if (expected.every((type) => type !== undefined)) {
		return `must be ${expected.join(' or ')}, not ${inWords(input)}`;
	}
	// The alternative of the right type says best what is wrong.
	const closest = errors.find((_, index) => expected[index] === undefined);
	return closest?.[0]?.message ?? `is not valid: ${inWords(input)}`;
}
