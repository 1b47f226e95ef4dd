/** What a daemon adds. */
import { expect, test } from 'vitest';
import type { DaemonView } from '../../../src/commands/status/daemon.ts';
import type { CountsOrState } from '../../../src/model/answers.ts';
import { cannedDaemon } from '../../support/canned-questions.ts';
import { now, order, status, useStatus } from './status-rig.ts';

useStatus();

const view: DaemonView = {
	daemon: cannedDaemon(now - 7200),
	orders: new Map<string, CountsOrState>([
		['a', [10, 2, 1, 0, 0]],
		['b', 'rejected'],
	]),
};
const answer = { asked: { answer: view } };

function threeOrders(): void {
	order('a', { result: {} });
	order('b', { text: 'probe: fping\n' });
	order('c', { result: {} });
}

test('a daemon adds what only it knows', () => {
	threeOrders();
	const { out } = status([], {}, 80, answer);
	const footer = out.slice(out.indexOf('3 orders:')).replace(/since .* \(/, 'since TIME (');
	expect(footer).toBe(
		'3 orders: 2 measuring, 0 failing, 1 rejected\n' +
			'daemon: 2.0.0, pid 4211, since TIME (2h)\n' +
			'        1 order not picked up yet\n' +
			'health: main-thread delay p99 0.400 ms, store lag 2 ms\n' +
			'slots:  1234 measured, 2 failed, 1 skipped; 0 cut short, 3 late\n',
	);
	const told = status([], { json: true }, 80, answer)
		.out.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line))
		.map(({ id, in_daemon, unknown }) => [id, in_daemon, unknown]);
	expect(told).toEqual([
		['a', 'measured', { failed: 2, skipped: 1 }],
		['c', 'unseen', null],
		['b', 'rejected', null],
	]);
});

test('without a daemon a line says so, with --json on standard error if that is a terminal', () => {
	threeOrders();
	const silent = { asked: { silence: 'it does not run' } };
	expect(status([], {}, 80, silent).out).toMatch(/rejected\ndaemon: no answer: it does not run\n$/);
	expect(status([], { json: true }, 80, silent)).toEqual(status([], { json: true }));
	const { out, err, exitCode } = status([], { json: true }, 80, { ...silent, isTTY: true });
	expect(out).toBe(status([], { json: true }).out);
	expect({ err, exitCode }).toEqual({ err: 'daemon: no answer: it does not run\n', exitCode: 0 });
});

test('--totals tells states, probes and the daemon, and no orders', () => {
	threeOrders();
	order('d', { text: 'probe: none\n' });
	const { out } = status([], { totals: true }, 80, answer);
	expect(out.split('\n').slice(0, 3)).toEqual([
		'4 orders: 2 measuring, 0 failing, 2 rejected',
		'probes: 3 fping, 1 none',
		'disk: main.rrd take 1 MB when all are made, histories 1 MB, 80.0 GB are free',
	]);
	expect(out).toContain('daemon: 2.0.0');
	const totals = JSON.parse(status([], { totals: true, json: true }, 80, answer).out);
	expect(totals).toEqual({
		orders: 4,
		states: { measuring: 2, waiting: 0, expiring: 0, down: 0, failing: 0, rejected: 2, unreadable: 0 },
		probes: { fping: 3, none: 1 },
		unseen: 2,
		daemon: view.daemon,
	});
	expect(JSON.parse(status(['a'], { totals: true, json: true }).out)).toMatchObject({
		orders: 1,
		unseen: null,
		daemon: null,
	});
});
