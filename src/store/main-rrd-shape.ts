import { type RrdTemplate, rrdTemplates } from '../model/rrd-template.ts';
import { type Archive, type Consolidation, type DataSource, type RrdShape, rrdBytes } from '../rrd/index.ts';

/** The longest RTT that main.rrd keeps, in seconds. */
const maxRttSeconds = 180;

/** More would make files of gigabytes. */
export const maxPings = 10_000;

const averageMinMax = ['AVERAGE', 'MIN', 'MAX'] as const;
const averageMaxMin = ['AVERAGE', 'MAX', 'MIN'] as const;

/** The templates that have a main.rrd. */
export const shapedTemplates = rrdTemplates.filter((template) => template !== 'norrd');

export type ShapedTemplate = (typeof shapedTemplates)[number];

/** The shape of main.rrd. Data sources are what graphs made for SmokePing expect, whatever the template. */
export function mainRrdShape(template: ShapedTemplate, stepSeconds: number, pings: number): RrdShape {
	const heartbeatSeconds = 2 * stepSeconds;
	const source = (name: string, max: number): DataSource => ({
		name,
		type: 'GAUGE',
		heartbeatSeconds,
		min: 0,
		max,
	});
	return {
		stepSeconds,
		dataSources: [
			source('loss', pings),
			source('median', maxRttSeconds),
			...Array.from({ length: pings }, (_, index) => source(`ping${index + 1}`, maxRttSeconds)),
		],
		archives: archivesOf(template, stepSeconds),
	};
}

/** By how many archives a file differs from what it was made with, however many rows they have. */
export function changedArchives(
	made: RrdShape,
	now: RrdShape,
): { readonly missing: number; readonly added: number } {
	const before = new Set(made.archives.map(kindOf));
	const after = new Set(now.archives.map(kindOf));
	const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
		[...one].filter((kind) => !other.has(kind)).length;
	return { missing: without(before, after), added: without(after, before) };
}

function kindOf({ consolidation, stepsPerRow }: Archive): string {
	return `${consolidation} ${stepsPerRow}`;
}

function archivesOf(template: ShapedTemplate, stepSeconds: number): Archive[] {
	return template === 'short' ? shortArchives(stepSeconds) : smokepingArchives(stepSeconds);
}

function smokepingArchives(stepSeconds: number): Archive[] {
	if (stepSeconds > 300) {
		return [
			...archives(['AVERAGE'], 1, 1008),
			...archives(averageMinMax, 12, 4320),
			...archives(averageMaxMin, 144, 720),
		];
	}
	if (stepSeconds === 300) {
		return [
			...archives(['AVERAGE'], 1, 864),
			...archives(averageMinMax, 6, 480),
			...archives(averageMinMax, 12, 960),
			...archives(averageMaxMin, 144, 800),
			...archives(averageMaxMin, 2016, 520),
		];
	}
	// The spans are whole numbers of steps only for some steps; for the others as near as can be.
	const stepsIn = (seconds: number) => Math.max(1, Math.round(seconds / stepSeconds));
	return [
		...archives(['AVERAGE'], 1, 900),
		...archives(averageMinMax, stepsIn(300), 864),
		...archives(averageMinMax, stepsIn(1800), 480),
		...archives(averageMinMax, stepsIn(3600), 960),
		...archives(averageMaxMin, stepsIn(43200), 800),
		...archives(averageMaxMin, stepsIn(604800), 520),
	];
}

/** How long main.rrd is, from its creation on. Bytes; 0 when there is none. */
export function mainRrdBytes(template: RrdTemplate, stepSeconds: number, pings: number): number {
	if (template === 'norrd' || pings > maxPings) return 0;
	const key = `${template}/${stepSeconds}/${pings}`;
	const bytes = knownBytes.get(key) ?? rrdBytes(mainRrdShape(template, stepSeconds, pings));
	knownBytes.set(key, bytes);
	return bytes;
}

const knownBytes = new Map<string, number>();

const shortSeconds = 40 * 24 * 3600;
const dayOfFiveMinutes = 288;

/** Averages only: the latest steps, two days of five minutes, 40 days of half hours. */
function shortArchives(stepSeconds: number): Archive[] {
	const rowsBySteps = new Map([[1, 240]]);
	for (const [seconds, rows] of [
		[300, 2 * dayOfFiveMinutes],
		[1800, shortSeconds / 1800],
	] as const) {
		const stepsPerRow = Math.round(seconds / stepSeconds);
		if (stepsPerRow > 0) rowsBySteps.set(stepsPerRow, Math.max(rows, rowsBySteps.get(stepsPerRow) ?? 0));
	}
	return [...rowsBySteps].flatMap(([stepsPerRow, rows]) => archives(['AVERAGE'], stepsPerRow, rows));
}

function archives(consolidations: readonly Consolidation[], stepsPerRow: number, rows: number): Archive[] {
	return consolidations.map((consolidation) => ({ consolidation, stepsPerRow, rows, xff: 0.5 }));
}

/**
 * A row of main.rrd: loss, median and one value for each ping, in seconds, NaN where unknown. `received`: the RTTs
 * that came back, smallest first. Lost pings stand half before and half after them, so that the smoke of a graph
 * thins out on both sides.
 */
export function smokepingRow(
	pings: number,
	loss: number,
	medianSeconds: number | null,
	received: ArrayLike<number>,
): number[] {
	const row = unknownRow(pings);
	row[0] = loss;
	row[1] = medianSeconds ?? Number.NaN;
	const first = 2 + Math.floor(Math.max(0, pings - received.length) / 2);
	for (let index = 0; index < Math.min(received.length, pings); index++) {
		row[first + index] = received[index] ?? Number.NaN;
	}
	return row;
}

/** A row for a slot that was not measured. */
export function unknownRow(pings: number): number[] {
	return new Array<number>(2 + pings).fill(Number.NaN);
}
