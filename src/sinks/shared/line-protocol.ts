import { influxName, influxTag } from '../../model/influx-names.ts';
import type { Measurement, Sample } from '../../model/measurement.ts';
import type { Delivered } from '../../model/sink.ts';
import type { FactsOf } from '../../model/sink-facts.ts';
import { factFields, factFieldsOfPing } from './fact-fields.ts';
import {
	fifteenDigits,
	type NanoTime,
	nanoText,
	nanoTime,
	oneNanoLater,
	sixDecimals,
	spreadTime,
} from './line-numbers.ts';

/** What is said about a measurement. */
export interface LineContent {
	/** One line with loss, minimum, median and maximum. */
	readonly summary: boolean;
	/**
	 * One line for every answered ping: `spread` evenly over the step, as pingmachine 1.6 did; with the time at which it
	 * was `sent`; or `none`.
	 */
	readonly individual: 'spread' | 'sent' | 'none';
	/** Added to every line. An order's own tag of the same name wins. */
	readonly tags: Readonly<Record<string, string>>;
	/** Facts that are told as well; null or left out: none. */
	readonly facts?: FactsOf | null;
}

/**
 * A measurement in Influx line protocol: lines without line feeds, fields and tags sorted by name. None for an order
 * without a measurement name.
 */
export function linesOf(outcome: Delivered, content: LineContent): string[] {
	if (outcome.kind !== 'measured') return [];
	const { order, measurement, pop } = outcome;
	const place = pop === undefined ? {} : { pop };
	const series = seriesOf(order.measurementName ?? '', { ...content.tags, ...order.tags, ...place });
	if (series === null) return [];
	const lines: string[] = [];
	const { samples, slot } = measurement;
	const facts = content.facts?.(outcome) ?? [];
	if (content.summary) {
		const time = nanoText({ seconds: slot.startSeconds, nanos: 0 });
		lines.push(`${series} ${withFacts(summaryFields(measurement), factFields(facts))} ${time}`);
	}
	if (content.individual === 'none') return lines;
	const timeOf =
		content.individual === 'sent'
			? distinctTimes()
			: (_sample: Sample, index: number) =>
					spreadTime(slot.startSeconds, slot.stepSeconds, index, measurement.pings);
	for (const [index, sample] of samples.entries()) {
		if (sample.rttSeconds === null) continue;
		const rtt = `individual_rtt=${fifteenDigits(sample.rttSeconds)}`;
		const fields = withFacts(rtt, factFieldsOfPing(facts, index));
		lines.push(`${series} ${fields} ${nanoText(timeOf(sample, index))}`);
	}
	return lines;
}

/** Loss is that of the pings that were sent: in a run that was cut short, those that were not are not lost. */
function summaryFields(measurement: Measurement): string {
	const { loss, samples, minSeconds, medianSeconds, maxSeconds } = measurement;
	let fields = `loss=${sixDecimals((100 * loss) / samples.length)}`;
	if (maxSeconds !== null) fields += `,max_rtt=${sixDecimals(maxSeconds)}`;
	if (medianSeconds !== null) fields += `,median_rtt=${sixDecimals(medianSeconds)}`;
	if (minSeconds !== null) fields += `,min_rtt=${sixDecimals(minSeconds)}`;
	return fields;
}

/** Sorted by name, as all fields are. */
function withFacts(fields: string, facts: readonly string[]): string {
	return facts.length === 0 ? fields : [...fields.split(','), ...facts].sort(byName).join(',');
}

function byName(one: string, other: string): number {
	const [a = '', b = ''] = [one, other].map((field) => field.slice(0, field.indexOf('=')));
	return a < b ? -1 : a > b ? 1 : 0;
}

/** Of two lines of one series with the same time, a database keeps only one. */
function distinctTimes(): (sample: Sample) => NanoTime {
	/** For each time that is taken, a later one that may be free. */
	const later = new Map<string, NanoTime>();
	return ({ sentAtSeconds }) => {
		const wanted = nanoTime(sentAtSeconds);
		let time = wanted;
		for (let next = later.get(nanoText(time)); next !== undefined; next = later.get(nanoText(time)))
			time = next;
		// Also where the search began: a thousand pings of one time would make each search longer than the last.
		later.set(nanoText(time), oneNanoLater(time));
		later.set(nanoText(wanted), oneNanoLater(time));
		return time;
	};
}

// ---- Names and tags ----

/** Measurement name and tags, or null when there is no name. An empty tag is none. */
function seriesOf(name: string, tags: Readonly<Record<string, string>>): string | null {
	if (name === '') return null;
	const written = new Map<string, string>();
	const { time = '', ...others } = tags;
	const all: Readonly<Record<string, string>> = { ...others, [insteadOfTime(others)]: time };
	for (const key of Object.keys(all).sort()) {
		const value = all[key] ?? '';
		if (key !== '' && value !== '') written.set(influxTag(key), influxTag(value));
	}
	let series = influxName(name);
	for (const [key, value] of written) series += `,${key}=${value}`;
	return series;
}

/** InfluxDB drops every line with a tag called `time`. A tag that is there already keeps its name. */
function insteadOfTime(others: Readonly<Record<string, string>>): string {
	let name = 'time_';
	while ((others[name] ?? '') !== '') name += '_';
	return name;
}
