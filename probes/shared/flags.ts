import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { firstUnprintable } from '../../src/model/printable.ts';
import type { ProbeFinding } from '../../src/model/probe.ts';

/** More helps nobody, and the system limits what a command line may hold. */
const flagsMax = 100;

/**
 * `flags`: further arguments for the program, as a list, or as text that is cut at blanks. They are passed on one by
 * one and no shell sees them.
 */
export const flagsOption = once(() =>
	z.preprocess(
		(value) => {
			if (typeof value === 'string' || typeof value === 'number')
				return String(value).trim().split(/\s+/).filter(Boolean);
			return Array.isArray(value)
				? value.map((flag) => (typeof flag === 'number' ? String(flag) : flag))
				: value;
		},
		z
			.array(
				z
					.string({
						error: ({ input }) => `must be text, not ${inWords(input)}. Put it in quotes`,
					})
					.refine((flag) => firstUnprintable(flag) === null, 'must not have control characters in it'),
				'must be a list, such as [--healthy-only], or text',
			)
			.max(flagsMax, `must be at most ${flagsMax}`)
			.optional(),
	),
);

/** What orders may not pass on to a program: each says why. `null`: this one they may. */
export type WrongWithFlag = (flag: string, index: number, flags: readonly string[]) => string | null;

/** A finding for each flag that an order may not have. */
export function checkFlags(flags: readonly string[] | undefined, wrongWith: WrongWithFlag): ProbeFinding[] {
	return (flags ?? []).flatMap((flag, index, all) => {
		const message = wrongWith(flag, index, all);
		return message === null ? [] : [{ key: `flags[${index}]`, message }];
	});
}
