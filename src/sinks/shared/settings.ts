import { z } from 'zod';
import { inWords } from '../../model/findings.ts';
import { sizeBytes, sizeForms } from '../../model/size.ts';
import { spanForms, spanSeconds } from '../../model/span.ts';

/** Bytes. */
export const size = z
	.unknown()
	.refine((value) => (sizeBytes(value) ?? 0) > 0, {
		error: ({ input }) => `must be ${sizeForms}, not ${inWords(input)}`,
	})
	.transform((value) => sizeBytes(value) ?? 0);

/** Seconds. */
export const span = z
	.unknown()
	.refine((value) => (spanSeconds(value) ?? 0) > 0, {
		error: ({ input }) => `must be ${spanForms}, or seconds, not ${inWords(input)}`,
	})
	.transform((value) => spanSeconds(value) ?? 0);

/** How results are written as lines. */
export const lineFormat = z.enum(['json', 'influx']).default('json');
export type LineFormat = z.infer<typeof lineFormat>;

/** What is wrong with it is said without saying what it is. */
export const secret = z.string('must be text. Put it in quotes').min(1, 'is empty').optional();
export const file = z.string().startsWith('/', 'must be a path from the root').optional();
