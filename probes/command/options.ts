import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { firstUnprintable } from '../../src/model/printable.ts';

export interface CommandOptions extends Readonly<Record<string, unknown>> {
	/** One of those that the config file lists. */
	readonly program: string;
	/** What `{target}` stands for. */
	readonly target: string;
	/** What other placeholders of the program stand for. */
	readonly args?: Readonly<Record<string, string>> | undefined;
}

/** A system takes 128 KiB an argument. Nothing that names a target is so long. */
const valueMax = 1000;
const argsMax = 50;

/** What is wrong with what is to be an argument of a program, or a part of one; null when nothing is. */
function wrongWithValue(value: string): string | null {
	const odd = firstUnprintable(value);
	if (odd !== null) return `must not contain ${odd}. Write it in one line`;
	if (value.length > valueMax) return `is longer than ${valueMax} characters`;
	// The program would take it for an option.
	return value.startsWith('-') ? `must not begin with a dash: ${inWords(value)}` : null;
}

const valueOption = once(() =>
	z
		.union([z.string(), z.number(), z.boolean()], {
			error: ({ input }) => `must be text or a number, not ${inWords(input)}`,
		})
		.transform(String)
		.superRefine((text, context) => {
			const message = wrongWithValue(text);
			if (message !== null) context.addIssue({ code: 'custom', message });
		}),
);

export const commandOptions: () => z.ZodType<CommandOptions> = once(() =>
	z.strictObject({
		program: z.string().min(1).max(64),
		target: valueOption().refine((text) => text !== '', 'is empty. Write what the program is to measure'),
		args: z
			.record(z.string().max(40), valueOption())
			.refine((args) => Object.keys(args).length <= argsMax, `must be at most ${argsMax}`)
			// So that orders that say the same in another order share a batch.
			.transform((args) => Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))))
			.optional(),
	}),
);
