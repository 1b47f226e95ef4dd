import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	createRrd,
	fetchRrd,
	RrdDamaged,
	type RrdShape,
	RrdTooEarly,
	readRrdHeader,
	updateRrd,
} from '../src/rrd/index.ts';
import { removedAtEnd } from './scratch.ts';
import { assert, type FuzzTarget } from './target.ts';

const startSeconds = 1_795_240_020;
let folder: string | null = null;

/** A damaged RRD: read, fetched from and updated. */
export const rrd: FuzzTarget = {
	name: 'rrd',
	seeds: () => [shapeOf(1, 60), shapeOf(5, 10), shapeOf(20, 300)].map(rrdOf),
	words: ['RRD\0', '0003\0', 'GAUGE\0', 'AVERAGE\0', 'MIN\0', 'MAX\0', 'loss\0', 'ping1\0', 'COUNTER\0'],
	run(input) {
		const path = join(scratch(), 'main.rrd');
		writeFileSync(path, input);
		return [
			outcomeOf(() => headerOf(path, input.length)),
			outcomeOf(() => fetched(path)),
			outcomeOf(() => updated(path, input.length)),
		].join(' | ');
	},
};

function headerOf(path: string, bytes: number): string {
	const { shape, fileBytes, rowPointers } = readRrdHeader(path);
	assert(fileBytes === bytes, 'a file that is read has the length that its header says');
	assert(
		rowPointers.every((pointer, index) => pointer < (shape.archives[index]?.rows ?? 0)),
		'rows are in the file',
	);
	return `${shape.dataSources.length} ${shape.archives.length}`;
}

function fetched(path: string): string {
	const { lastUpdateSeconds, shape } = readRrdHeader(path);
	const endSeconds = lastUpdateSeconds + 100;
	const query = {
		consolidation: 'AVERAGE',
		startSeconds: Math.max(0, endSeconds - 3600),
		endSeconds,
	} as const;
	const { values, names } = fetchRrd(path, query);
	assert(values.length % names.length === 0 && names.length === shape.dataSources.length, 'rows are whole');
	return 'rows';
}

function updated(path: string, bytes: number): string {
	const { lastUpdateSeconds, shape } = readRrdHeader(path);
	const values = shape.dataSources.map((_, index) => index);
	const atSeconds = lastUpdateSeconds + 60;
	updateRrd(path, atSeconds, values);
	assert(statSync(path).size === bytes, 'an update does not change the length of the file');
	assert(readRrdHeader(path).lastUpdateSeconds === atSeconds, 'an update is in the file');
	return 'updated';
}

/** What went wrong in the words of the reader; other errors are crashes. */
function outcomeOf(use: () => string): string {
	try {
		return use();
	} catch (error) {
		if (error instanceof RrdDamaged) return error.reason.replaceAll(/"[^"]*"|[\d.e+-]+/g, '');
		if (error instanceof RrdTooEarly) return 'too early';
		if (
			error instanceof RangeError &&
			/too far in the future|no archive of|too many rows/.test(error.message)
		) {
			return 'out of range';
		}
		throw error;
	}
}

function scratch(): string {
	folder ??= removedAtEnd(mkdtempSync(join(tmpdir(), 'pingmachine-fuzz-')));
	return folder;
}

function shapeOf(pings: number, stepSeconds: number): RrdShape {
	const names = ['loss', 'median', ...Array.from({ length: pings }, (_, index) => `ping${index + 1}`)];
	return {
		stepSeconds,
		dataSources: names.map((name) => ({
			name,
			type: 'GAUGE',
			heartbeatSeconds: 2 * stepSeconds,
			min: 0,
			max: 180,
		})),
		archives: [
			{ consolidation: 'AVERAGE', stepsPerRow: 1, rows: 5, xff: 0.5 },
			{ consolidation: 'MAX', stepsPerRow: 3, rows: 4, xff: 0.5 },
		],
	};
}

function rrdOf(shape: RrdShape): Buffer {
	const path = join(scratch(), 'seed.rrd');
	createRrd(path, shape, startSeconds);
	for (let step = 1; step < 8; step++) {
		updateRrd(
			path,
			startSeconds + step * shape.stepSeconds,
			shape.dataSources.map((_, index) => index / step),
		);
	}
	const bytes = readFileSync(path);
	rmSync(path);
	return bytes;
}
