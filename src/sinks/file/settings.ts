import { z } from 'zod';
import { lineFormat, size, span } from '../shared/settings.ts';

export const settings = z.strictObject({
	path: z.string().startsWith('/', 'must be a path from the root'),
	format: lineFormat,
	max_size: size.default(100_000_000),
	max_age: span.optional(),
	keep: z.int().min(0).max(10_000).default(10),
});

/** What an entry `type: file` may say. */
export type FileSettings = z.infer<typeof settings>;
