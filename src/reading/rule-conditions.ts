import { z } from 'zod';
import type { Condition, SlotCount } from '../model/alert.ts';
import { declaredFacts, type FactDeclaration, type FactTable } from '../model/facts.ts';
import { inWords, notKnown } from '../model/findings.ts';
import { spanWithUnit } from '../model/span.ts';
import { scales, slotsIn, thresholdOf, usualClear } from './rule-threshold.ts';

const oneSlot: SlotCount = { count: 1, of: 1 };
const text = z.union([z.string(), z.number()]).transform(String);

function plainThreshold<K extends 'loss' | 'median' | 'jitter' | 'mos'>(kind: K) {
	return thresholdOf(scales[kind]).transform((threshold): Condition => ({ kind, threshold }));
}

const unknown = z.strictObject({ for: text.optional(), clear: text.optional() }).transform(
	(mapping, context): Condition => ({
		kind: 'unknown',
		raise: slotsIn(mapping.for, 'for', { forSeconds: 600 }, context),
		clearSlots: slotsIn(mapping.clear, 'clear', oneSlot, context),
	}),
);

/** Long enough for people to see it. */
const usualRouteClear: SlotCount = { count: 10, of: 10 };

const route = z
	.union([
		z.literal('changed', 'must be changed').transform(() => ({ clear: undefined })),
		z.strictObject({ changed: z.literal(true, 'must be true'), clear: text.optional() }),
	])
	.transform(
		(mapping, context): Condition => ({
			kind: 'route',
			clearSlots: slotsIn(mapping.clear, 'clear', usualRouteClear, context),
		}),
	);

const pingsMost = 1000;

const score = z
	.strictObject({
		failed: z.int().min(1).max(pingsMost),
		of: z.int().min(1).max(pingsMost),
		pops: z.int().min(1).max(1000).default(1),
	})
	.transform((mapping, context): Condition => {
		if (mapping.failed > mapping.of)
			context.addIssue({ code: 'custom', path: ['failed'], message: `must be at most of: ${mapping.of}` });
		return { kind: 'score', ...mapping };
	});

/** What is wrong with a pattern; null when nothing is. */
export type CheckPattern = (of: 'loss' | 'rtt', text: string) => string | null;

function pattern(check: CheckPattern) {
	return z
		.strictObject({ loss: text.optional(), rtt: text.optional(), clear: text.optional() })
		.transform((mapping, context): Condition => {
			const { loss, rtt } = mapping;
			const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
			if ((loss === undefined) === (rtt === undefined)) fault([], 'must have loss: or rtt:, one of them');
			const of = loss === undefined ? 'rtt' : 'loss';
			const written = loss ?? rtt ?? '';
			const wrong = check(of, written);
			if (wrong !== null) fault([of], wrong);
			const clearSlots = slotsIn(mapping.clear, 'clear', oneSlot, context);
			return { kind: 'pattern', of, text: written, clearSlots };
		});
}

const is = z.strictObject({
	is: z.union([z.boolean(), text, z.array(text).min(1)]).optional(),
	not: z.union([z.boolean(), text, z.array(text).min(1)]).optional(),
	for: text.optional(),
	clear: text.optional(),
});

/** A fact of texts or flags. */
function factIs(probe: string, { name, kind }: FactDeclaration) {
	return is.transform((mapping, context): Condition => {
		const value = mapping.is ?? mapping.not;
		const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
		if (value === undefined || (mapping.is !== undefined && mapping.not !== undefined))
			fault([], 'must have is: or not:, one of them');
		const values = (Array.isArray(value) ? value : [value]).map(String);
		if (kind === 'flag' && !values.every((one) => one === 'true' || one === 'false'))
			fault([mapping.is === undefined ? 'not' : 'is'], `must be true or false, not ${inWords(value)}`);
		const raise = slotsIn(mapping.for, 'for', oneSlot, context);
		return {
			...{ kind: 'fact-is', probe, fact: name, values, not: mapping.is === undefined, raise },
			clearSlots: slotsIn(mapping.clear, 'clear', usualClear(raise), context),
		};
	});
}

function factOf(probe: string, declaration: FactDeclaration): z.ZodType<Condition> {
	const { name, kind } = declaration;
	if (kind === 'text' || kind === 'flag') return factIs(probe, declaration);
	const isTime = kind === 'seconds';
	const scale = isTime ? scales.seconds : scales.number;
	return thresholdOf(scale).transform((threshold) => ({
		kind: 'fact',
		probe,
		fact: name,
		isTime,
		threshold,
	}));
}

/** `{http.certificate_left: {under: 14d}}`: the fact is one that a probe declares. */
function fact(facts: FactTable) {
	return z.record(z.string(), z.unknown()).transform((mapping, context): Condition => {
		const [[key, value] = ['', null], ...others] = Object.entries(mapping);
		const fault = (message: string, path: PropertyKey[] = []) => {
			context.addIssue({ code: 'custom', path, message });
			return z.NEVER;
		};
		if (key === '' || others.length > 0) return fault('must name one fact, such as http.status: {over: 399}');
		const known = [...facts].flatMap(([probe, all]) =>
			all.filter(({ kind }) => kind !== 'path').map(({ name }) => `${probe}.${name}`),
		);
		if (!known.includes(key)) return fault(notKnown('fact', key, known));
		const [probe = '', name = ''] = key.split('.');
		const declaration = declaredFacts(facts.get(probe)).find((one) => one.name === name);
		if (declaration === undefined) return fault(notKnown('fact', key, known));
		const read = factOf(probe, declaration).safeParse(value);
		if (read.success) return read.data;
		for (const issue of read.error.issues) fault(issue.message, [key, ...issue.path]);
		return z.NEVER;
	});
}

const span = z.union([z.string(), z.number()]).transform((value, context) => {
	const seconds = spanWithUnit(String(value));
	if (seconds !== null && seconds > 0) return seconds;
	context.addIssue({
		code: 'custom',
		message: `must be a time such as 5min or 500ms, not ${inWords(value)}`,
	});
	return z.NEVER;
});
const names = z
	.union([z.string().min(1).max(500), z.array(z.string().min(1).max(500)).min(1).max(1000)])
	.transform((one) => [one].flat());

function courier(kind: 'sink' | 'notifier') {
	return z
		.strictObject({ failing_for: span.optional(), lag_over: span.optional(), names: names.optional() })
		.transform(({ failing_for: failing, lag_over: lag, names = null }, context): Condition => {
			if ((failing === undefined) === (lag === undefined))
				context.addIssue({ code: 'custom', message: 'must have failing_for: or lag_over:, one of them' });
			return failing === undefined
				? { kind, of: 'lag', overSeconds: lag ?? 0, names }
				: { kind, of: 'failing', overSeconds: failing, names };
		});
}

const pop = z.strictObject({ silent_for: span, names: names.optional() }).transform(
	({ silent_for: overSeconds, names = null }): Condition => ({
		kind: 'pop',
		of: 'silent',
		overSeconds,
		names,
	}),
);

const clock = z.strictObject({ offset_over: span, names: names.optional() }).transform(
	({ offset_over: overSeconds, names = null }): Condition => ({
		...{ kind: 'clock', of: 'offset', overSeconds, names },
	}),
);

/** All conditions that a rule may have, by their keys. */
export function conditionSchemas(facts: FactTable, check: CheckPattern) {
	return {
		loss: plainThreshold('loss').optional(),
		median: plainThreshold('median').optional(),
		jitter: plainThreshold('jitter').optional(),
		mos: plainThreshold('mos').optional(),
		fact: fact(facts).optional(),
		unknown: unknown.optional(),
		route: route.optional(),
		score: score.optional(),
		pattern: pattern(check).optional(),
		sink: courier('sink').optional(),
		notifier: courier('notifier').optional(),
		pop: pop.optional(),
		clock: clock.optional(),
	};
}

export const conditionKeys = [
	...['loss', 'median', 'jitter', 'mos', 'fact', 'unknown', 'route', 'score', 'pattern'],
	...['sink', 'notifier', 'pop', 'clock'],
] as const;
