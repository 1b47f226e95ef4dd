import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import type { Mute } from '../model/mute.ts';
import type { OrderFinding } from '../model/order.ts';
import { timeForms, timePoint } from '../model/time-point.ts';
import { readStrict } from './strict-section.ts';
import { blownUp, isBlownUp, readMapping } from './yaml-mapping.ts';

/** A mute, or what is wrong with its text: at least one finding. */
export type ReadMute = { readonly mute: Mute } | { readonly findings: readonly OrderFinding[] };

const glob = z.string().min(1).max(500);
const globs = z.union([glob, z.array(glob).min(1).max(1000)]).transform((one) => [one].flat());
const why = z.string().max(1000);

const mute = z.strictObject({
	orders: globs.optional(),
	rules: globs.optional(),
	until: z.union([z.string(), z.number()]).transform(String).optional(),
	why: why.optional(),
	by: why.optional(),
	alert: z.string().max(2000).optional(),
});

/** Reads the text of a file below `mutes/`. Never throws, whatever the text. */
export function readMute(name: string, text: string, nowSeconds: number): ReadMute {
	const read = readMapping(text);
	if ('finding' in read) return { findings: [read.finding] };
	if (read.mapping === null)
		return { findings: [{ message: 'there is nothing in it. Write orders: and until:' }] };
	if (isBlownUp(read.mapping)) return { findings: [{ message: blownUp }] };
	const section = readStrict(mute, read.mapping, '');
	if ('findings' in section) return { findings: section.findings };
	const { orders = null, rules = null, until, alert, ...words } = section.value;
	const findings: OrderFinding[] = [];
	if (orders === null && alert === undefined)
		findings.push({
			key: 'orders',
			message: "is missing. Write the orders that it is for, such as 'core/**'",
		});
	const untilSeconds = until === undefined ? null : timePoint(until, nowSeconds);
	if (until === undefined && alert === undefined)
		findings.push({ key: 'until', message: 'is missing. Write when it ends, such as 2026-12-24T18:00:00Z' });
	else if (until !== undefined && untilSeconds === null)
		findings.push({ key: 'until', message: `must be ${timeForms}, not ${inWords(until)}` });
	if (findings.length > 0) return { findings };
	return {
		mute: {
			...{ name, orders, rules, untilSeconds },
			...(alert === undefined ? {} : { alert }),
			...(words.why === undefined ? {} : { why: words.why }),
			...(words.by === undefined ? {} : { by: words.by }),
		},
	};
}
