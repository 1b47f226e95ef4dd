/** The file `alerts`: lines are appended, a torn end is ended, and it stays short. */
import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { readAlertHistory, readAlertsFile } from '../../src/store/alert-files.ts';
import { base, useHistory } from './support/history-rig.ts';
import { order } from './support/tree-fixture.ts';

useHistory();

const raise = (at: number, more = '') =>
	JSON.stringify({ time: at, about: 'raise', rule: 'loss', id: `loss|a|${at}`, what: more });
const state = (rule: string, at: number) => JSON.stringify({ about: 'state', rule, told: at });

beforeEach(() => base.enrol(order('a')));

const text = (folder = 'output/a') => readAlertsFile(base.path(folder)) ?? '';

test('lines are appended for orders that are enrolled, and for no others', () => {
	base.tree.alerts('a', [raise(1), state('loss', 1)]);
	base.tree.alerts('a', [state('loss', 2)]);
	base.tree.alerts('b', [raise(1)]);
	expect(text()).toBe(`${raise(1)}\n${state('loss', 1)}\n${state('loss', 2)}\n`);
	expect(readAlertHistory(base.path('output/a'))).toEqual([raise(1)]);
	expect(readAlertsFile(base.path('output/b'))).toBeNull();
});

test('a torn end is ended', () => {
	base.tree.alerts('a', [raise(1)]);
	appendFileSync(base.path('output/a/alerts'), '{"time":2,"abo');
	base.tree.alerts('a', [raise(3)]);
	expect(readAlertHistory(base.path('output/a'))).toEqual([raise(1), raise(3)]);
});

test('keeps the last 1,000 raises and clears, and how each rule stands', () => {
	const long = 'x'.repeat(300);
	base.tree.alerts('a', [state('old', 1)]);
	for (let at = 0; at < 3000; at += 50)
		base.tree.alerts('a', [
			...Array.from({ length: 50 }, (_, more) => raise(at + more, long)),
			state('loss', at),
		]);
	expect(statSync(base.path('output/a/alerts')).size).toBeLessThan(1024 * 1024);
	const history = readAlertHistory(base.path('output/a'));
	expect(history).toHaveLength(1000);
	expect(history.at(-1)).toBe(raise(2999, long));
	expect(text()).toContain(state('old', 1));
	expect(text().trimEnd().endsWith(state('loss', 2950))).toBe(true);
});

test('it goes to the archive with its order, and nothing fires when that comes back', () => {
	base.tree.alerts('a', [raise(1), state('loss', 1)]);
	base.tree.archive('a');
	const lines = readFileSync(base.path('archive/a/alerts'), 'utf8').trimEnd().split('\n');
	expect(lines.at(-1)).toContain('"about":"gone"');
	base.enrol(order('a'));
	expect(text().split('\n')[0]).toBe(raise(1));
});

test('something else in its place is told, and stops nothing', () => {
	mkdirSync(base.path('output/a/alerts'), { recursive: true });
	expect(() => base.tree.alerts('a', [raise(1)])).not.toThrow();
});
