import { z } from 'zod';

/** What a canary of the platform has measured once. */
export interface CanaryReading {
	/** `ping`, `dns`, `http`. */
	readonly type: string;
	/** The machine that measured, as it calls itself. */
	readonly canary: string;
	readonly target: string;
	/** When, seconds since the epoch by its clock. */
	readonly atSeconds: number;
	/** Of its one ping; null: lost. Left out: it could not measure, and nothing is known. */
	readonly rttSeconds?: number | null;
	/** Why there is no round-trip time; null: it does not say. */
	readonly why: string | null;
	readonly facts: Readonly<Record<string, number | string | boolean>>;
}

/** Longer messages are not looked into, bytes. */
const messageMax = 65_536;
const textMax = 250;
const answersMax = 50;
/** A day: no round trip is longer. */
const msMax = 86_400_000;
/** The year 3000: beyond it, it is no time of a measurement. */
const secondsMax = 32_503_680_000;

/** It cannot be written into a path. */
const halfCharacter = /\p{Cs}/u;

const number = z.number().nullish().catch(null);
const text = z.string().nullish().catch(null);
const ms = z.number().min(0).max(msMax).nullish();

const schema = z.object({
	type: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
	canary_id: z.string().min(1).max(1000),
	target: z.string().min(1).max(4000),
	timestamp: z.string().max(64),
	status: z.enum(['SUCCESS', 'FAILURE', 'ERROR', 'TIMEOUT']),
	error_message: text,
	rtt_avg_ms: ms,
	latency_ms: ms,
	packet_loss_percent: number,
	query_type: text,
	resolver: text,
	answer: z.array(z.string()).nullish().catch(null),
	status_code: number,
	response_size_bytes: number,
	content_match: z.boolean().nullish().catch(null),
});

type Written = z.infer<typeof schema>;

/** Null when it is nothing that a canary says. */
export function readCanaryMessage(bytes: Uint8Array): CanaryReading | null {
	if (bytes.length > messageMax) return null;
	const found = schema.safeParse(parsed(bytes));
	if (!found.success) return null;
	const { type, canary_id: canary, target, status, error_message: why } = found.data;
	const atSeconds = secondsOf(found.data.timestamp);
	const latency = found.data.rtt_avg_ms ?? found.data.latency_ms ?? null;
	if (atSeconds === null || (status === 'SUCCESS' && latency === null)) return null;
	if (halfCharacter.test(target) || halfCharacter.test(canary)) return null;
	const head = { type, canary, target, atSeconds, why: why == null ? null : oneLine(why) };
	const facts = factsOf(found.data);
	if (status === 'ERROR') return { ...head, facts };
	return { ...head, rttSeconds: status === 'SUCCESS' ? (latency ?? 0) / 1000 : null, facts };
}

function parsed(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return null;
	}
}

/** Python writes microseconds, and no zone when it means UTC. */
function secondsOf(timestamp: string): number | null {
	const isIso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$/.exec(timestamp);
	if (isIso === null) return null;
	const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(timestamp.slice(19)) ? timestamp : `${timestamp}Z`;
	const seconds = Date.parse(zoned.replace(' ', 'T')) / 1000;
	return seconds >= 0 && seconds < secondsMax ? seconds : null;
}

function factsOf(written: Written): CanaryReading['facts'] {
	const facts: Record<string, number | string | boolean> = { status: written.status };
	const latency = written.rtt_avg_ms ?? written.latency_ms;
	// That of an answer which says no: it is no round trip, and still worth knowing.
	if (written.status !== 'SUCCESS' && latency != null) facts['latency'] = latency / 1000;
	for (const [name, value] of [
		['packet_loss', written.packet_loss_percent],
		['status_code', written.status_code],
		['response_size', written.response_size_bytes],
		['content_match', written.content_match],
	] as const) {
		if (value != null) facts[name] = value;
	}
	const { answer } = written;
	for (const [name, value] of [
		['query_type', written.query_type],
		['resolver', written.resolver],
		['answer', answer == null ? null : answer.slice(0, answersMax).join(', ')],
		['error_message', written.error_message],
	] as const) {
		if (value != null && value !== '') facts[name] = oneLine(value);
	}
	return facts;
}

function oneLine(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they come from outside
	return text.slice(0, textMax).replace(/[\x00-\x1f\x7f]+/g, ' ');
}
