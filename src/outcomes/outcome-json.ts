import { type FactScalar, type Facts, type FactValue, isList } from '../model/facts.ts';
import type { Sample } from '../model/measurement.ts';
import {
	type ClockState,
	measured,
	notMeasured,
	type OrderIdentity,
	type Outcome,
	type ReasonCode,
	reasonCodes,
} from '../model/outcome.ts';

/** An outcome for sockets, brokers and files. Seconds throughout, times since the epoch. What is not known is left out. */
export interface OutcomeJson {
	readonly v: typeof jsonVersion;
	readonly order: OrderJson;
	readonly pop?: string;
	/** Start of the slot. */
	readonly slot: number;
	readonly step: number;
	/** How many pings the order asks for. */
	readonly pings: number;
	readonly kind: Outcome['kind'];
	/** Of `measured`: in sending order; `rtt` is null when the answer did not come. */
	readonly samples?: readonly { readonly sent: number; readonly rtt: number | null }[];
	/** Of `measured`: by name; left out when there are none. */
	readonly facts?: Facts;
	/** Of `failed` and `skipped`. */
	readonly code?: ReasonCode;
	readonly reason?: string;
	/** When it was made. */
	readonly updated?: number;
	readonly boot?: string;
	readonly seq?: number;
	readonly clock?: ClockState;
}

interface OrderJson {
	readonly id: string;
	readonly user: string;
	readonly task?: string;
	readonly probe: string;
	readonly target: string;
	readonly title?: string;
	readonly measurement_name?: string;
	readonly tags: Readonly<Record<string, string>>;
}

const jsonVersion = 1;

export function outcomeToJson(outcome: Outcome): OutcomeJson {
	const { order, pop, slot, pings, kind, updatedSeconds, boot, seq, clock } = outcome;
	return {
		v: jsonVersion,
		order: orderToJson(order),
		...(pop === undefined ? {} : { pop }),
		slot: slot.startSeconds,
		step: slot.stepSeconds,
		pings,
		kind,
		...contentOf(outcome),
		...(updatedSeconds === undefined ? {} : { updated: updatedSeconds }),
		...(boot === undefined ? {} : { boot }),
		...(seq === undefined ? {} : { seq }),
		...(clock === undefined ? {} : { clock }),
	};
}

function contentOf(outcome: Outcome): Partial<OutcomeJson> {
	if (outcome.kind !== 'measured') return { code: outcome.code, reason: outcome.reason };
	const { samples, facts } = outcome.measurement;
	const told = samples.map(({ sentAtSeconds, rttSeconds }) => ({ sent: sentAtSeconds, rtt: rttSeconds }));
	return Object.keys(facts).length === 0 ? { samples: told } : { samples: told, facts };
}

export function orderToJson(order: OrderIdentity): OrderJson {
	const { measurementName, tags, ...others } = order;
	return { ...others, ...(measurementName === undefined ? {} : { measurement_name: measurementName }), tags };
}

/** What `outcomeToJson` gave, as it was read; null when it is nothing of the kind. Unknown keys do no harm. */
export function outcomeFromJson(json: unknown): Outcome | null {
	if (!isMapping(json) || json['v'] !== jsonVersion) return null;
	const order = orderFromJson(json['order']);
	const { slot: startSeconds, step: stepSeconds, pings, kind, code, reason } = json;
	const details = detailsFrom(json);
	if (order === null || details === null) return null;
	if (!isNumber(startSeconds) || !isNumber(stepSeconds) || !isNumber(pings)) return null;
	const slot = { startSeconds, stepSeconds };
	if (kind === 'measured') {
		const samples = samplesFrom(json['samples']);
		const facts = factsFrom(json['facts']);
		if (samples === null || facts === null) return null;
		return measured(order, slot, pings, samples, facts, details);
	}
	if ((kind !== 'failed' && kind !== 'skipped') || !isReasonCode(code) || typeof reason !== 'string')
		return null;
	return notMeasured(kind, order, slot, pings, { code, reason }, details);
}

/** Null when it is nothing of the kind. */
export function orderFromJson(json: unknown): OrderIdentity | null {
	if (!isMapping(json)) return null;
	const { id, user, task, probe, target, title, measurement_name: measurementName, tags } = json;
	if (!isText(id) || !isText(user) || !isText(probe) || !isText(target) || !isMapping(tags)) return null;
	if (!Object.values(tags).every(isText)) return null;
	const optional = { task, title, measurementName };
	const known = Object.entries(optional).filter(([, value]) => value !== undefined);
	if (!known.every(([, value]) => isText(value))) return null;
	return { id, user, probe, target, tags: tags as OrderIdentity['tags'], ...Object.fromEntries(known) };
}

type Details = NonNullable<Parameters<typeof measured>[5]>;

function detailsFrom({ pop, updated, boot, seq, clock }: Mapping): Details | null {
	if (!isUnknownOr(isText, pop) || !isUnknownOr(isText, boot)) return null;
	if (!isUnknownOr(isNumber, updated) || !isUnknownOr(isNumber, seq) || !isUnknownOr(isClock, clock))
		return null;
	return {
		...(pop === undefined ? {} : { pop }),
		...(updated === undefined ? {} : { updatedSeconds: updated }),
		...(boot === undefined ? {} : { boot }),
		...(seq === undefined ? {} : { seq }),
		...(clock === undefined ? {} : { clock }),
	};
}

function samplesFrom(json: unknown): Sample[] | null {
	if (!Array.isArray(json) || json.length === 0) return null;
	const samples: Sample[] = [];
	for (const sample of json as unknown[]) {
		if (!isMapping(sample)) return null;
		const { sent, rtt } = sample;
		if (!isNumber(sent) || !(rtt === null || isNumber(rtt))) return null;
		samples.push({ sentAtSeconds: sent, rttSeconds: rtt });
	}
	return samples;
}

function factsFrom(json: unknown): Facts | null {
	if (json === undefined) return {};
	if (!isMapping(json)) return null;
	return Object.values(json).every(isFactValue) ? (json as Facts) : null;
}

function isFactValue(value: unknown): value is FactValue {
	if (!isList(value as FactValue)) return isScalar(value);
	return (value as readonly unknown[]).every((one) => one === null || isScalar(one));
}

function isScalar(value: unknown): value is FactScalar {
	return typeof value === 'boolean' || isText(value) || isNumber(value);
}

function isClock(json: unknown): json is ClockState {
	if (!isMapping(json) || typeof json['synced'] !== 'boolean') return false;
	return isUnknownOr(isNumber, json['since']) && isUnknownOr(isNumber, json['offset']);
}

function isReasonCode(code: unknown): code is ReasonCode {
	return (reasonCodes as readonly unknown[]).includes(code);
}

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUnknownOr<T>(is: (value: unknown) => value is T, value: unknown): value is T | undefined {
	return value === undefined || is(value);
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
	return typeof value === 'number' && Number.isFinite(value);
}
