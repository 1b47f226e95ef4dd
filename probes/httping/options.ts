import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { firstUnprintable } from '../../src/model/printable.ts';
import { spanAsNumber } from '../../src/model/span.ts';
import { type ReadText, readProxy, readUrl } from './url.ts';

export interface HttpingOptions extends Readonly<Record<string, unknown>> {
	/** As the WHATWG writes it; with user and password, if it has them. */
	readonly url: string;
	readonly user_agent?: string | undefined;
	/** `http://user:password@host:port/`; without the port if it is 80. */
	readonly proxy?: string | undefined;
	/** Status codes, ascending, that count as lost. */
	readonly http_codes_as_failure?: readonly number[] | undefined;
	/** Seconds between the pings to one URL. */
	readonly interval?: number | undefined;
}

/** Pings that follow each other more closely may be taken for an attack. */
const leastIntervalSeconds = 0.1;
/** httping 2.5 counts microseconds in 32 bits. */
export const longestIntervalSeconds = 4000;
const agentLengthMax = 500;

const trimmed = once(() => z.string().transform((text) => text.trim()));

/** Text that `read` brings into one form. */
function readBy(read: (text: string) => ReadText) {
	return trimmed().transform((text, context) => {
		const result = read(text);
		if ('value' in result) return result.value;
		context.addIssue({ code: 'custom', message: result.fault });
		return z.NEVER;
	});
}

function readAgent(text: string): ReadText {
	const odd = firstUnprintable(text);
	if (odd !== null) return { fault: `must not contain ${odd}. Write it in one line` };
	if (text === '') return { fault: 'is empty. Write a name, or leave user_agent out' };
	if (text.length > agentLengthMax) return { fault: `is longer than ${agentLengthMax} characters` };
	return { value: text };
}

const codesExample = 'Write codes from 100 to 599, such as 403,407,503';

/** `403,407,503`, one number, or a list: ascending, each once; undefined when there is none. */
const codesOption = once(() =>
	z.preprocess(
		(value) => (typeof value === 'string' ? value.split(',').filter((part) => part.trim() !== '') : value),
		z.unknown().transform((value, context) => {
			if (value === undefined) return undefined;
			const written = Array.isArray(value) ? value : [value];
			const codes = new Set<number>();
			for (const one of written) {
				const text = typeof one === 'number' ? String(one) : typeof one === 'string' ? one.trim() : '';
				if (/^[1-5]\d\d$/.test(text)) codes.add(Number(text));
				else
					context.addIssue({
						code: 'custom',
						message: `is not an HTTP status: ${inWords(one)}. ${codesExample}`,
					});
			}
			return codes.size === 0 ? undefined : [...codes].sort((a, b) => a - b);
		}),
	),
);

/** Of seconds. Orders that differ in less can share a batch. */
function inWholeMs(seconds: number): number {
	return Math.round(seconds * 1000) / 1000;
}

export const httpingOptions: () => z.ZodType<HttpingOptions> = once(() =>
	z.strictObject({
		url: readBy(readUrl),
		user_agent: readBy(readAgent).optional(),
		proxy: readBy(readProxy).optional(),
		http_codes_as_failure: codesOption().optional(),
		interval: z.preprocess(
			spanAsNumber('s'),
			z.number().min(leastIntervalSeconds).max(longestIntervalSeconds).transform(inWholeMs).optional(),
		),
	}),
);
