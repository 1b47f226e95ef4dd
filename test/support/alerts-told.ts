/** The real daemon, a real Alertmanager, and kills at random while alerts raise and clear. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'vitest';
import { Alertmanager } from '../alerts/notifiers/support/alertmanager.ts';
import { Receiver } from '../alerts/notifiers/support/receiver.ts';
import { Daemon } from './daemon.ts';
import { freePort, waitFor } from './influxd.ts';

interface Told {
	readonly alerts: readonly { readonly status: string; readonly labels: { readonly order: string } }[];
}

async function listen(port: number): Promise<Server> {
	const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

/** So many orders are lost and found again while the daemon is killed: each is told once, and once that it is over. */
export async function killWhileTelling(orders: number, kills: number): Promise<void> {
	await using receiver = await Receiver.open();
	await using alertmanager = await Alertmanager.start(receiver.url);
	await using daemon = new Daemon();
	const port = await freePort();
	const notifiers = [{ type: 'alertmanager', name: 'am', url: alertmanager.url }];
	daemon.put('c.yaml', JSON.stringify({ notifiers, group_wait: 1 }));
	daemon.put('alerts/loss', 'loss: {over: 50%}\n');
	for (let at = 0; at < orders; at++)
		daemon.order(
			`o${at}`,
			`user: test\nstep: 2\npings: 1\nprobe: tcp\ntcp: {host: 127.0.0.1, port: ${port}}\n`,
		);
	const start = () => daemon.start(['--config', daemon.path('c.yaml')]);
	const firing = async () => (await alertmanager.firing()).length;
	/** What the files of the orders say, where that is not what Alertmanager says. */
	const standing = () => {
		const lines = Array.from({ length: orders }, (_, at) =>
			daemon.exists('output', `o${at}`, 'alerts')
				? daemon.read('output', `o${at}`, 'alerts').split('\n')
				: [],
		);
		const count = (about: string) =>
			lines.filter((all) => all.filter((line) => line.includes(`"about":"${about}"`)).length === 1).length;
		const closing = lines.filter((all) =>
			all.findLast((line) => line.includes('"state"'))?.includes('closing'),
		);
		const told = lines.filter((all) => all.findLast((line) => line.includes('"state"'))?.includes('"told"'));
		const text = ` raised ${count('raise')}, cleared ${count('clear')}, told ${told.length}, closing ${closing.length}`;
		return `${text} of ${orders}: ${daemon.output.split('\n').slice(-8).join('\n')}`;
	};
	const killNowAndThen = async () => {
		for (let count = 0; count < kills; count++) {
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 6000));
			daemon.kill('SIGKILL');
			await daemon.exited();
			await start();
		}
	};
	let listener = await listen(port);
	await start();
	await daemon.until('all are measured', () =>
		Array.from({ length: orders }, (_, at) => daemon.exists('output', `o${at}`, 'last_result')).every(
			Boolean,
		),
	);
	listener.close();
	await killNowAndThen();
	await waitFor(
		async () => (await firing()) === orders,
		() => `not all alerts are told: ${standing()}`,
	);
	listener = await listen(port);
	await killNowAndThen();
	await waitFor(
		async () => (await firing()) === 0,
		() => `not all alerts are over: ${standing()}`,
	);
	const told = new Map<string, string[]>();
	const read = () => {
		told.clear();
		for (const { status, labels } of receiver.received.flatMap(({ body }) => (body as Told).alerts))
			told.set(labels.order, [...(told.get(labels.order) ?? []), status]);
		return [...told.values()].every((statuses) => statuses.at(-1) === 'resolved');
	};
	await waitFor(read, () => 'Alertmanager does not tell all');
	expect(told.size).toBe(orders);
	for (const statuses of told.values()) expect(statuses).toEqual(['firing', 'resolved']);
	listener.close();
	await daemon.stop();
}
