import { expect, test } from 'vitest';
import { timePoint } from '../../src/model/time-point.ts';

const now = 1_795_240_800;

test.each([
	['now', 0],
	['-2h', 7200],
	['now-2h', 7200],
	['-15min', 900],
	['-30m', 1800],
	['-90s', 90],
	['-1.5h', 5400],
	['-4w', 2_419_200],
	['-1y', 31_536_000],
])('%s is so long ago', (text, agoSeconds) => {
	expect(timePoint(text, now)).toBe(now - agoSeconds);
});

test('seconds since the epoch and ISO 8601', () => {
	expect(timePoint('1795240800', now)).toBe(now);
	expect(timePoint('2026-11-21T14:00:00Z', 0)).toBe(Date.UTC(2026, 10, 21, 14) / 1000);
});

test.each([
	'',
	'-',
	'-h',
	'--1h',
	'-1x',
	'-1h30min',
	'2h',
	'tomorrow',
	'2026-02-31',
	`-${'9'.repeat(60_000)}`,
])('%.20s is no point in time', (text) => {
	expect(timePoint(text, now)).toBeNull();
});
