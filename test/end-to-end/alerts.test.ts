/** Alerts of the real daemon: from the loss of pings to the file, over a kill, and back. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { askAboutAlerts } from '../../src/memory/ask-daemon.ts';
import { Daemon } from '../support/daemon.ts';

/** What is sent to 10.99.0.0/16 gets lost, until an address of it is given to loopback. */
const setUp = 'ip link set lo up; ip route add 10.99.0.0/16 dev lo; exec "$@"';
const prefix = ['unshare', '--net', 'sh', '-c', setUp, 'sh'];

const order = (host: string, more = '') =>
	`user: test\nstep: 1\npings: 1\nprobe: icmp\nicmp: {host: ${host}}\n${more}`;

interface Line {
	readonly about: string;
	readonly rule: string;
	readonly id: string;
}

function history(daemon: Daemon, id: string): readonly Line[] {
	if (!daemon.exists('output', id, 'alerts')) return [];
	return daemon
		.read('output', id, 'alerts')
		.split('\n')
		.filter((line) => line.endsWith('}'))
		.map((line): Line => JSON.parse(line))
		.filter(({ about }) => about !== 'state');
}

const told = (daemon: Daemon, id: string) => history(daemon, id).map(({ about, rule }) => `${about} ${rule}`);

test('an alert is raised once and cleared once, over a kill, and by rules that are watched', async () => {
	await using daemon = new Daemon();
	daemon.put('alerts/loss.yaml', 'loss: {over: 20%, for: 2 slots, clear: 2 slots}\nseverity: critical\n');
	daemon.put('alerts/bad', 'loss: {over: 20}\n');
	daemon.put('alerts/mine', 'score: {failed: 3, of: 5}\nnamed: true\n');
	daemon.put('alerts/sinks', 'sink: {failing_for: 1s}\n');
	daemon.put('c.yaml', 'sinks:\n    - {type: redis, name: gone, url: "redis://127.0.0.1:1"}\n');
	daemon.order('dead', order('10.99.0.1'));
	daemon.order('named', order('10.99.0.2', 'alerts: [mine]\n'));
	daemon.order('alive', order('127.0.0.1'));
	await daemon.start(['--config', daemon.path('c.yaml')], { prefix });
	await daemon.logged('alerts/bad: loss.over: must be a percentage such as 20%');
	await daemon.until('raised', () => told(daemon, 'dead').includes('raise loss'));
	await daemon.until('raised by its own rule', () => told(daemon, 'named').includes('raise mine'));
	const asked = await askUntil(daemon, 4);
	expect(asked.map(({ order, part, rule, severity }) => [order ?? part, rule, severity]).sort()).toEqual([
		['dead', 'loss', 'critical'],
		['named', 'loss', 'critical'],
		['named', 'mine', 'warning'],
		['sink gone', 'sinks', 'warning'],
	]);
	// What cannot be understood leaves the old one in force.
	writeFileSync(daemon.path('alerts', 'loss.yaml'), 'los: 1\n');
	await daemon.logged('what it said before still holds');

	writeFileSync(daemon.path('alerts', 'loss.yaml'), 'loss: {over: 20%, for: 2 slots, clear: 2 slots}\n');
	daemon.kill('SIGKILL');
	await daemon.exited();
	await daemon.start(['--config', daemon.path('c.yaml')], { prefix });
	expect(await askUntil(daemon, 4)).toHaveLength(4);
	execFileSync('nsenter', [
		'-t',
		String(daemon.pid),
		'-n',
		'ip',
		'address',
		'add',
		'10.99.0.1/32',
		'dev',
		'lo',
	]);
	await daemon.until('cleared', () => told(daemon, 'dead').length >= 2);
	expect(told(daemon, 'dead')).toEqual(['raise loss', 'clear loss']);
	expect(new Set(history(daemon, 'dead').map(({ id }) => id)).size).toBe(1);
	expect(told(daemon, 'named').filter((line) => line.startsWith('raise'))).toHaveLength(2);
	expect(daemon.exists('output', 'alive', 'alerts')).toBe(false);
	await daemon.stop();
});

async function askUntil(daemon: Daemon, count: number) {
	for (;;) {
		const asked = await askAboutAlerts(daemon.baseDir);
		if ('answer' in asked && asked.answer.firing.length >= count) return asked.answer.firing;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
