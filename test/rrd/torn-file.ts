/** A file at several times, and what a write that was cut short leaves of it. */
import type { RrdLayout } from '../../src/rrd/layout.ts';
import type { AnyUpdate } from './shapes.ts';

/** The file at three times: before an update, after it, and after one more. */
export interface Story {
	readonly layout: RrdLayout;
	readonly before: Buffer;
	readonly after: Buffer;
	readonly later: Buffer;
	/** The one more. */
	goOn(): void;
}

/** The file when the write of its header ended at `cut`. */
export function tornAt(
	cut: number,
	{ after, before, layout }: Pick<Story, 'after' | 'before' | 'layout'>,
): Buffer {
	const torn = Buffer.from(after);
	before.copy(torn, cut, cut, layout.headerBytes);
	return torn;
}

/** Before the first one the time of the last update is old: nothing is torn, the file is as before. */
export function cutsOf(layout: RrdLayout, every: number): number[] {
	const from = layout.liveWord * 8 + 8;
	const cuts: number[] = [];
	for (let cut = Math.ceil(from / every) * every; cut <= layout.headerBytes; cut += every) cuts.push(cut);
	return cuts;
}

export const steps = (...gaps: number[]): AnyUpdate[] =>
	gaps.map((gapSteps, index) => ({
		gapSteps,
		isAligned: true,
		values: [index, 0.25 * index, Number.NaN, 7],
	}));

/** Of the first archive. */
export const oneStepArchive = { consolidation: 'LAST', stepsPerRow: 1, rows: 40, xff: 0.5 } as const;
