import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { isUrl } from '../model/parse-url.ts';
import { spanForms, spanSeconds } from '../model/span.ts';
import type { ListSetting } from '../orders/lists/kept-lists.ts';
import { isRemote } from '../orders/lists/remote-targets.ts';
import { wrongWithId } from '../orders/names.ts';
import { pingsSetting, stepSetting } from './defaults-setting.ts';

/** Well below the hour after which orders expire. Seconds. */
const everyUsual = 300;

const list = z
	.strictObject({
		file: z
			.string()
			.refine((file) => isRemote(file) || isAbsolute(file), {
				error: ({ input }) =>
					`must be a path from the root, or a URL with https:// or redis://, not ${inWords(input)}`,
			})
			.optional(),
		redis: z
			.string()
			.refine((url) => /^rediss?:\/\//i.test(url) && isUrl(url), {
				error: ({ input }) => `must be a URL such as redis://127.0.0.1:6379/0, not ${inWords(input)}`,
			})
			.optional(),
		key: z.string().min(1).max(1024).optional(),
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
	.superRefine(({ file, redis, key }, context) => {
		const fault = (path: string, message: string) =>
			context.addIssue({ code: 'custom', path: [path], message });
		if (file === undefined && redis === undefined) fault('file', 'is missing. Write file: or redis:');
		if (file !== undefined && redis !== undefined)
			fault('redis', 'cannot stand beside file:. Remove one of them');
		if (key !== undefined && redis === undefined) fault('key', 'is for redis: only. Remove it');
	})
	.transform((written): ListSetting => {
		const {
			file: path,
			redis,
			key,
			prefix,
			step,
			each_address: eachAddress = false,
			every = everyUsual,
			...rest
		} = written;
		const file = redis === undefined ? (path ?? '') : withKey(redis, key);
		const given = Object.entries({ ...rest, stepSeconds: step }).filter(([, value]) => value !== undefined);
		return { ...Object.fromEntries(given), file, prefix, eachAddress, everySeconds: every };
	});

/** The key is a parameter of the URL, as `order add --targets` takes it. */
function withKey(redis: string, key: string | undefined): string {
	const url = new URL(redis);
	if (key !== undefined) url.searchParams.set('key', key);
	return url.href;
}

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
