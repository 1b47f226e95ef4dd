import { hostname } from 'node:os';
import { type FactScalar, type FactValue, isList } from '../../model/facts.ts';
import type { Measured, Outcome } from '../../model/outcome.ts';
import { hopsOf } from './canary-hops.ts';
import { canaryTypes } from './canary-types.ts';

const machine = hostname();

/** What the platform of canaries has on its topic `canary-results`; null of a probe that it knows nothing of. */
export function canaryResult(outcome: Outcome, host = machine): Readonly<Record<string, unknown>> | null {
	const { order, pop, slot } = outcome;
	const type = canaryTypes.get(order.probe);
	if (type === undefined) return null;
	return {
		type,
		canary_id: pop ?? host,
		target: order.target,
		timestamp: new Date(slot.startSeconds * 1000).toISOString().replace(/Z$/, '000+00:00'),
		...statusOf(outcome),
		...(contents[type]?.(outcome) ?? {}),
	};
}

function statusOf(outcome: Outcome): Readonly<Record<string, unknown>> {
	if (outcome.kind !== 'measured') return { status: 'ERROR', error_message: outcome.reason };
	const { medianSeconds, facts } = outcome.measurement;
	if (medianSeconds !== null) return { status: 'SUCCESS', error_message: null };
	return { status: 'FAILURE', error_message: textOf(facts['loss_reason']) ?? 'no answer' };
}

const contents: Readonly<Record<string, (outcome: Outcome) => Readonly<Record<string, unknown>>>> = {
	ping: (outcome) => ({
		rtt_avg_ms: inMs(outcome.kind === 'measured' ? meanOf(outcome) : null),
		packet_loss_percent: lossPercent(outcome),
	}),
	http: (outcome) => ({
		latency_ms: twoDecimals(outcome),
		status_code: numberOf(factOf(outcome, 'status_code')),
		response_size_bytes: numberOf(factOf(outcome, 'body_bytes')),
		content_match: flagOf(factOf(outcome, 'content_match')),
	}),
	dns: (outcome) => ({
		latency_ms: twoDecimals(outcome),
		query_type: textOf(factOf(outcome, 'query_type')) ?? 'A',
		resolver: textOf(factOf(outcome, 'address')) ?? 'System Default',
		answer: answerOf(factOf(outcome, 'answer')),
	}),
	traceroute: (outcome) => ({ hops: hopsOf(factOf(outcome, 'path')) }),
};

function meanOf({ measurement: { samples } }: Measured): number | null {
	const answered = samples.flatMap(({ rttSeconds }) => (rttSeconds === null ? [] : [rttSeconds]));
	return answered.length === 0 ? null : answered.reduce((sum, one) => sum + one, 0) / answered.length;
}

function lossPercent(outcome: Outcome): number | null {
	if (outcome.kind !== 'measured') return null;
	const { loss, samples } = outcome.measurement;
	return (100 * loss) / samples.length;
}

function inMs(seconds: number | null): number | null {
	return seconds === null ? null : Number((seconds * 1000).toPrecision(12));
}

/** The median, as the canaries have a latency. */
function twoDecimals(outcome: Outcome): number | null {
	const seconds = outcome.kind === 'measured' ? outcome.measurement.medianSeconds : null;
	return seconds === null ? null : Number((seconds * 1000).toFixed(2));
}

function factOf(outcome: Outcome, name: string): FactValue | undefined {
	if (outcome.kind !== 'measured' || !Object.hasOwn(outcome.measurement.facts, name)) return undefined;
	return outcome.measurement.facts[name];
}

/** Of pings the last that is known. */
function oneOf(value: FactValue | undefined): FactScalar | null {
	if (value === undefined) return null;
	return isList(value) ? (value.findLast((one) => one !== null) ?? null) : value;
}

function numberOf(value: FactValue | undefined): number | null {
	const one = oneOf(value);
	return typeof one === 'number' ? one : null;
}

function textOf(value: FactValue | undefined): string | null {
	const one = oneOf(value);
	return one === null ? null : String(one);
}

/** A list as one text, as facts have it, or one name. */
function answerOf(value: FactValue | undefined): readonly string[] | null {
	const text = textOf(value);
	if (text === null || text === '') return null;
	return text.split(', ').sort();
}

function flagOf(value: FactValue | undefined): boolean | null {
	const one = oneOf(value);
	return typeof one === 'boolean' ? one : null;
}
