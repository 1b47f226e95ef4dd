import { daySeconds, hourSeconds } from '../history/histogram-lines.ts';
import { ringBytes, ringCapacity } from '../history/slot-ring.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import type { HistoryLimits } from './catch-up.ts';
import { maxPings } from './main-rrd-shape.ts';

export const usualHistoryLimits: HistoryLimits = {
	hoursSeconds: 90 * daySeconds,
	daysSeconds: 3 * 365 * daySeconds,
	slotsSeconds: 8 * daySeconds,
};

/** Of orders whose main.rrd goes back so far. */
const shortTemplateSeconds = 40 * daySeconds;

/** How long the histograms of an order are kept. */
export function limitsOf(template: RrdTemplate, limits: HistoryLimits): HistoryLimits {
	if (template !== 'short') return limits;
	return {
		...limits,
		hoursSeconds: Math.min(shortTemplateSeconds, limits.hoursSeconds),
		daysSeconds: Math.min(shortTemplateSeconds, limits.daysSeconds),
	};
}

/** A line without buckets, and a bucket. */
const lineBytes = 140;
const bucketBytes = 9;
/** Of a target whose round-trip times differ much; few have more. */
const usualBuckets = 24;

/** About how much histograms and single slots of an order take at most, when as many are kept as ever are. Bytes. */
export function historyBytes(
	template: RrdTemplate,
	stepSeconds: number,
	pings: number,
	limits: HistoryLimits,
): number {
	if (template === 'norrd' || pings > maxPings) return 0;
	const { hoursSeconds, daysSeconds } = limitsOf(template, limits);
	const bytesOf = (keptSeconds: number, spanSeconds: number) => {
		const span = Math.max(spanSeconds, stepSeconds);
		const buckets = Math.min(usualBuckets, (span / stepSeconds) * pings);
		return (keptSeconds / span) * (lineBytes + buckets * bucketBytes);
	};
	const lines = bytesOf(hoursSeconds, hourSeconds) + bytesOf(daysSeconds, daySeconds);
	return Math.ceil(lines) + ringBytes(ringCapacity(stepSeconds, limits.slotsSeconds));
}
