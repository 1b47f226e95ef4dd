import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { jitterOf } from '../../model/derived-facts.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FactsOf } from '../../model/sink-facts.ts';

/**
 * The same of an order, of who measured and of a slot each time, so that what is sent twice is stored once. 27 characters,
 * which the server stores in 20 bytes.
 */
export function idOf({ order, pop = '', slot }: Outcome): string {
	return createHash('sha1').update(`${order.id}|${pop}|${slot.startSeconds}`).digest('base64url');
}

/** A superset of Pingy's: times in milliseconds, what is not known is left out. `factsOf` null: no facts. */
export function documentOf(outcome: Outcome, factsOf: FactsOf | null): Readonly<Record<string, unknown>> {
	const { order, pop, slot, pings } = outcome;
	return {
		'@timestamp': new Date(slot.startSeconds * 1000).toISOString(),
		...contentOf(outcome),
		order: { id: order.id, user: order.user },
		task: order.task,
		title: order.title,
		measurement_name: order.measurementName,
		probe: order.probe,
		target: order.target,
		pop,
		slot: { start: slot.startSeconds, step: slot.stepSeconds },
		pings,
		labels: labelsOf(order.tags),
		...factsIn(outcome, factsOf),
	};
}

function contentOf(outcome: Outcome): Readonly<Record<string, unknown>> {
	if (outcome.kind !== 'measured') return { status: 'UNKNOWN', code: outcome.code, reason: outcome.reason };
	const { samples, loss, minSeconds, medianSeconds, maxSeconds, facts } = outcome.measurement;
	return {
		ip: ipOf(facts['address']),
		status: medianSeconds === null ? 'DOWN' : 'UP',
		latency_ms: inMs(medianSeconds),
		min_ms: inMs(minSeconds),
		median_ms: inMs(medianSeconds),
		max_ms: inMs(maxSeconds),
		jitter_ms: inMs(jitterOf(samples)),
		sent: samples.length,
		loss,
		loss_ratio: Number((loss / samples.length).toPrecision(12)),
		rtts_ms: samples.map(({ rttSeconds }) => inMs(rttSeconds) ?? null),
	};
}

/** One that the type `ip` takes: those of SCION and zones it does not. */
function ipOf(address: unknown): string | undefined {
	const [ip = ''] = typeof address === 'string' ? address.split('%', 1) : [];
	return isIP(ip) === 0 ? undefined : ip;
}

function inMs(seconds: number | null): number | undefined {
	return seconds === null ? undefined : Number((seconds * 1000).toPrecision(12));
}

const labelMax = 1024;

/**
 * A dot in a name would make an object of it, a name without any letter is refused with all of the document, and so is a
 * value that is too long for an index.
 */
function labelsOf(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	const labels: [string, string][] = [];
	for (const [tag, value] of Object.entries(tags)) {
		const name = tag.replaceAll('.', '_').slice(0, labelMax);
		if (value !== '') labels.push([name.trim() === '' ? '_' : name, value.slice(0, labelMax)]);
	}
	return Object.fromEntries(labels);
}

function factsIn(outcome: Outcome, factsOf: FactsOf | null): { readonly facts?: object } {
	if (outcome.kind !== 'measured' || factsOf === null) return {};
	const told = factsOf(outcome).filter(
		({ declaration: { kind }, isNamed }) => isNamed || (kind !== 'text' && kind !== 'path'),
	);
	if (told.length === 0) return {};
	return { facts: Object.fromEntries(told.map(({ declaration, value }) => [declaration.name, value])) };
}
