import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { sizeBytes, sizeForms } from '../model/size.ts';
import { spanForms, spanSeconds, wholeSeconds } from '../model/span.ts';

export const notSeconds = {
	error: ({ input }: { readonly input?: unknown }) =>
		`must be a whole number of seconds, at least 1, not ${inWords(input)}`,
};

/** Seconds, null for never. */
export const maxAge = z
	.unknown()
	.refine((value) => value === 'never' || wholeSeconds(value) !== null, notSeconds)
	.transform((value) => (value === 'never' ? null : wholeSeconds(value)));

/** Bytes. */
export const size = z
	.unknown()
	.refine((value) => sizeBytes(value) !== null, {
		error: ({ input }) => `must be ${sizeForms}, not ${inWords(input)}`,
	})
	.transform((value) => sizeBytes(value) ?? 0);

/** Seconds. */
export const span = z
	.unknown()
	.refine((value) => spanSeconds(value) !== null, {
		error: ({ input }) => `must be ${spanForms}, or seconds, not ${inWords(input)}`,
	})
	.transform((value) => spanSeconds(value) ?? 0);

/** A span of a day or more. */
export const keepSpan = span.refine((seconds) => seconds >= 86_400, {
	error: ({ input }) => `must be a day or more, such as 90d, not ${inWords(input)} seconds`,
});
