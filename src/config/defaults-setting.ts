import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { spanForms, spanSeconds } from '../model/span.ts';
import type { OrderDefaults } from '../orders/lists/defaults.ts';
import { type ReadSection, readStrict } from '../reading/strict-section.ts';

/** `step:` wherever the config has one. */
export const stepSetting = z
	.unknown()
	.refine((value) => isStep(value), {
		error: ({ input }) => `must be ${spanForms}, or whole seconds, at least 1, not ${inWords(input)}`,
	})
	.transform((value) => spanSeconds(value) ?? 0);

function isStep(value: unknown): boolean {
	const seconds = spanSeconds(value);
	return seconds !== null && Number.isInteger(seconds) && seconds >= 1;
}

export const pingsSetting = z.int('must be a whole number, at least 1').min(1);

/** `defaults:` in the config file. */
export const defaultsSetting = z
	.strictObject({
		user: z.string().min(1).optional(),
		probe: z.string().min(1).optional(),
		step: stepSetting.optional(),
		pings: pingsSetting.optional(),
		expires: z
			.unknown()
			.refine((value) => value === 'never' || (spanSeconds(value) ?? 0) > 0, {
				error: ({ input }) => `must be never, or ${spanForms}, not ${inWords(input)}`,
			})
			.transform((value) => value as string | number)
			.optional(),
	})
	.transform(({ step, ...written }): Partial<OrderDefaults> => {
		const all = { ...written, stepSeconds: step };
		return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
	});

/** `defaults:` as it stands in a config file. */
export function readDefaults(section: unknown): ReadSection<Partial<OrderDefaults>> {
	return readStrict(defaultsSetting, section ?? {}, 'defaults');
}
