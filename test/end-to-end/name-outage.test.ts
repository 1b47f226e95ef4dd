/** Outages that take the name service along, and names that lead nowhere. Needs root. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { explainHere, toldHere } from '../support/explain-here.ts';
import { NameServer } from '../support/name-server.ts';
import { enterOwnNetwork } from '../support/own-network.ts';
import { waitFor } from '../support/waiting.ts';

const address = '10.50.0.1';
const name = 'far.example';
/** The host is there at first. Where it is not, packets to it are dropped. */
const setup = ['ip route add 10.50.0.0/16 dev lo', `ip addr add ${address}/32 dev lo`];
let leave = () => {};
let names: NameServer;

const outages = ['silent', 'servfail', 'refused'] as const;
/** A network with a name server of its own for each, so that they need not wait for each other. */
interface Network {
	readonly names: NameServer;
	/** Words that start other commands in it. */
	readonly prefix: readonly string[];
	close(): void;
}
const networks: Network[] = [];

async function openNetwork(): Promise<Network> {
	const back = enterOwnNetwork(setup);
	try {
		const fd = openSync('/proc/thread-self/ns/net', 'r');
		const own = await NameServer.open();
		own.names.set(name, { 4: [address] });
		const close = () => {
			own.close();
			closeSync(fd);
		};
		return { names: own, prefix: ['nsenter', `--net=/proc/${process.pid}/fd/${fd}`, '--'], close };
	} finally {
		back();
	}
}

beforeAll(async () => {
	for (const _ of outages) networks.push(await openNetwork());
	leave = enterOwnNetwork(setup);
	names = await NameServer.open();
});
afterAll(() => {
	for (const network of networks) network.close();
	names.close();
	leave();
});
beforeEach(() => {
	names.mode = 'answers';
	names.names.clear();
	names.names.set(name, { 4: [address] });
});

const orders: Record<string, string> = {
	fping: fpingOrder(name),
	icmp: fpingOrder(name).replaceAll('fping', 'icmp'),
	ssh: fpingOrder(name).replaceAll('fping', 'ssh'),
	http: fpingOrder(name)
		.replaceAll('fping', 'http')
		.replace(/host: .*/, `url: http://${name}:1/`),
	httping: fpingOrder(name)
		.replaceAll('fping', 'httping')
		.replace(/host: .*/, `url: http://${name}:1/`),
};

async function lastRun(daemon: Daemon, id: string): Promise<Record<string, unknown>> {
	const told = await toldHere(daemon, id);
	return { ...('silence' in told.daemon ? null : told.daemon.memory?.last_run) };
}

async function lossAfter(daemon: Daemon, id: string, seconds: number): Promise<void> {
	const result = await daemon.resultOf(id, ({ time, loss }) => time > seconds && loss === 1);
	expect(result.loss).toBe(1);
}

const nowSeconds = () => Math.ceil(Date.now() / 1000);

test.concurrent.each(outages)(
	'after some good slots the name service is %s: loss, no gap, by every probe, also after a restart',
	async (mode) => {
		const network = networks[outages.indexOf(mode)] as Network;
		const prefix = [...network.prefix, ...network.names.prefix];
		await using daemon = new Daemon();
		await daemon.start([], { prefix });
		for (const [id, order] of Object.entries(orders)) daemon.order(id, order);
		for (const id of ['fping', 'icmp']) await daemon.resultOf(id, ({ loss }) => loss === 0);
		for (const id of ['ssh', 'http', 'httping']) await daemon.resultOf(id);
		await waitFor(
			async () => (await lastRun(daemon, 'fping'))['address'] === address,
			() => `no address is told\n${daemon.output}`,
		);

		network.names.mode = mode;
		const [enter = '', ...args] = network.prefix;
		execFileSync(enter, [...args, 'ip', 'addr', 'del', `${address}/32`, 'dev', 'lo']);
		const outageSeconds = nowSeconds();
		for (const id of Object.keys(orders)) await lossAfter(daemon, id, outageSeconds);
		for (const id of Object.keys(orders)) {
			await waitFor(
				async () => {
					const run = await lastRun(daemon, id);
					const { out } = await explainHere(daemon, id);
					const isTold = out.includes(`${address} (the name service did not answer`);
					return run['address'] === address && typeof run['address_kept_since'] === 'number' && isTold;
				},
				() => `${id} does not tell its old address\n${daemon.output}`,
			);
		}
		expect(statSync(daemon.path('state')).mode & 0o777).toBe(0o700);

		await daemon.stop();
		const restartSeconds = nowSeconds();
		await daemon.start([], { prefix });
		for (const id of Object.keys(orders)) await lossAfter(daemon, id, restartSeconds);
	},
);

test('a name service that never answered gives no address, and one that says no is believed', async () => {
	await using daemon = new Daemon();
	names.mode = 'servfail';
	await daemon.start([], { prefix: names.prefix });
	daemon.order('a', orders['fping'] ?? '');
	await daemon.until('it cannot be measured', () => daemon.exists('output', 'a', 'error'));
	expect(daemon.read('output', 'a', 'error')).toContain('temporary failure in name resolution: far.example');
	names.mode = 'answers';
	await daemon.resultOf('a', ({ loss }) => loss === 0);
	names.names.clear();
	// The file that tells of the trouble before goes a moment after the result has come.
	const told = () => {
		try {
			return daemon.read('output', 'a', 'error');
		} catch {
			return '';
		}
	};
	await daemon.until('it is told', () => told().includes('name or service not known: far.example'));
	expect(daemon.result('a')?.loss).toBe(0);
});

test('with names_keep: 0 no old address is used', async () => {
	await using daemon = new Daemon();
	daemon.put('config.yaml', 'names_keep: 0\n');
	await daemon.start(['--config', daemon.path('config.yaml')], { prefix: names.prefix });
	daemon.order('a', orders['fping'] ?? '');
	await daemon.resultOf('a');
	names.mode = 'servfail';
	await daemon.until('it is told', () => daemon.exists('output', 'a', 'error'));
	expect(daemon.read('output', 'a', 'error')).toContain('temporary failure');
});

/** That they have an error file, and no result. */
async function expectUnknown(daemon: Daemon, ids: readonly string[], why: string): Promise<void> {
	for (const id of ids) {
		await daemon.until(`${id} cannot be measured`, () => daemon.exists('output', id, 'error'));
		expect(daemon.read('output', id, 'error')).toContain(why);
		expect(daemon.result(id)).toBeNull();
	}
}

test('a name that is blocked is unknown, not this machine, with every probe', async () => {
	await using daemon = new Daemon();
	names.names.set(name, { 4: ['0.0.0.0'] });
	await daemon.start([], { prefix: names.prefix });
	for (const [id, order] of Object.entries(orders)) daemon.order(id, order);
	await expectUnknown(daemon, Object.keys(orders), 'far.example leads to 0.0.0.0, which is no host');
});

test('a name with a link-local address alone is unknown, not lost', async () => {
	await using daemon = new Daemon();
	names.names.set(name, { 6: ['fe80:0:0:0:0:0:0:7'] });
	await daemon.start([], { prefix: names.prefix });
	const ids = ['fping', 'icmp', 'ssh'];
	for (const id of ids) daemon.order(id, (orders[id] ?? '').replace(/( +host: .*)/, '$1\n    ipv6: true'));
	await expectUnknown(daemon, ids, 'leads to fe80::7, a link-local address');
});
