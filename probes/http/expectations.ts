import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { matches, patternOption } from '../shared/pattern.ts';
import type { Lost } from '../shared/timing/connect.ts';
import type { Failure } from '../shared/timing/pings.ts';
import { atPath, readJsonPath } from './json-path.ts';

/** What must stand in a body that is JSON. */
export interface JsonExpectation {
	readonly path: string;
	/** What must be there; undefined: anything. */
	readonly value?: string | number | boolean | null | undefined;
}

/** What an answer must be like. Plain data. */
export interface Expectations {
	/** `200`, or `200-399`, both ends included. */
	readonly status: readonly string[];
	/** Patterns. */
	readonly match?: readonly string[] | undefined;
	readonly not_match?: readonly string[] | undefined;
	readonly json?: readonly JsonExpectation[] | undefined;
}

const statusExample = 'Write a code, a range or a list, such as 200, 200-299 or [200, 301-308]';

/** `200`, `200-299`, `200,204` or a list of these: ascending. */
const writtenStatus = once(() =>
	z.unknown().transform((value, context): string[] => {
		const complain = (message: string) => {
			context.addIssue({ code: 'custom', message });
			return z.NEVER;
		};
		const parts = (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
			typeof one === 'string' ? one.split(',') : [one],
		);
		const ranges: [number, number][] = [];
		for (const part of parts) {
			const text = typeof part === 'number' || typeof part === 'string' ? String(part).trim() : '';
			const [, from, to = from] = /^([1-9]\d\d)(?: ?- ?([1-9]\d\d))?$/.exec(text) ?? [];
			if (from === undefined) return complain(`is not a status: ${inWords(part)}. ${statusExample}`);
			if (Number(to) < Number(from))
				return complain(`has a range that ends before it begins: ${inWords(part)}`);
			ranges.push([Number(from), Number(to)]);
		}
		if (ranges.length === 0) return complain(`has no status in it. ${statusExample}`);
		ranges.sort(([a, b], [c, d]) => a - c || b - d);
		return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
	}),
);

export const statusOption = writtenStatus().default(['200-399']);

const listMax = 20;
const tooLong = `has more than ${listMax} entries`;

/** One or a list. */
function oneOrMore<T>(one: z.ZodType<T>) {
	return z
		.preprocess(
			(value) => (value === undefined || Array.isArray(value) ? value : [value]),
			z.array(one).min(1).max(listMax, tooLong),
		)
		.optional();
}

export const patternsOption = oneOrMore(patternOption());

export const jsonOption = oneOrMore(
	z.strictObject({
		path: z.string().refine((path) => readJsonPath(path) !== null, {
			message: 'is no path into JSON. Write one such as status.checks[0].ok',
		}),
		value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
	}),
);

/** Whether the body is needed to judge an answer. */
export function needsBody({ match, not_match: notMatch, json }: Expectations): boolean {
	return match !== undefined || notMatch !== undefined || json !== undefined;
}

/** Why the status is not as expected; null when it is. */
export function wrongWithStatus(status: number, { status: ranges }: Expectations): string | null {
	const isExpected = ranges.some((range) => {
		const [from = 0, to = from] = range.split('-').map(Number);
		return status >= from && status <= to;
	});
	return isExpected ? null : `status ${status}`;
}

/**
 * What is wrong with a body, or null. A pattern that takes too long tells nothing of the server.
 *
 * @param isCut whether the body is longer than what was read of it
 */
export function wrongWithBody(
	body: string,
	{ match = [], not_match: notMatch = [], json = [] }: Expectations,
	isCut: boolean,
): Lost | Failure | null {
	const within = isCut ? ' in the part that was read' : '';
	for (const [patterns, wanted] of [
		[match, true],
		[notMatch, false],
	] as const) {
		for (const pattern of patterns) {
			const found = matches(pattern, body);
			if (typeof found !== 'boolean') return { failure: found.tooLong, code: 'limited' };
			if (found !== wanted)
				return { lossReason: wanted ? `no match of ${pattern}${within}` : `matches ${pattern}` };
		}
	}
	return json.length === 0 ? null : wrongWithJson(body, json, isCut);
}

function wrongWithJson(body: string, json: readonly JsonExpectation[], isCut: boolean): Lost | null {
	if (isCut) return { lossReason: 'body too long for JSON' };
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return { lossReason: 'body is not JSON' };
	}
	for (const { path, value } of json) {
		const found = atPath(parsed, readJsonPath(path) ?? []);
		if (found === undefined) return { lossReason: `JSON has no ${path}` };
		// Applications write numbers as text, and servers too.
		const isScalar = typeof found !== 'object' || found === null;
		if (value === undefined || (isScalar && String(found) === String(value))) continue;
		return { lossReason: `JSON: ${path} is ${isScalar ? String(found) : inWords(found)}` };
	}
	return null;
}
