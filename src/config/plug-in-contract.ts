import { z } from 'zod';

/** What a probe or a sink that is not ours is held against. */
export const aName = z
	.string()
	.regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be lower-case letters, digits, - and _, such as mine');

export const aFunction = z.custom<(...given: never[]) => unknown>(
	(value) => typeof value === 'function',
	'must be a function',
);

export const aSchema = z.custom<z.ZodType>(
	(value) => typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value,
	'must be a schema made with the z that the function is given (zod 4)',
);

/** What is wrong with `value` first; null when nothing is. `what`: what it should be. */
export function contractFault(contract: z.ZodType, value: unknown, what: string): string | null {
	const read = contract.safeParse(value);
	if (read.success) return null;
	const [issue] = read.error.issues;
	const key = issue?.path.join('.') ?? '';
	return key === '' ? `does not export a ${what}, or a function that makes one` : `${key}: ${issue?.message}`;
}
