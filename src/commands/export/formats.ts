import { influxTag } from '../../model/influx-names.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { Row, Series } from '../../store/series.ts';

export const exportFormats = ['csv', 'json', 'influx'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The text of a series, line by line, each with its line feed. What is unknown is empty, null or left out. */
export function* seriesLines(format: ExportFormat, id: string, series: Series): Generator<string> {
	if (format === 'csv') yield `${['time', 'step', ...series.names].join(',')}\n`;
	const lineOf = format === 'csv' ? csvLine : format === 'json' ? jsonLine : influxLines(id);
	for (const row of series.rows) yield lineOf(row, series);
}

/** Without the noise of adding up and dividing: far more digits than anybody measures. */
function rounded(value: number): number {
	return Number(value.toPrecision(12));
}

function csvLine({ timeSeconds, values }: Row, { stepSeconds }: Series): string {
	let line = `${timeSeconds},${stepSeconds}`;
	for (const value of values) line += Number.isNaN(value) ? ',' : `,${rounded(value)}`;
	return `${line}\n`;
}

function jsonLine({ timeSeconds, values }: Row, { names, stepSeconds }: Series): string {
	const fields = names.map((name, index) => [name, rounded(values[index] ?? Number.NaN)] as const);
	// JSON has no NaN: JSON.stringify makes it null.
	const json = JSON.stringify({ time: timeSeconds, step: stepSeconds, ...Object.fromEntries(fields) });
	return `${escapeJson(json)}\n`;
}

function influxLines(id: string): typeof csvLine {
	const prefix = `pingmachine,id=${influxTag(printable(id))} `;
	return ({ timeSeconds, values }, { names }) => {
		const known = names.flatMap((name, index) => {
			const value = values[index] ?? Number.NaN;
			return Number.isNaN(value) ? [] : [`${name}=${rounded(value)}`];
		});
		// A point without fields is no point. Nanoseconds are beyond what a number holds.
		return known.length === 0 ? '' : `${prefix}${known.join(',')} ${BigInt(timeSeconds) * 1_000_000_000n}\n`;
	};
}
