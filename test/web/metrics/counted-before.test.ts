import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lineOf, sinceLineOf } from '../../../src/history/histogram-lines.ts';
import { Tally } from '../../../src/history/tally.ts';
import { createRrd, updateRrd } from '../../../src/rrd/index.ts';
import { mainRrdShape } from '../../../src/store/main-rrd-shape.ts';
import { countedBefore } from '../../../src/web/metrics/counted-before.ts';

const hour = 1_795_240_800;
let baseDir = '';
const folder = () => join(baseDir, 'output/a');
beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-before-'));
	mkdirSync(folder(), { recursive: true });
});
afterEach(() => rmSync(baseDir, { recursive: true, force: true }));

function tallyOf(slots: number): Tally {
	const tally = new Tally();
	for (let at = 0; at < slots; at++) tally.addMeasured([{ sentAtSeconds: 0, rttSeconds: 0.01 }]);
	return tally;
}

/** Slots of a minute with two pings, of which one is lost. */
function rrdWith(slots: readonly number[]): void {
	const path = join(folder(), 'main.rrd');
	let end = slots[0] ?? hour;
	createRrd(path, mainRrdShape('smokeping', 60, 2), end);
	for (const start of slots) {
		if (start > end) updateRrd(path, start, [Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
		end = start + 60;
		updateRrd(path, end, [1, 0.02, 0.02, Number.NaN]);
	}
}

test('nothing was counted of what has no files', () => {
	expect(countedBefore(folder(), null)).toBeNull();
});

test('the first line, the hours after it, and what main.rrd has beyond them', () => {
	const lines = [
		sinceLineOf({ timeSeconds: hour - 36_000, spanSeconds: 36_000, tally: tallyOf(500) }),
		lineOf({ timeSeconds: hour - 7200, spanSeconds: 3600, tally: tallyOf(60) }),
		lineOf({ timeSeconds: hour, spanSeconds: 3600, tally: tallyOf(10) }).replace(
			/\}\n$/,
			`,"until":${hour + 600}}\n`,
		),
	];
	writeFileSync(join(folder(), 'histograms'), lines.join(''));
	rrdWith([hour + 540, hour + 600, hour + 780]);
	const before = countedBefore(folder(), null);
	// 510 of the lines with a ping each, and two slots with two.
	expect(before).toMatchObject({
		untilSeconds: hour + 840,
		tally: { slots: 512, sent: 514, lost: 2, unknown: 2 },
	});
});

test('main.rrd alone, where there are no lines yet', () => {
	rrdWith([hour, hour + 60]);
	expect(countedBefore(folder(), null)).toMatchObject({
		...{ untilSeconds: hour + 120, tally: { slots: 2, sent: 4, lost: 2, unknown: 0 } },
	});
});

test('slots that were not measured before somebody counted them by reason are told apart', () => {
	const unknown = new Tally();
	unknown.addUnknown(5);
	const lines = [
		sinceLineOf({ timeSeconds: hour - 36_000, spanSeconds: 36_000, tally: unknown }),
		lineOf({ timeSeconds: hour, spanSeconds: 3600, tally: unknown }),
	];
	writeFileSync(join(folder(), 'histograms'), lines.join(''));
	const unexplained = (from: number | null) => countedBefore(folder(), from)?.unexplained;
	expect([null, hour - 1, hour + 60, hour + 3600].map(unexplained)).toEqual([10, 0, 5, 10]);
});
