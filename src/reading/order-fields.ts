import { bucketBounds, bucketForms } from '../model/bucket-bounds.ts';
import { inWords, notKnown } from '../model/findings.ts';
import { objectiveForms, objectivePercent } from '../model/objective.ts';
import type { Timing } from '../model/probe.ts';
import { type RrdTemplate, rrdTemplates } from '../model/rrd-template.ts';
import { spanForms, spanSeconds, wholeSeconds } from '../model/span.ts';
import type { OrderDraft } from './order-draft.ts';

/** A week. Timers end at 24.8 days, and an order that is not refreshed is archived long before. */
const stepMaxSeconds = 7 * 24 * 3600;
/** main.rrd has a data source for each ping: with 1,000 it takes 130 MB. */
const pingsMax = 1000;

/** Null when there is something wrong with it. */
export function readUser(draft: OrderDraft): string | null {
	const faults = draft.findings.length;
	const user = draft.text('user');
	if (user !== undefined) return user;
	if (draft.findings.length > faults) return null;
	const what = draft.at('user') === undefined ? 'is missing' : 'is empty';
	return draft.fault('user', `${what}. Write who orders this, such as user: tmon`);
}

/** Null when there is something wrong with it. */
export function readTiming(draft: OrderDraft): Timing | null {
	const stepSeconds = readStep(draft);
	const pings = readPings(draft);
	if (stepSeconds === null || pings === null) return null;
	if (pings <= stepSeconds) return { stepSeconds, pings };
	const remedy = `Write at most ${stepSeconds}, or a step of at least ${pings}`;
	return draft.fault('pings', `${pings} do not fit into a step of ${stepSeconds} s. ${remedy}`);
}

function readStep(draft: OrderDraft): number | null {
	const value = draft.at('step');
	if (value === undefined) {
		return draft.fault(
			'step',
			'is missing. Write the seconds from one measurement to the next, such as step: 300',
		);
	}
	const step = wholeNumber(value) ?? wholeSeconds(value);
	if (step === null) {
		return draft.fault('step', `must be a whole number of seconds, at least 1, not ${inWords(value)}`);
	}
	if (step <= stepMaxSeconds) return step;
	return draft.fault('step', `must be at most ${stepMaxSeconds} seconds (a week), not ${inWords(value)}`);
}

function readPings(draft: OrderDraft): number | null {
	const value = draft.at('pings');
	if (value === undefined) {
		return draft.fault('pings', 'is missing. Write how many pings a measurement has, such as pings: 20');
	}
	const pings = wholeNumber(value);
	if (pings === null)
		return draft.fault('pings', `must be a whole number, at least 1, not ${inWords(value)}`);
	if (pings <= pingsMax) return pings;
	return draft.fault('pings', `must be at most ${pingsMax}, not ${inWords(value)}`);
}

/** Seconds; null: never. Undefined when the order does not say, or not so that it is understood. */
export function readExpires(draft: OrderDraft): number | null | undefined {
	const value = draft.at('expires');
	if (value === undefined) return undefined;
	if (value === 'never') return null;
	const seconds = spanSeconds(value);
	if (seconds !== null && seconds > 0) return seconds;
	draft.note('expires', `is not understood: ${inWords(value)}. Write never, or ${spanForms}`);
	return undefined;
}

/** Whether it is measured once and then archived. */
export function readOnce(draft: OrderDraft): boolean {
	const value = draft.at('once');
	const flag = typeof value === 'string' ? value.trim().toLowerCase() : value;
	if (flag === undefined || flag === false || flag === 'false') return false;
	if (flag === true || flag === 'true') return true;
	draft.note('once', `is not understood: ${inWords(value)}. Write true or false`);
	return false;
}

/** At least 1, also as text: some programs that write YAML put numbers in quotes. */
function wholeNumber(value: unknown): number | null {
	const number = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
	return typeof number === 'number' && Number.isSafeInteger(number) && number >= 1 ? number : null;
}

/** Null when there is none, or something wrong with it. */
export function readTemplate(draft: OrderDraft): RrdTemplate | null {
	const value = draft.at('rrd_template');
	if (value === undefined) return null;
	return (
		rrdTemplates.find((one) => one === value) ??
		draft.fault('rrd_template', notKnown('template', value, rrdTemplates))
	);
}

const daySeconds = 86_400;

/** Seconds. Undefined when the order does not say, or not so that it is understood. */
export function readSlots(draft: OrderDraft): number | undefined {
	const value = draft.at('slots');
	if (value === undefined) return undefined;
	const seconds = spanSeconds(value);
	if (seconds !== null && seconds >= daySeconds && seconds <= 366 * daySeconds) return seconds;
	draft.note(
		'slots',
		`is not understood: ${inWords(value)}. Write for how long single slots are kept, a day to a year, such as 35d`,
	);
	return undefined;
}

/** Seconds, ascending. Undefined when the order does not say, or not so that it is understood. */
export function readBuckets(draft: OrderDraft): readonly number[] | undefined {
	const value = draft.at('buckets');
	if (value === undefined) return undefined;
	const buckets = bucketBounds(value);
	if (buckets !== null) return buckets;
	draft.note('buckets', `is not understood: ${inWords(value)}. Write ${bucketForms}`);
	return undefined;
}

/** Percent. Undefined when the order does not say, or not so that it is understood. */
export function readObjective(draft: OrderDraft): number | undefined {
	const value = draft.at('objective');
	if (value === undefined) return undefined;
	const percent = objectivePercent(value);
	if (percent !== null) return percent;
	draft.note('objective', `is not understood: ${inWords(value)}. Write ${objectiveForms}`);
	return undefined;
}

const routeLeastSeconds = 10;

/** Seconds. Undefined when the order does not say, or not so that it is understood. */
export function readRoute(draft: OrderDraft): number | undefined {
	const value = draft.at('route');
	if (value === undefined) return undefined;
	const seconds = wholeNumber(value) ?? wholeSeconds(value);
	if (seconds !== null && seconds >= routeLeastSeconds && seconds <= stepMaxSeconds) return seconds;
	draft.note(
		'route',
		`is not understood: ${inWords(value)}. Write how often the way to the target is traced, ${routeLeastSeconds} seconds to a week, such as 900`,
	);
	return undefined;
}
