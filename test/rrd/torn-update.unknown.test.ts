import { execFileSync } from 'node:child_process';
import {
	closeSync,
	constants,
	copyFileSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRrd } from '../../src/rrd/file.ts';
import { loadHeader } from '../../src/rrd/header.ts';
import { createRrd, fetchRrd, type RrdShape, updateRrd } from '../../src/rrd/index.ts';
import { layoutOf } from '../../src/rrd/layout.ts';
import { finishTornUpdate } from '../../src/rrd/torn-update.ts';
import { Rrdtool } from './rrdtool.ts';
import { type AnyUpdate, anyShape, anyUpdates, baseSeconds, smokepingShape, timeOf } from './shapes.ts';
import { cutsOf, oneStepArchive, type Story, steps, tornAt } from './torn-file.ts';

let directory: string;

let path: string;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'rrd-torn-'));
	path = join(directory, 'main.rrd');
});

afterAll(() => rmSync(directory, { recursive: true }));

/** The last two of the updates are told. */
function tell(shape: RrdShape, updates: readonly AnyUpdate[]): Story {
	rmSync(path, { force: true });
	createRrd(path, shape, baseSeconds);
	let time = baseSeconds;
	const versions: Buffer[] = [];
	let goOn = () => {};
	for (const update of updates) {
		versions.push(readFileSync(path));
		const timeNow = timeOf({ ...update, isAligned: true }, shape.stepSeconds, time);
		const values = shape.dataSources.map((_, index) => update.values[index % update.values.length] ?? 0);
		goOn = () => updateRrd(path, timeNow, values);
		goOn();
		time = timeNow;
	}
	const [before, after] = versions.slice(-2);
	if (before === undefined || after === undefined) throw new Error('two updates are needed');
	return { layout: layoutOf(shape), before, after, later: readFileSync(path), goOn };
}

/** The file is not cut first: ext4 would take that for a replacement that is to go to the disk at once. */
function overwrite(content: Buffer): void {
	writeFileSync(path, content, { flag: 'r+' });
}

/** Finishes a torn update. */
function finish(): boolean {
	const fd = openRrd(path, constants.O_RDWR);
	try {
		return finishTornUpdate(loadHeader(path, fd));
	} finally {
		closeSync(fd);
	}
}

test('what is left of a step when its update was torn is unknown', () => {
	const shape: RrdShape = {
		stepSeconds: 10,
		dataSources: [{ name: 'value', type: 'GAUGE', heartbeatSeconds: 20, min: Number.NaN, max: Number.NaN }],
		archives: [{ ...oneStepArchive, rows: 7 }],
	};
	const layout = layoutOf(shape);
	rmSync(path, { force: true });
	createRrd(path, shape, 1_700_000_000);
	updateRrd(path, 1_700_000_004, [100]);
	const before = readFileSync(path);
	updateRrd(path, 1_700_000_017, [1]);
	const after = readFileSync(path);
	for (const cut of cutsOf(layout, 8)) {
		overwrite(tornAt(cut, { layout, before, after }));
		updateRrd(path, 1_700_000_020, [1]);
		const query = { consolidation: 'LAST', startSeconds: 1_700_000_010, endSeconds: 1_700_000_010 } as const;
		const [value = 0] = fetchRrd(path, query).values;
		expect(value === 1 || Number.isNaN(value), `cut at ${cut}: ${value}`).toBe(true);
	}
});

test('where no archive holds single steps, the step of the torn update is unknown, and rows stay in place', () => {
	const shape: RrdShape = {
		stepSeconds: 10,
		dataSources: [{ name: 'value', type: 'GAUGE', heartbeatSeconds: 20, min: Number.NaN, max: Number.NaN }],
		archives: [2, 3, 5].map((stepsPerRow) => ({ consolidation: 'MAX', stepsPerRow, rows: 30, xff: 0.9 })),
	};
	for (let length = 6; length < 36; length += 1) {
		const story = tell(shape, steps(...new Array<number>(length).fill(1)));
		for (const cut of cutsOf(story.layout, 8)) {
			overwrite(tornAt(cut, story));
			story.goOn();
			expect(otherOldRows(story, readFileSync(path)), `length ${length}, cut at ${cut}`).toEqual([]);
		}
	}
});

/** The rows, other than the newest, that are not as they should be; and where the newest is elsewhere. */
function otherOldRows({ layout, later }: Story, found: Buffer): string[] {
	return layout.archives.flatMap((archive, index) => {
		const newest = later.readUInt32LE(archive.pointerWord * 8);
		if (found.readUInt32LE(archive.pointerWord * 8) !== newest) return [`pointer of archive ${index}`];
		const other: string[] = [];
		for (let row = 0; row < archive.rows; row += 1) {
			const at = archive.rowsOffset + row * layout.rowBytes;
			if (row === newest || Object.is(found.readDoubleLE(at), later.readDoubleLE(at))) continue;
			other.push(`row ${row} of archive ${index}`);
		}
		return other;
	});
}

describe('no update is taken for a torn one', () => {
	test('in a whole file, ours or made by rrdtool', async () => {
		const rrdtool = new Rrdtool();
		await fc.assert(
			fc.asyncProperty(anyShape, anyUpdates(3, 8), fc.boolean(), async (shape, updates, isOurs) => {
				rmSync(path, { force: true });
				if (isOurs) createRrd(path, shape, baseSeconds);
				else await rrdtool.create(path, shape, baseSeconds);
				let time = baseSeconds;
				for (const update of updates) {
					time = timeOf(update, shape.stepSeconds, time);
					const values = update.values.slice(0, shape.dataSources.length);
					updateRrd(path, time, values);
					const whole = readFileSync(path);
					finish();
					expect(readFileSync(path).equals(whole)).toBe(true);
				}
			}),
			{ numRuns: 200 },
		);
		await rrdtool.end();
	});

	test('when rrdtool has added rows', async () => {
		const rrdtool = new Rrdtool();
		const shape = smokepingShape(60, 1);
		const judge = join(directory, 'judge.rrd');
		rmSync(path, { force: true });
		createRrd(path, shape, baseSeconds);
		for (let index = 1; index < 20; index += 1) updateRrd(path, baseSeconds + index * 60, [0, index, index]);
		execFileSync('rrdtool', ['resize', path, '1', 'GROW', '10'], { cwd: directory });
		renameSync(join(directory, 'resize.rrd'), path);
		copyFileSync(path, judge);
		for (let index = 20; index < 40; index += 1) {
			updateRrd(path, baseSeconds + index * 60, [0, index, index]);
			await rrdtool.update(judge, baseSeconds + index * 60, [0, index, index]);
		}
		expect(await rrdtool.dump(path)).toBe(await rrdtool.dump(judge));
		await rrdtool.end();
	});
});
