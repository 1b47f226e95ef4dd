import { z } from 'zod';
import { severities } from '../model/alert.ts';
import { inWords, notKnown } from '../model/findings.ts';
import type { NotifierTable } from '../model/notifier.ts';
import type { NotifierEntry } from '../model/notifier-entry.ts';
import type { OrderFinding } from '../model/order.ts';
import { isUrl } from '../model/parse-url.ts';
import { excerpt } from '../model/printable.ts';
import { spanAsNumber } from '../model/span.ts';
import { readStrict } from '../reading/strict-section.ts';
import { isMapping } from '../reading/yaml-mapping.ts';

const seconds = (most: number) => z.preprocess(spanAsNumber('s'), z.number().min(0).max(most).optional());

/** The keys that all notifiers have in common. */
export const commonNotifierSettings = z.strictObject({
	type: z.string(),
	name: z
		.string()
		.regex(
			/^[A-Za-z\d][\w.-]{0,63}$/,
			'must have 1 to 64 letters, digits, dots, - and _, a letter or digit first',
		)
		.optional(),
	severities: z.union([z.enum(severities), z.array(z.enum(severities)).min(1)]).optional(),
	timeout: z.preprocess(spanAsNumber('s'), z.number().min(0.1).max(300).optional()),
	spool: z
		.strictObject({
			max_mb: z.number().min(1).max(10_000).optional(),
			max_hours: z.preprocess(spanAsNumber('h'), z.number().min(0.1).max(10_000).optional()),
		})
		.optional(),
});

/** Their names. */
export const notifierKeys: readonly string[] = Object.keys(commonNotifierSettings.shape);

/** How long messages wait for others, seconds. */
export const groupWaitSetting = seconds(300);

/** `heartbeat:` in the config. */
export const heartbeatSetting = z
	.strictObject({
		url: z
			.string()
			.regex(/^https?:\/\/\S+$/i, 'must be a URL that begins with http:// or https://')
			.refine((url) => isUrl(url), 'is not a URL'),
		every: z.preprocess(spanAsNumber('s'), z.number().min(1).max(86_400).default(60)),
	})
	.transform(({ url, every }) => ({ url, everySeconds: every }));

/**
 * Reads the entries of `notifiers:`.
 *
 * @param written the entries as they were written
 * @param table left out: nobody cares for them
 */
export function readNotifiers(
	written: readonly unknown[] = [],
	table: NotifierTable = new Map(),
): { readonly entries: readonly NotifierEntry[]; readonly findings: readonly OrderFinding[] } {
	const findings: OrderFinding[] = [];
	const names = new Set<string>();
	if (table.size === 0) return { entries: [], findings };
	const entries = written.flatMap((entry, index) => {
		const read = readEntry(entry, `notifiers[${index}]`, table, names);
		if ('entry' in read) return [read.entry];
		findings.push(...read.findings);
		return [];
	});
	return { entries, findings };
}

function readEntry(
	written: unknown,
	key: string,
	table: NotifierTable,
	names: Set<string>,
): { readonly entry: NotifierEntry } | { readonly findings: readonly OrderFinding[] } {
	if (!isMapping(written)) {
		const message = `must be a mapping, not ${inWords(written)}. Write type:, name: and what that notifier needs`;
		return { findings: [{ key, message }] };
	}
	const type = written['type'];
	const notifier = table.get(String(type));
	if (notifier === undefined) {
		const known = [...table.keys()];
		const message =
			type === undefined || type === null
				? `is missing. Write type: and one of ${known.join(', ')}`
				: notKnown('notifier', type, known);
		return { findings: [{ key: `${key}.type`, message }] };
	}
	const ours = Object.entries(written).filter(([name]) => notifierKeys.includes(name));
	const settings = Object.fromEntries(
		Object.entries(written).filter(([name]) => !notifierKeys.includes(name)),
	);
	const read = readStrict(commonNotifierSettings, Object.fromEntries(ours), key);
	const own = readStrict<unknown>(notifier.settings, settings, key, notifierKeys);
	const findings = [read, own].flatMap((one) => ('findings' in one ? one.findings : []));
	if ('findings' in read || 'findings' in own) return { findings };
	const { name = notifier.name, severities: told, timeout, spool } = read.value;
	if (names.has(name)) {
		const message = `another notifier is called ${excerpt(name)}. Give it another name`;
		return { findings: [{ key: `${key}.name`, message }] };
	}
	names.add(name);
	const entry: NotifierEntry = {
		...{ name, type: notifier.name, settings },
		severities: told === undefined ? null : typeof told === 'string' ? [told] : told,
		limits: {
			timeoutMs: (timeout ?? 30) * 1000,
			spoolMaxBytes: (spool?.max_mb ?? 100) * 1e6,
			spoolMaxAgeMs: (spool?.max_hours ?? 72) * 3600_000,
		},
	};
	return { entry };
}
