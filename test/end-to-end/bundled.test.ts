/** A daemon, its threads and its web server of which nothing is there but what a build has bundled. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { QuickHouse } from '../support/quick-house.ts';
import { freePort } from '../support/waiting.ts';
import { configureWeb, webAddress } from '../support/web-daemon.ts';

/** An order for each probe of ours, of a host that answers or refuses at once. */
function ordersFor(port: number): ReadonlyMap<string, Record<string, unknown>> {
	const here = { host: '127.0.0.1' };
	return new Map<string, Record<string, unknown>>([
		['fping', here],
		['icmp', here],
		['traceroute', here],
		['tcp', { ...here, port }],
		['ssh', { ...here, port }],
		['http', { url: `http://127.0.0.1:${port}/` }],
		['dns', { name: 'a.example', server: '127.0.0.1', port }],
		['command', { program: 'yes', target: '127.0.0.1' }],
	]);
}

/** All that loads something when it is wanted, with others that do not answer. */
function everything(daemon: Daemon, port: number): Record<string, unknown> {
	const url = `http://127.0.0.1:${port}`;
	const brokers = [`127.0.0.1:${port}`];
	return {
		probes: { command: { programs: { yes: ['/bin/true', '{target}'] } } },
		sinks: [
			{ type: 'file', path: daemon.path('results.json') },
			{ type: 'redis', url: `redis://127.0.0.1:${port}` },
			{ type: 'elasticsearch', urls: [url] },
			{ type: 'kafka', brokers },
			{ type: 'telegraf', url: `udp://127.0.0.1:${port}` },
		],
		notifiers: [
			{ type: 'exec', name: 'program', command: ['/bin/true'] },
			{ type: 'webhook', name: 'hook', url },
			{ type: 'email', name: 'mail', to: ['ops@example.net'], port },
			{ type: 'alertmanager', name: 'am', url },
		],
		heartbeat: { url, every: 60 },
		hub: { canaries: { brokers } },
	};
}

/** As `top -H` calls them. */
function threadsOf(pid: number): string[] {
	const tasks = `/proc/${pid}/task`;
	return readdirSync(tasks).map((thread) => {
		try {
			return readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim();
		} catch {
			return 'ended meanwhile';
		}
	});
}

test('all parts of a daemon are found, and work', async () => {
	using house = new QuickHouse();
	await using daemon = new Daemon();
	const port = await freePort();
	const orders = ordersFor(port);
	for (const [probe, options] of orders)
		daemon.order(probe, JSON.stringify({ user: 'me', step: 5, pings: 1, probe, [probe]: options }));
	daemon.put('alerts/down', JSON.stringify({ loss: { over: '50%', for: '1 slots' } }));
	const config = configureWeb(daemon, {}, everything(daemon, port));
	await daemon.start(['--config', config], { script: [house.cli, 'run'] });
	for (const id of orders.keys()) expect((await daemon.resultOf(id)).pings).toBe(1);
	await daemon.until('alerts fire', () => daemon.exists('output/tcp/alerts'));
	await daemon.until('its threads can be told apart', () =>
		['icmp', 'timing', 'programs', 'files', 'deliveries', 'canaries'].every((name) =>
			threadsOf(daemon.pid).includes(name),
		),
	);
	const results = () => (daemon.exists('results.json') ? daemon.read('results.json') : '');
	await daemon.until('results are in the file', () => results().includes('"traceroute"'));
	const address = await webAddress(daemon);
	expect((await fetch(`${address}/`)).status).toBe(200);
	// Each of them says something, for which it has to be there.
	for (const kind of ['elasticsearch', 'telegraf', 'redis', 'kafka']) await daemon.logged(`sink ${kind}-`);
	for (const name of ['am', 'hook', 'mail', 'program']) await daemon.logged(`notifier ${name}: `);
	await daemon.logged(`heartbeat: http://127.0.0.1:${port}: connection refused`);
	await daemon.logged(`canaries: kafka://127.0.0.1:${port}: connection refused`);
	expect(daemon.output).not.toMatch(/cannot find|ERR_|fault|is not (?:defined|a )/i);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
});

test('probes and sinks of others get what they are lent', async () => {
	using house = new QuickHouse();
	await using daemon = new Daemon();
	const [probe, sink, told] = ['probe.js', 'sink.js', 'told'].map((name) => daemon.path(name));
	writeFileSync(
		probe ?? '',
		`export default ({ z }) => ({
	name: 'mine', options: z.strictObject({ host: z.string() }), target: 'host', settings: z.strictObject({}),
	lanes: 1, batchMax: () => 10, needMs: () => 1000,
	measure: async ({ targets }) => new Map(targets.map((one) => [one, { samples: [{ sentAtSeconds: 1, rttSeconds: 0.5 }] }])),
});`,
	);
	writeFileSync(
		sink ?? '',
		`import { appendFileSync } from 'node:fs';
export default ({ z }) => ({
	name: 'own', settings: z.strictObject({ file: z.string() }), destination: ({ file }) => file, confirms: () => true,
	open: async ({ file }) => ({
		write: async (items) => { appendFileSync(file, items.map(() => 'one').join()); return items.map(() => 'taken'); },
		close: async () => {},
	}),
});`,
	);
	daemon.put(
		'config.yaml',
		JSON.stringify({ probes: [probe], sinks: [sink, { type: 'own', file: told, batch: { wait: 0.1 } }] }),
	);
	daemon.order('a', JSON.stringify({ user: 'me', step: 1, pings: 1, probe: 'mine', mine: { host: 'x' } }));
	await daemon.start(['--config', daemon.path('config.yaml')], { script: [house.cli, 'run'] });
	await daemon.until('the sink has it', () => daemon.exists('told'));
});
