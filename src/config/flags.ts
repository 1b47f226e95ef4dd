import { z } from 'zod';
import { logFormats, logLevels } from '../model/log.ts';
import type { OrderFinding } from '../model/order.ts';
import { readStrict } from '../reading/strict-section.ts';
import { maxAge } from './amount-settings.ts';

/** Options of the command line, as typed. They win over the file. */
export interface ConfigFlags {
	readonly basedir?: string | undefined;
	readonly maxAge?: string | undefined;
	readonly user?: string | undefined;
	readonly logLevel?: string | undefined;
	readonly logFormat?: string | undefined;
	readonly telegraf?: string | undefined;
}

/** What the file and the command line may both say. */
export const general = z.strictObject({
	basedir: z.string().min(1).optional(),
	max_age: maxAge.optional(),
	user: z
		.union([z.string().min(1), z.int().min(0)])
		.transform(String)
		.optional(),
	log_level: z.enum(logLevels).optional(),
	log_format: z.enum(logFormats).optional(),
});

type General = z.infer<typeof general>;

/** Reads what was typed. */
export function readFlags(flags: ConfigFlags): { values: General; findings: readonly OrderFinding[] } {
	const { maxAge = '' } = flags;
	const read = readStrict(
		general,
		{
			basedir: flags.basedir,
			max_age: /^\d+$/.test(maxAge) ? Number(maxAge) : flags.maxAge,
			user: flags.user,
			log_level: flags.logLevel,
			log_format: flags.logFormat,
		},
		'',
	);
	if ('value' in read) return { values: given(read.value), findings: [] };
	const findings = read.findings.map(({ key = '', message }) => ({
		key: `--${key.replace('_', '-')}`,
		message,
	}));
	return { values: {}, findings };
}

/** Without keys whose value is undefined, so that they hide nothing below them. */
export function given<T extends object>(values: T): T {
	const entries = Object.entries(values).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as T;
}
