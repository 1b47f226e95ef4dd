import { z } from 'zod';
import { type Condition, isOwnCondition, type Rule, severities } from '../model/alert.ts';
import type { FactTable } from '../model/facts.ts';
import type { OrderFinding } from '../model/order.ts';
import { firstUnprintable } from '../model/printable.ts';
import { wholeSeconds } from '../model/span.ts';
import { type CheckPattern, conditionKeys, conditionSchemas } from './rule-conditions.ts';
import { readStrict } from './strict-section.ts';
import { blownUp, isBlownUp, readMapping } from './yaml-mapping.ts';

/** A rule, or what is wrong with its text: at least one finding. */
export type ReadRule = { readonly rule: Rule } | { readonly findings: readonly OrderFinding[] };

/** What a rule is checked against. */
export interface RuleContext {
	/** What the probes declare. */
	readonly facts: FactTable;
	readonly checkPattern: CheckPattern;
}

const globMax = 500;
const glob = z.string().min(1).max(globMax);
const globs = z.union([glob, z.array(glob).min(1).max(1000)]).transform((one) => [one].flat());

const line = z
	.string()
	.max(1000)
	.refine((text) => firstUnprintable(text) === null, 'must be one line of printable text');

const match = z
	.strictObject({
		orders: globs.optional(),
		users: globs.optional(),
		probes: globs.optional(),
		tags: z.record(z.string(), globs).optional(),
		pops: globs.optional(),
	})
	.transform(({ orders = null, users = null, probes = null, tags = null, pops = null }) => ({
		...{ orders, users, probes, tags, pops },
	}));

const quorum = z
	.strictObject({ pops: z.int().min(1).max(1000), of: z.int().min(1).max(1000).optional() })
	.refine(({ pops, of }) => of === undefined || of >= pops, 'pops: must be at most of:')
	.transform(({ pops, of = null }) => ({ pops, of }));

const names = z
	.union([z.string().min(1), z.array(z.string().min(1)).max(100)])
	.transform((one) => [one].flat());

const remind = z.union([z.string(), z.number()]).transform((value, context) => {
	const seconds = wholeSeconds(value);
	if (seconds !== null && seconds >= 60) return seconds;
	context.addIssue({ code: 'custom', message: 'must be a span of time of a minute or more, such as 4h' });
	return z.NEVER;
});

const own = {
	title: line.optional(),
	note: line.optional(),
	link: z
		.url({ protocol: /^https?$/ })
		.max(2000)
		.optional(),
	match: match.optional(),
	quorum: quorum.optional(),
	severity: z.enum(severities).optional(),
	notify: names.optional(),
	remind: remind.optional(),
	named: z.boolean().optional(),
};

/** The name of the rule in the file of that name: without `.yaml`. */
export function ruleNameOf(file: string): string {
	return file.replace(/\.ya?ml$/, '');
}

/**
 * Reads the text of a rule. Never throws, whatever the text.
 *
 * @param file the path of its file below `alerts/`
 */
export function readRule(file: string, text: string, { facts, checkPattern }: RuleContext): ReadRule {
	const read = readMapping(text);
	if ('finding' in read) return { findings: [read.finding] };
	if (read.mapping === null)
		return {
			findings: [{ message: 'there is nothing in it. Write a condition, such as loss: {over: 20%}' }],
		};
	if (isBlownUp(read.mapping)) return { findings: [{ message: blownUp }] };
	const schema = z.strictObject({ ...own, ...conditionSchemas(facts, checkPattern) });
	const section = readStrict(schema, read.mapping, '');
	if ('findings' in section) return { findings: section.findings };
	const { value } = section;
	const conditions = conditionKeys.flatMap((key) => (value[key] === undefined ? [] : [value[key]]));
	const [condition] = conditions;
	if (condition === undefined || conditions.length > 1)
		return { findings: [{ message: oneCondition(conditions.length) }] };
	const wrong = wrongTogether(condition, value);
	if (wrong !== null) return { findings: [wrong] };
	return { rule: ruleOf(file, value, condition) };
}

function oneCondition(count: number): string {
	const what = count === 0 ? 'has no condition' : `has ${count} conditions`;
	return `${what}. Write one of ${conditionKeys.join(', ')}, and a file for each`;
}

function wrongTogether(condition: Condition, { match, quorum, named }: Own): OrderFinding | null {
	if (quorum !== undefined && condition.kind === 'score')
		return { key: 'quorum', message: 'score has its own pops. Remove quorum' };
	if (!isOwnCondition(condition)) return null;
	const ofOrders = Object.entries({ match, quorum, named }).find(([, one]) => one !== undefined);
	if (ofOrders === undefined) return null;
	const [key] = ofOrders;
	return {
		key,
		message: `${condition.kind} is about pingmachine itself, and ${key} about orders. Remove ${key}, or write names: below ${condition.kind}`,
	};
}

type Own = { readonly [K in keyof typeof own]?: z.infer<(typeof own)[K]> };

function ruleOf(file: string, { title, note, link, ...written }: Own, condition: Condition): Rule {
	const { quorum = null, severity = 'warning', notify = null, remind = null, named = false } = written;
	const everything = { orders: null, users: null, probes: null, tags: null, pops: null };
	return {
		name: ruleNameOf(file),
		...(title === undefined ? {} : { title }),
		...(note === undefined ? {} : { note }),
		...(link === undefined ? {} : { link }),
		match: written.match ?? everything,
		...{ condition, quorum, severity, notify, remindSeconds: remind, named },
	};
}
