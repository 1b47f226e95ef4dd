import { z } from 'zod';

const program = z
	.string()
	.startsWith('/', 'must be a path from the root')
	.max(4096)
	.regex(/^[^\0]*$/, 'must not hold a zero byte');
const argument = z
	.string()
	.max(4096)
	.regex(/^[^\0]*$/, 'must not hold a zero byte');

export const settings = z.strictObject({
	/** Its path, or a list of it and of arguments that come before the six. No shell reads it. */
	command: z.union([program, z.tuple([program], argument)]),
});

export type ExecSettings = z.infer<typeof settings>;
