import { RrdDamaged } from './errors.ts';
import {
	archiveAt,
	dataSourceAt,
	dataSourceBytes,
	definitionBytes,
	headAt,
	headBytes,
	headerBytes,
	nameBytes,
} from './layout.ts';
import type { Archive, Consolidation, DataSource, RrdShape } from './shape.ts';

/** The most that a header may take in memory. Bytes: some 40,000 data sources with 13 archives. */
const maxHeaderBytes = 64 * 1024 * 1024;

const magic = 'RRD\0';
const version = '0003\0';
/** Tells byte order and number format of the machine that made the file. */
const cookie = 8.642135e130;
const consolidations: readonly string[] = ['AVERAGE', 'MIN', 'MAX', 'LAST'] satisfies Consolidation[];
const namePattern = /^[a-zA-Z0-9_-]{1,19}$/;

/** The definitions of a file of this shape. Throws a RangeError if no such file can be. */
export function encodeDefinitions(shape: RrdShape): Buffer {
	const fault = faultOf(shape);
	if (fault !== null) throw new RangeError(`an RRD cannot have this shape: ${fault}`);
	const sources = shape.dataSources.length;
	const bytes = Buffer.alloc(definitionBytes(sources, shape.archives.length));
	bytes.write(magic, 0, 'latin1');
	bytes.write(version, headAt.version, 'latin1');
	bytes.writeDoubleLE(cookie, headAt.cookie);
	writeCount(bytes, sources, headAt.dataSources);
	writeCount(bytes, shape.archives.length, headAt.archives);
	writeCount(bytes, shape.stepSeconds, headAt.stepSeconds);
	shape.dataSources.forEach((source, index) => {
		encodeDataSource(bytes, headBytes + index * dataSourceBytes, source);
	});
	shape.archives.forEach((archive, index) => {
		encodeArchive(bytes, definitionBytes(sources, index), archive);
	});
	return bytes;
}

/** How many there are of what, according to the head. Throws RrdDamaged if that cannot be true of this file. */
export function decodeCounts(path: string, bytes: Buffer, read: number, fileBytes: number): Counts {
	if (read < headBytes) throw new RrdDamaged(path, `${fileBytes} bytes are too few for an RRD`);
	if (bytes.toString('latin1', 0, 4) !== magic) throw new RrdDamaged(path, 'does not begin like an RRD');
	const found = bytes.toString('latin1', headAt.version, headAt.version + 5);
	if (found !== version) {
		throw new RrdDamaged(path, `is of RRD version ${JSON.stringify(found.slice(0, 4))}, not "0003"`);
	}
	if (bytes.readDoubleLE(headAt.cookie) !== cookie) {
		throw new RrdDamaged(path, 'was made on a machine with other number formats, or its head is damaged');
	}
	const sources = readCount(bytes, headAt.dataSources);
	const archives = readCount(bytes, headAt.archives);
	const needed = headerBytes(sources, archives);
	if (sources < 1 || archives < 1 || needed > fileBytes || needed > maxHeaderBytes) {
		throw new RrdDamaged(
			path,
			`${fileBytes} bytes cannot hold ${sources} data sources and ${archives} archives`,
		);
	}
	return { definitionBytes: definitionBytes(sources, archives), headerBytes: needed };
}

export interface Counts {
	readonly definitionBytes: number;
	readonly headerBytes: number;
}

/** Reads definitions whose counts have been checked. Throws RrdDamaged. */
export function decodeDefinitions(path: string, bytes: Buffer): RrdShape {
	const sources = readCount(bytes, headAt.dataSources);
	const archives = readCount(bytes, headAt.archives);
	const shape: RrdShape = {
		stepSeconds: readCount(bytes, headAt.stepSeconds),
		dataSources: Array.from({ length: sources }, (_, index) =>
			decodeDataSource(bytes, headBytes + index * dataSourceBytes),
		),
		archives: Array.from({ length: archives }, (_, index) =>
			decodeArchive(bytes, definitionBytes(sources, index)),
		),
	};
	const fault = faultOf(shape);
	if (fault !== null) throw new RrdDamaged(path, fault);
	return shape;
}

function encodeDataSource(bytes: Buffer, at: number, source: DataSource): void {
	bytes.write(source.name, at + dataSourceAt.name, 'latin1');
	bytes.write(source.type, at + dataSourceAt.type, 'latin1');
	writeCount(bytes, source.heartbeatSeconds, at + dataSourceAt.heartbeatSeconds);
	bytes.writeDoubleLE(source.min, at + dataSourceAt.min);
	bytes.writeDoubleLE(source.max, at + dataSourceAt.max);
}

function encodeArchive(bytes: Buffer, at: number, archive: Archive): void {
	bytes.write(archive.consolidation, at + archiveAt.consolidation, 'latin1');
	writeCount(bytes, archive.rows, at + archiveAt.rows);
	writeCount(bytes, archive.stepsPerRow, at + archiveAt.stepsPerRow);
	bytes.writeDoubleLE(archive.xff, at + archiveAt.xff);
}

/** What comes back may be of a type that is not ours: `faultOf` says so. */
function decodeDataSource(bytes: Buffer, at: number): DataSource {
	return {
		name: readName(bytes, at + dataSourceAt.name),
		type: readName(bytes, at + dataSourceAt.type) as 'GAUGE',
		heartbeatSeconds: readCount(bytes, at + dataSourceAt.heartbeatSeconds),
		min: bytes.readDoubleLE(at + dataSourceAt.min),
		max: bytes.readDoubleLE(at + dataSourceAt.max),
	};
}

/** What comes back may be of a consolidation that is not ours: `faultOf` says so. */
function decodeArchive(bytes: Buffer, at: number): Archive {
	const name = readName(bytes, at + archiveAt.consolidation);
	return {
		// Rather our own string than an equal one: comparing it is quicker, and that is done for every value.
		consolidation: (consolidations.find((known) => known === name) ?? name) as Consolidation,
		stepsPerRow: readCount(bytes, at + archiveAt.stepsPerRow),
		rows: readCount(bytes, at + archiveAt.rows),
		xff: bytes.readDoubleLE(at + archiveAt.xff),
	};
}

/** What no file can have, or what we cannot continue; null: nothing. */
function faultOf(shape: RrdShape): string | null {
	const { dataSources, archives } = shape;
	if (!isCount(shape.stepSeconds)) return `a step of ${shape.stepSeconds} s`;
	if (dataSources.length === 0) return 'no data sources';
	if (archives.length === 0) return 'no archives';
	if (headerBytes(dataSources.length, archives.length) > maxHeaderBytes) {
		return `${dataSources.length} data sources and ${archives.length} archives are too many`;
	}
	if (new Set(dataSources.map((source) => source.name)).size < dataSources.length) {
		return 'two data sources of one name';
	}
	for (const source of dataSources) {
		const fault = faultOfDataSource(source);
		if (fault !== null) return `data source ${JSON.stringify(source.name)}: ${fault}`;
	}
	for (const [index, archive] of archives.entries()) {
		const fault = faultOfArchive(archive);
		if (fault !== null) return `archive ${index}: ${fault}`;
	}
	return null;
}

function faultOfDataSource(source: DataSource): string | null {
	if (!namePattern.test(source.name)) return 'a name is 1 to 19 letters, digits, underscores or hyphens';
	if (source.type !== 'GAUGE') return `its type is ${JSON.stringify(source.type)}, not "GAUGE"`;
	if (!isCount(source.heartbeatSeconds)) return `a heartbeat of ${source.heartbeatSeconds} s`;
	if (source.min >= source.max) return `its minimum ${source.min} is not below its maximum ${source.max}`;
	return null;
}

function faultOfArchive(archive: Archive): string | null {
	if (!consolidations.includes(archive.consolidation)) {
		return `its consolidation is ${JSON.stringify(archive.consolidation)}, not AVERAGE, MIN, MAX or LAST`;
	}
	if (!isCount(archive.stepsPerRow)) return `${archive.stepsPerRow} steps per row`;
	if (!isCount(archive.rows)) return `${archive.rows} rows`;
	if (!(archive.xff >= 0 && archive.xff < 1))
		return `an xff of ${archive.xff}, which is not from 0 to below 1`;
	return null;
}

/** Of steps, rows and seconds; far more than any file has. */
const maxCount = 2 ** 32 - 1;

function isCount(value: number): boolean {
	return Number.isInteger(value) && value >= 1 && value <= maxCount;
}

function writeCount(bytes: Buffer, value: number, at: number): void {
	bytes.writeBigUInt64LE(BigInt(value), at);
}

function readCount(bytes: Buffer, at: number): number {
	return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** Everything before the first zero; all of it where there is none, which no valid name is. */
function readName(bytes: Buffer, at: number): string {
	const text = bytes.toString('latin1', at, at + nameBytes);
	const end = text.indexOf('\0');
	return end === -1 ? text : text.slice(0, end);
}
