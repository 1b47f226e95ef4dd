import { crc32 } from 'node:zlib';
import { measured, type OrderIdentity, type Outcome } from '../model/outcome.ts';
import type { Delivered } from '../model/sink.ts';
import { orderFromJson, orderToJson } from '../outcomes/outcome-json.ts';
import { type PackedOutcome, packOutcome, unpackOutcome } from '../outcomes/packed.ts';
import { isMapping, type Mapping } from '../reading/yaml-mapping.ts';

/** An outcome that waits for its sink. */
export interface Waiting {
	readonly delivered: Delivered;
	/** Since when it has been waiting, milliseconds since the epoch. */
	readonly sinceMs: number;
	/** As it came, so that it need not be packed again. */
	readonly packed?: PackedOutcome | undefined;
}

/** Many results are of one order. */
const orderTexts = new WeakMap<OrderIdentity, string>();

function orderText(order: OrderIdentity): string {
	let text = orderTexts.get(order);
	if (text === undefined) {
		text = JSON.stringify(orderToJson(order));
		orderTexts.set(order, text);
	}
	return text;
}

/** `<CRC-32 of the JSON, 8 hex digits> <JSON>\n`. */
export function lineOf({ delivered, sinceMs, packed = packOutcome(delivered) }: Waiting): string {
	const base64 = Buffer.from(packed, 'latin1').toString('base64');
	const json = `{"since":${sinceMs},"order":${orderText(delivered.order)},"packed":"${base64}"}`;
	return `${checksum(json)} ${json}\n`;
}

/** Null when that is no such line, or not as it was written. `text` comes without its line feed. */
export function readLine(text: string): Waiting | null {
	const json = text.slice(9);
	if (text.slice(0, 9) !== `${checksum(json)} `) return null;
	try {
		return waitingOf(JSON.parse(json));
	} catch {
		return null;
	}
}

/** The checksum says that we wrote it; this, that it was this version of us or one whose lines we know. */
function waitingOf(line: unknown): Waiting | null {
	if (!isMapping(line)) return null;
	const { since, packed } = line;
	if (typeof since !== 'number') return null;
	const delivered = typeof packed === 'string' ? outcomeOf(line, packed) : formerOutcomeOf(line);
	return delivered === null ? null : { delivered, sinceMs: since };
}

function outcomeOf(line: Mapping, packed: string): Outcome | null {
	const order = orderFromJson(line['order']);
	return order === null ? null : unpackOutcome(Buffer.from(packed, 'base64').toString('latin1'), order);
}

// ---- Lines of 2.0.0-dev before outcomes: {since, order, slot: [start, step], pings, samples: [[sent, rtt]...]} ----

function formerOutcomeOf({ order, slot, pings, samples }: Mapping): Outcome | null {
	const identity = formerOrder(order);
	if (identity === null || !isNumbers(slot, 2) || typeof pings !== 'number') return null;
	if (!Array.isArray(samples) || samples.length === 0 || !samples.every(isFormerSample)) return null;
	const [startSeconds = 0, stepSeconds = 0] = slot;
	const read = samples.map(([sentAtSeconds, rttSeconds]) => ({ sentAtSeconds, rttSeconds }));
	return measured(identity, { startSeconds, stepSeconds }, pings, read);
}

function formerOrder(order: unknown): OrderIdentity | null {
	if (!isMapping(order)) return null;
	const { measurementName, stepSeconds: _step, pings: _pings, ...others } = order;
	return orderFromJson({
		...others,
		...(measurementName === undefined ? {} : { measurement_name: measurementName }),
	});
}

function isFormerSample(value: unknown): value is [sentAtSeconds: number, rttSeconds: number | null] {
	return isNumbers(value, 2) || (Array.isArray(value) && value[1] === null && isNumbers([value[0]], 1));
}

function isNumbers(value: unknown, length: number): value is number[] {
	return Array.isArray(value) && value.length === length && value.every((one) => typeof one === 'number');
}

function checksum(json: string): string {
	return crc32(json).toString(16).padStart(8, '0');
}
