import { crc32 } from 'node:zlib';
import { measurementOf, type Sample } from '../model/measurement.ts';
import type { Delivered, DeliveredOrder } from '../model/sink.ts';
import { isMapping } from '../reading/yaml-mapping.ts';

/** A measurement that waits for its sink. */
export interface Waiting {
	readonly delivered: Delivered;
	/** Since when it has been waiting, milliseconds since the epoch. */
	readonly sinceMs: number;
}

/** What a line holds. Loss, minimum, median and maximum are reckoned anew. */
interface Line {
	readonly since: number;
	readonly order: DeliveredOrder;
	readonly slot: readonly [startSeconds: number, stepSeconds: number];
	readonly pings: number;
	readonly samples: readonly (readonly [sentAtSeconds: number, rttSeconds: number | null])[];
}

/** `<CRC-32 of the JSON, 8 hex digits> <JSON>\n`. */
export function lineOf({ delivered: { order, measurement }, sinceMs }: Waiting): string {
	const { slot, pings, samples } = measurement;
	const line: Line = {
		since: sinceMs,
		order,
		slot: [slot.startSeconds, slot.stepSeconds],
		pings,
		samples: samples.map(({ sentAtSeconds, rttSeconds }) => [sentAtSeconds, rttSeconds]),
	};
	const json = JSON.stringify(line);
	return `${checksum(json)} ${json}\n`;
}

/** Null when that is no such line, or not as it was written. `text` comes without its line feed. */
export function readLine(text: string): Waiting | null {
	const json = text.slice(9);
	if (text.slice(0, 9) !== `${checksum(json)} `) return null;
	try {
		const line: unknown = JSON.parse(json);
		return isLine(line) ? waitingOf(line) : null;
	} catch {
		return null;
	}
}

function waitingOf({ since, order, slot: [startSeconds, stepSeconds], pings, samples }: Line): Waiting {
	const read = samples.map(([sentAtSeconds, rttSeconds]): Sample => ({ sentAtSeconds, rttSeconds }));
	const measurement = measurementOf({ id: order.id, pings }, { startSeconds, stepSeconds }, read);
	return { delivered: { order, measurement }, sinceMs: since };
}

/** The checksum says that we wrote it; this, that it was this version of us or one that wrote the same. */
function isLine(line: unknown): line is Line {
	if (!isMapping(line) || !isMapping(line['order'])) return false;
	const { since, order, slot, pings, samples } = line;
	const { id, user, probe, tags, target } = order as Record<string, unknown>;
	return (
		typeof since === 'number' &&
		[id, user, probe, target].every((text) => typeof text === 'string') &&
		isMapping(tags) &&
		isNumbers(slot, 2) &&
		typeof pings === 'number' &&
		Array.isArray(samples) &&
		samples.length > 0 &&
		samples.every(isSample)
	);
}

function isSample(value: unknown): boolean {
	return isNumbers(value, 2) || (Array.isArray(value) && value[1] === null && isNumbers([value[0]], 1));
}

function isNumbers(value: unknown, length: number): boolean {
	return Array.isArray(value) && value.length === length && value.every((one) => typeof one === 'number');
}

function checksum(json: string): string {
	return crc32(json).toString(16).padStart(8, '0');
}
