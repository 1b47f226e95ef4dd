import type { Archive, RrdShape } from './shape.ts';

/*
 * The file, version 0003, little-endian, every part a multiple of 8 bytes long:
 *
 *   head | data source, each | archive, each | live | step preparation, each data source
 *        | row preparation, each archive and data source | row pointer, each archive | rows
 *
 * Everything before the rows is called the header here; head, data sources and archives, which never change, are
 * the definitions.
 */

/** Bytes of the parts. */
export const headBytes = 128;
export const dataSourceBytes = 120;
const archiveBytes = 120;
const liveBytes = 16;
const stepPreparationBytes = 112;
export const rowPreparationBytes = 80;
const rowPointerBytes = 8;
const valueBytes = 8;

/** Where things are in the head, in bytes. */
export const headAt = { version: 4, cookie: 16, dataSources: 24, archives: 32, stepSeconds: 40 } as const;

/** Where things are in a data source, in bytes. */
export const dataSourceAt = { name: 0, type: 20, heartbeatSeconds: 40, min: 48, max: 56 } as const;

/** Where things are in an archive, in bytes. */
export const archiveAt = { consolidation: 0, rows: 24, stepsPerRow: 32, xff: 40 } as const;

/** Names of data sources, types and consolidations: bytes, with the zero that ends them. */
export const nameBytes = 20;

/**
 * Where things are around the time of the last update, in 8-byte words. Those before it are the end of the last
 * archive's definition, not in use by rrdtool; see torn-update.ts.
 */
export const liveWords = {
	/** The update before the last one of ours. */
	previousStamp: -2,
	/** The last update of ours. */
	stamp: -1,
	seconds: 0,
	microseconds: 1,
} as const;

/** What an update writes before the time of the last update. Bytes. */
export const stampBytes = 16;

/** Where things are in a step preparation, in 8-byte words. */
export const stepWord = {
	/** The last value as text: 30 bytes, ended by a zero, and two bytes of padding. */
	lastText: 0,
	/** Unknown seconds in the current step: u64. */
	unknownSeconds: 4,
	/** Sum of value x seconds in the current step. */
	value: 5,
	/** The update that wrote this, if it was ours. Not in use by rrdtool; see torn-update.ts. */
	stamp: 6,
} as const;

/** Where things are in a row preparation, in 8-byte words. */
export const rowWord = {
	/** What the steps of the current row have given so far. */
	value: 0,
	/** Unknown steps in the current row: u64. */
	unknownSteps: 1,
	/** The update that wrote this, if it was ours. Not in use by rrdtool; see torn-update.ts. */
	stamp: 2,
	/** Copies of `value` and `unknownSteps`, both as doubles. Not in use by rrdtool. */
	valueCopy: 3,
	unknownStepsCopy: 4,
	/** What the first row of the last update got. */
	primary: 8,
	/** What further rows of the last update got. */
	secondary: 9,
} as const;

/** 8-byte words from one step preparation, row preparation, to the next. */
export const stepWords = stepPreparationBytes / 8;
export const rowWords = rowPreparationBytes / 8;

/** Where an archive's parts are. */
export interface ArchiveLayout extends Archive {
	/** Row preparation of its first data source: 8-byte words from the start of the file. */
	readonly preparationWord: number;
	/** Row pointer: 8-byte words from the start of the file. */
	readonly pointerWord: number;
	/** First row: bytes from the start of the file. */
	readonly rowsOffset: number;
}

/** Where everything in a file of one shape is. */
export interface RrdLayout {
	readonly shape: RrdShape;
	readonly archives: readonly ArchiveLayout[];
	/** Time of the last update: 8-byte words from the start of the file. */
	readonly liveWord: number;
	/** Step preparation of the first data source: 8-byte words from the start of the file. */
	readonly stepPreparationWord: number;
	/** All before the rows. */
	readonly headerBytes: number;
	/** One row of any archive. */
	readonly rowBytes: number;
	readonly fileBytes: number;
}

/** Bytes of the definitions. */
export function definitionBytes(dataSources: number, archives: number): number {
	return headBytes + dataSources * dataSourceBytes + archives * archiveBytes;
}

/** Bytes of the header, the definitions included. */
export function headerBytes(dataSources: number, archives: number): number {
	return (
		definitionBytes(dataSources, archives) +
		liveBytes +
		dataSources * stepPreparationBytes +
		archives * dataSources * rowPreparationBytes +
		archives * rowPointerBytes
	);
}

/** Where everything is in a file of this shape. */
export function layoutOf(shape: RrdShape): RrdLayout {
	const sources = shape.dataSources.length;
	const count = shape.archives.length;
	const liveOffset = definitionBytes(sources, count);
	const stepPreparationOffset = liveOffset + liveBytes;
	const rowPreparationOffset = stepPreparationOffset + sources * stepPreparationBytes;
	const pointersOffset = rowPreparationOffset + count * sources * rowPreparationBytes;
	const rowBytes = sources * valueBytes;
	const allHeaderBytes = headerBytes(sources, count);
	let rowsOffset = allHeaderBytes;
	const archives = shape.archives.map((archive, index) => {
		const placed = {
			...archive,
			preparationWord: (rowPreparationOffset + index * sources * rowPreparationBytes) / 8,
			pointerWord: (pointersOffset + index * rowPointerBytes) / 8,
			rowsOffset,
		};
		rowsOffset += archive.rows * rowBytes;
		return placed;
	});
	return {
		shape,
		archives,
		liveWord: liveOffset / 8,
		stepPreparationWord: stepPreparationOffset / 8,
		headerBytes: allHeaderBytes,
		rowBytes,
		fileBytes: rowsOffset,
	};
}

/**
 * Where the newest row of an archive is at that time, if its first row is at time 0. Files made here keep to it, and
 * every update keeps it true, so that a pointer that was not written can be told (torn-update.ts).
 */
export function pointerAt(archive: Archive, stepSeconds: number, timeSeconds: number): number {
	return remainderOf(Math.floor(timeSeconds / (stepSeconds * archive.stepsPerRow)), archive.rows);
}

/** As `%` for whole numbers of up to 43 bits that are not negative, which V8 keeps as doubles: several times as fast. */
export function remainderOf(number: number, divisor: number): number {
	return number - Math.floor(number / divisor) * divisor;
}
