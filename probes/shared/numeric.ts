import { z } from 'zod';

/** Programs write numbers as text. */
export function numeric(schema: z.ZodType<number>) {
	return z.preprocess(
		(value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
		schema.optional(),
	);
}
