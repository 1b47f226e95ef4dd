import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { spanForms, spanSeconds } from '../model/span.ts';
import type { ListSetting } from '../orders/lists/kept-lists.ts';
import { isRemote } from '../orders/lists/remote-targets.ts';
import { wrongWithId } from '../orders/names.ts';
import { pingsSetting, stepSetting } from './defaults-setting.ts';

/** Well below the hour after which orders expire. Seconds. */
const everyUsual = 300;

const list = z
	.strictObject({
		file: z.string().refine((file) => isRemote(file) || isAbsolute(file), {
			error: ({ input }) =>
				`must be a path from the root, or a URL with https:// or redis://, not ${inWords(input)}`,
		}),
		prefix: z.string().superRefine((prefix, context) => {
			const wrong = wrongWithId(prefix);
			if (wrong !== null) context.addIssue({ code: 'custom', message: wrong, input: prefix });
		}),
		user: z.string().min(1).optional(),
		probe: z.string().min(1).optional(),
		step: stepSetting.optional(),
		pings: pingsSetting.optional(),
		each_address: z.boolean().optional(),
		every: z
			.unknown()
			.refine((value) => (spanSeconds(value) ?? 0) >= 1, {
				error: ({ input }) => `must be ${spanForms}, or seconds, at least 1, not ${inWords(input)}`,
			})
			.transform((value) => spanSeconds(value) ?? everyUsual)
			.optional(),
	})
	.transform((written): ListSetting => {
		const { file, prefix, step, each_address: eachAddress = false, every = everyUsual, ...rest } = written;
		const given = Object.entries({ ...rest, stepSeconds: step }).filter(([, value]) => value !== undefined);
		return { ...Object.fromEntries(given), file, prefix, eachAddress, everySeconds: every };
	});

/** `targets:` in the config file. */
export const targetsSetting = z
	.array(list)
	.max(100)
	.superRefine((lists, context) => {
		for (const [index, { prefix }] of lists.entries()) {
			if (lists.findIndex((other) => other.prefix === prefix) === index) continue;
			const message = 'is that of another list. Write a folder for each: what is not in its list is removed';
			context.addIssue({ code: 'custom', message, path: [index, 'prefix'], input: prefix });
		}
	});
