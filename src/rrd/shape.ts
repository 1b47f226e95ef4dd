/** How the values of one archive are made out of those of several steps. */
export type Consolidation = 'AVERAGE' | 'MIN' | 'MAX' | 'LAST';

/** What one value of each update is called and which values are believed. */
export interface DataSource {
	/** 1 to 19 characters of `[a-zA-Z0-9_]`. */
	readonly name: string;
	readonly type: 'GAUGE';
	/** After a longer gap between two updates the time between them is unknown. */
	readonly heartbeatSeconds: number;
	/** Smaller values are unknown; NaN: no limit. */
	readonly min: number;
	/** Larger values are unknown; NaN: no limit. */
	readonly max: number;
}

/** One round-robin archive. */
export interface Archive {
	readonly consolidation: Consolidation;
	/** How many steps make one row. */
	readonly stepsPerRow: number;
	/** How many rows are kept. */
	readonly rows: number;
	/** The part of a row's steps that may be unknown while the row is still known: 0 to 1. */
	readonly xff: number;
}

/** Everything about a file that stays as it was created. */
export interface RrdShape {
	readonly stepSeconds: number;
	readonly dataSources: readonly DataSource[];
	readonly archives: readonly Archive[];
}

/** Whether files of both shapes are interchangeable: equal in every part and in their order. */
export function sameShape(a: RrdShape, b: RrdShape): boolean {
	return (
		a.stepSeconds === b.stepSeconds &&
		sameList(a.dataSources, b.dataSources, sameDataSource) &&
		sameList(a.archives, b.archives, sameArchive)
	);
}

/**
 * Whether updates for one go to the other: its steps are as long, and its data sources have the same names and types
 * in the same order. What is believed and what is kept of them may differ.
 */
export function sameSources(a: RrdShape, b: RrdShape): boolean {
	return (
		a.stepSeconds === b.stepSeconds &&
		sameList(a.dataSources, b.dataSources, (one, other) => one.name === other.name && one.type === other.type)
	);
}

function sameDataSource(a: DataSource, b: DataSource): boolean {
	return (
		a.name === b.name &&
		a.type === b.type &&
		a.heartbeatSeconds === b.heartbeatSeconds &&
		Object.is(a.min, b.min) &&
		Object.is(a.max, b.max)
	);
}

function sameArchive(a: Archive, b: Archive): boolean {
	return (
		a.consolidation === b.consolidation &&
		a.stepsPerRow === b.stepsPerRow &&
		a.rows === b.rows &&
		a.xff === b.xff
	);
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
	return (
		a.length === b.length &&
		a.every((item, index) => {
			const other = b[index];
			return other !== undefined && same(item, other);
		})
	);
}
