import { expect, test } from 'vitest';
import { comparisonOf, type KeptRun, keptRuns } from '../../bench/history.ts';

const run = (commit: string, figures: KeptRun['figures'], machine = 'here'): KeptRun => ({
	...{ date: '2026-11-30T12:00:00.000Z', commit, machine, bench: 'idle', load: 1 },
	figures,
});

test('the last of each figure stands beside the best, and other machines do not count', () => {
	const runs = [
		run('first', { cpu: 3, wakeUps: 2 }),
		run('elsewhere', { cpu: 1 }, 'there'),
		run('second', { cpu: 2, wakeUps: 5 }),
		run('third', { cpu: 2.5 }),
	];
	expect(comparisonOf(runs, 'here')).toEqual([
		{ bench: 'idle', figure: 'cpu', last: 2.5, best: 2, bestCommit: 'second', runs: 3 },
		{ bench: 'idle', figure: 'wakeUps', last: 5, best: 2, bestCommit: 'first', runs: 2 },
	]);
});

test('nothing was kept of a machine', () => {
	expect(comparisonOf([run('first', { cpu: 3 })], 'there')).toEqual([]);
});

test('each line of the history says when, what, where, and figures that are costs', () => {
	const runs = keptRuns('bench/history.jsonl');
	expect(runs.length).toBeGreaterThan(0);
	for (const { date, commit, machine, figures } of runs) {
		expect(new Date(date).toISOString()).toBe(date);
		expect(commit).toMatch(/^[0-9a-f]{10}\+?$/);
		expect(machine).not.toBe('');
		for (const figure of Object.values(figures)) expect(figure).toBeGreaterThanOrEqual(0);
	}
});
