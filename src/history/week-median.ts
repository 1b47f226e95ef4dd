import { Histogram } from '../model/histogram.ts';
import type { Spell } from './histogram-lines.ts';

const weekSeconds = 7 * 86_400;
/** With less than a day of history, nothing is said of last week. */
const hoursLeast = 24;

/** The median of the seven days before a point in time, by the hours of a history. Seconds; null: there is too little. */
export function weekMedian(hours: readonly Spell[], atSeconds: number): number | null {
	const week = hours.filter(
		({ timeSeconds }) => timeSeconds >= atSeconds - weekSeconds && timeSeconds < atSeconds,
	);
	if (week.length < hoursLeast) return null;
	const all = new Histogram();
	for (const { tally } of week) all.merge(tally.histogram);
	return all.quantile(0.5);
}
