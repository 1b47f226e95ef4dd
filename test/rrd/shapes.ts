import fc from 'fast-check';
import type { Archive, Consolidation, RrdShape } from '../../src/rrd/index.ts';

/** The start of all files here. Seconds since the epoch; a multiple of no step that is used. */
export const baseSeconds = 1_700_000_123;

/** An order's main.rrd. */
export function smokepingShape(stepSeconds: number, pings: number): RrdShape {
	const source = (name: string, max: number) => ({
		name,
		type: 'GAUGE' as const,
		heartbeatSeconds: 2 * stepSeconds,
		min: 0,
		max,
	});
	const rtts = ['median', ...Array.from({ length: pings }, (_, index) => `ping${index + 1}`)];
	return {
		stepSeconds,
		dataSources: [source('loss', pings), ...rtts.map((name) => source(name, 180))],
		archives: archivesFor(stepSeconds),
	};
}

function archivesFor(stepSeconds: number): Archive[] {
	if (stepSeconds < 300) {
		const steps = (seconds: number) => Math.max(1, Math.round(seconds / stepSeconds));
		return [
			...archives(1, 900, 'AVERAGE'),
			...archives(steps(300), 864, 'AVERAGE', 'MIN', 'MAX'),
			...archives(steps(1800), 480, 'AVERAGE', 'MIN', 'MAX'),
			...archives(steps(3600), 960, 'AVERAGE', 'MIN', 'MAX'),
			...archives(steps(43200), 800, 'AVERAGE', 'MAX', 'MIN'),
			...archives(steps(604800), 520, 'AVERAGE', 'MAX', 'MIN'),
		];
	}
	if (stepSeconds === 300) {
		return [
			...archives(1, 864, 'AVERAGE'),
			...archives(6, 480, 'AVERAGE', 'MIN', 'MAX'),
			...archives(12, 960, 'AVERAGE', 'MIN', 'MAX'),
			...archives(144, 800, 'AVERAGE', 'MAX', 'MIN'),
			...archives(2016, 520, 'AVERAGE', 'MAX', 'MIN'),
		];
	}
	return [
		...archives(1, 1008, 'AVERAGE'),
		...archives(12, 4320, 'AVERAGE', 'MIN', 'MAX'),
		...archives(144, 720, 'AVERAGE', 'MAX', 'MIN'),
	];
}

function archives(stepsPerRow: number, rows: number, ...consolidations: Consolidation[]): Archive[] {
	return consolidations.map((consolidation) => ({ consolidation, stepsPerRow, rows, xff: 0.5 }));
}

/** Small files of all sorts. */
export const anyShape: fc.Arbitrary<RrdShape> = fc
	.record({
		stepSeconds: fc.constantFrom(1, 5, 7, 10, 37, 60, 300),
		sources: fc.array(
			fc.record({
				heartbeatSteps: fc.constantFrom(0.5, 1, 2, 2, 5, 9.7),
				min: fc.constantFrom(Number.NaN, 0, 0, -1.5),
				max: fc.constantFrom(Number.NaN, 180, 20, 1000),
			}),
			{ minLength: 1, maxLength: 3 },
		),
		archives: fc.array(
			fc.record({
				consolidation: fc.constantFrom<Consolidation>('AVERAGE', 'MIN', 'MAX', 'LAST'),
				stepsPerRow: fc.constantFrom(1, 1, 2, 3, 5, 6, 10, 20),
				rows: fc.integer({ min: 1, max: 9 }),
				xff: fc.constantFrom(0, 0.3, 0.5, 0.5, 0.99),
			}),
			{ minLength: 1, maxLength: 6 },
		),
	})
	.map(({ stepSeconds, sources, archives }) => ({
		stepSeconds,
		dataSources: sources.map(({ heartbeatSteps, min, max }, index) => ({
			name: `source_${index}`,
			type: 'GAUGE',
			heartbeatSeconds: Math.ceil(heartbeatSteps * stepSeconds),
			min,
			max,
		})),
		archives,
	}));

/** One update, in terms that fit any shape. */
export interface AnyUpdate {
	/** From the last update. */
	readonly gapSteps: number;
	/** Whether the time is rounded to a whole step. */
	readonly isAligned: boolean;
	/** As many as there may be data sources. */
	readonly values: readonly number[];
}

/**
 * Updates of all sorts: mostly step by step, some between steps, some after gaps, some after gaps longer than a small
 * archive; values in and out of range and unknown.
 *
 * All values are multiples of 1/64 or 1/100: rrdtool reads decimals with more digits a little wrong.
 */
export function anyUpdates(sources: number, maxLength: number): fc.Arbitrary<AnyUpdate[]> {
	return fc.array(
		fc.record({
			gapSteps: fc.oneof(
				{ weight: 5, arbitrary: fc.constant(1) },
				{ weight: 2, arbitrary: fc.double({ min: 0.01, max: 3, noNaN: true }) },
				{ weight: 1, arbitrary: fc.double({ min: 3, max: 30, noNaN: true }) },
				{ weight: 1, arbitrary: fc.double({ min: 30, max: 300, noNaN: true }) },
			),
			isAligned: fc.oneof(
				{ weight: 3, arbitrary: fc.constant(true) },
				{ weight: 1, arbitrary: fc.constant(false) },
			),
			values: fc.array(anyValue, { minLength: sources, maxLength: sources }),
		}),
		{ minLength: 1, maxLength },
	);
}

const anyValue = fc.oneof(
	{ weight: 4, arbitrary: fc.integer({ min: 0, max: 64 * 25 }).map((value) => value / 64) },
	{ weight: 2, arbitrary: fc.integer({ min: 0, max: 200_00 }).map((value) => value / 100) },
	{ weight: 1, arbitrary: fc.constantFrom(0, 20, 180, 180.5, -1, -1.5, -2, 1e9) },
	{ weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity) },
	{ weight: 2, arbitrary: fc.constant(Number.NaN) },
);

/** When the update is: whole seconds, later than the last one. */
export function timeOf(update: AnyUpdate, stepSeconds: number, lastSeconds: number): number {
	const wanted = lastSeconds + Math.max(1, Math.round(update.gapSteps * stepSeconds));
	if (!update.isAligned) return wanted;
	const aligned = Math.floor(wanted / stepSeconds) * stepSeconds;
	return aligned > lastSeconds ? aligned : aligned + stepSeconds;
}
