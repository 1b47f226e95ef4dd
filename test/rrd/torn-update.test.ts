import { closeSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRrd } from '../../src/rrd/file.ts';
import { loadHeader } from '../../src/rrd/header.ts';
import { createRrd, type RrdShape, updateRrd } from '../../src/rrd/index.ts';
import { layoutOf, type RrdLayout, rowPreparationBytes } from '../../src/rrd/layout.ts';
import { finishTornUpdate } from '../../src/rrd/torn-update.ts';
import { Rrdtool } from './rrdtool.ts';
import { type AnyUpdate, anyShape, anyUpdates, baseSeconds, smokepingShape, timeOf } from './shapes.ts';
import { cutsOf, oneStepArchive, type Story, steps, tornAt } from './torn-file.ts';

const pageBytes = 4096;

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

/** What matters: all but the values that the last rows to be written were written from. */
function expectSame(found: Buffer, wanted: Buffer, layout: RrdLayout, message: string): void {
	for (const buffer of [found, wanted]) forgetWrittenValues(buffer, layout);
	if (found.equals(wanted)) return;
	for (let at = 0; at < wanted.length; at += 8) {
		// There are many NaNs.
		if (Number.isNaN(found.readDoubleLE(at)) && Number.isNaN(wanted.readDoubleLE(at))) continue;
		if (found.readBigUInt64LE(at) === wanted.readBigUInt64LE(at)) continue;
		expect.unreachable(`${message}: differs at byte ${at}, with a header of ${layout.headerBytes}`);
	}
}

function forgetWrittenValues(buffer: Buffer, layout: RrdLayout): void {
	for (const { preparationWord } of layout.archives) {
		for (let source = 0; source < layout.shape.dataSources.length; source += 1) {
			const at = preparationWord * 8 + source * rowPreparationBytes;
			buffer.fill(0, at + 64, at + rowPreparationBytes);
		}
	}
}

/** The file is not cut first: ext4 would take that for a replacement that is to go to the disk at once. */
function overwrite(content: Buffer): void {
	writeFileSync(path, content, { flag: 'r+' });
}

function expectMended(story: Story, torn: Buffer, message: string): void {
	overwrite(torn);
	story.goOn();
	expectSame(readFileSync(path), Buffer.from(story.later), story.layout, message);
}

describe('a header cut between pages is finished by the next update', () => {
	test.each([
		[60, 5],
		[300, 20],
		[600, 3],
		// The time of the last update lies across two pages.
		[60, 15],
		[300, 18],
	])('main.rrd of step %d, pings %d', (stepSeconds, pings) => {
		for (const gap of [1, 7, 1500]) {
			const story = tell(smokepingShape(stepSeconds, pings), steps(1, 1, 2, 3, 1, gap, 1));
			const cuts = cutsOf(story.layout, pageBytes);
			expect(cuts.length).toBeGreaterThan(0);
			for (const cut of cuts) expectMended(story, tornAt(cut, story), `gap ${gap}, cut at ${cut}`);
		}
	});

	test('also when finishing it is cut short', () => {
		const story = tell(smokepingShape(300, 20), steps(1, 1, 1, 1, 1, 1));
		for (const cut of cutsOf(story.layout, pageBytes)) {
			const torn = tornAt(cut, story);
			overwrite(torn);
			expect(finish()).toBe(true);
			const finished = readFileSync(path);
			for (const second of cutsOf(story.layout, pageBytes)) {
				const tornAgain = tornAt(second, { ...story, after: finished, before: torn });
				expectMended(story, tornAgain, `cut at ${cut} and ${second}`);
			}
		}
	});

	test('when rrdtool made the update before', async () => {
		const shape = smokepingShape(60, 5);
		const rrdtool = new Rrdtool();
		rmSync(path, { force: true });
		createRrd(path, shape, 1_700_006_400);
		updateRrd(path, 1_700_006_460, [0, 1, 2, 3, 4, 5, 6]);
		await rrdtool.update(path, 1_700_006_520, [1, 1, 2, 3, 4, 5, 6]);
		const before = readFileSync(path);
		updateRrd(path, 1_700_006_580, [2, 1, 2, 3, 4, 5, 6]);
		const after = readFileSync(path);
		const goOn = () => updateRrd(path, 1_700_006_640, [3, 1, 2, 3, 4, 5, 6]);
		goOn();
		const story = { layout: layoutOf(shape), before, after, later: readFileSync(path), goOn };
		for (const cut of cutsOf(story.layout, pageBytes))
			expectMended(story, tornAt(cut, story), `cut at ${cut}`);
		await rrdtool.end();
	});
});

/** Finishes a torn update. */
function finish(): boolean {
	const fd = openRrd(path, constants.O_RDWR);
	try {
		return finishTornUpdate(loadHeader(path, fd));
	} finally {
		closeSync(fd);
	}
}

test('a header cut at any word is finished by the next update, whatever the shape', () => {
	fc.assert(
		fc.property(anyShape, anyUpdates(3, 12), (anyOther, updates) => {
			const shape = { ...anyOther, archives: [...anyOther.archives, oneStepArchive] };
			const story = tell(shape, [...steps(1), ...updates, ...steps(1)]);
			// Archives as small as these may all have gone round in a gap. Those of an order take years for that.
			fc.pre(
				story.layout.archives.some(({ pointerWord }) => {
					const [before, after] = [story.before, story.after].map((file) =>
						file.readUInt32LE(pointerWord * 8),
					);
					return before !== after;
				}),
			);
			for (const cut of cutsOf(story.layout, 8)) {
				expectMended(story, tornAt(cut, story), `cut at ${cut}`);
			}
		}),
		{ numRuns: 150 },
	);
});

test('two updates in a row, each cut at any word, are both finished', () => {
	const archives = (['AVERAGE', 'MIN', 'LAST'] as const).map((consolidation) => ({
		consolidation,
		stepsPerRow: 4,
		rows: 10,
		xff: 0.5,
	}));
	const source = { type: 'GAUGE', heartbeatSeconds: 20, min: Number.NaN, max: Number.NaN } as const;
	const shape: RrdShape = {
		stepSeconds: 10,
		dataSources: ['a', 'b'].map((name) => ({ name, ...source })),
		archives: [oneStepArchive, ...archives],
	};
	const first = tell(shape, steps(1, 1, 1, 1, 1, 1));
	const second = tell(shape, steps(1, 1, 1, 1, 1, 1, 1));
	for (const cut of cutsOf(first.layout, 8)) {
		overwrite(tornAt(cut, first));
		expect(finish()).toBe(true);
		const finished = readFileSync(path);
		first.goOn();
		const updated = readFileSync(path);
		for (const again of cutsOf(first.layout, 8)) {
			const torn = tornAt(again, { ...first, before: finished, after: updated });
			expectMended(second, torn, `cut at ${cut}, then at ${again}`);
		}
	}
});
