/** Counters go on, whoever is killed or started again; and a copy of the tree says the same. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { configureWeb, icmpOrder, patient, webAddress } from '../support/web-daemon.ts';
import { parseText } from '../web/metrics/parse-exposition.ts';

const step = 1;

type Counters = Readonly<Record<string, number>>;

/** Of each order pings and slots, by what came of them. */
async function countersAt(address: string): Promise<Counters> {
	const response = await fetch(`${address}/metrics?orders=*`);
	const wanted = parseText(await response.text()).filter(({ name }) =>
		/^pingmachine_(pings_\w+_total|slots_\w*total|rtt_seconds_count|icmp_\w+_total)$/.test(name),
	);
	return Object.fromEntries(
		wanted.map(({ name, labels, value }) => [`${name} ${Object.values(labels).join(' ')}`, value]),
	);
}

const sent = 'pingmachine_pings_sent_total';
const unknown = 'pingmachine_slots_unknown_total gone name_unknown';

async function untilReady(address: string): Promise<void> {
	await expect
		.poll(async () => (await fetch(`${address}/-/ready`).catch(() => null))?.status, patient)
		.toBe(200);
}

/** What is there when it says that it is ready is no less than that. */
async function goesOn(address: string, before: Counters): Promise<Counters> {
	await untilReady(address);
	const after = await countersAt(address);
	for (const [name, value] of Object.entries(before)) expect(after[name], name).toBeGreaterThanOrEqual(value);
	return after;
}

function webPid(daemon: Daemon): number {
	const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
	return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--child')));
}

test('after a kill of the web server, of the daemon, and in a copy', async () => {
	await using daemon = new Daemon();
	const one = { step, pings: 1, icmp: { host: '127.0.0.1', interval: 100 } };
	daemon.order('filed', icmpOrder(one));
	daemon.order('bare', icmpOrder({ ...one, rrd_template: 'norrd' }));
	daemon.order('gone', icmpOrder({ ...one, icmp: { host: 'no-such-host.invalid' } }));
	const config = ['--config', configureWeb(daemon)];
	await daemon.start(config);
	const first = await webAddress(daemon);
	const more = async (address: string, than: Counters) => {
		let now: Counters = {};
		await expect
			.poll(async () => {
				now = await countersAt(address);
				return [`${sent} filed`, `${sent} bare`, unknown].map(
					(name) => (now[name] ?? 0) - (than[name] ?? 0) >= 3,
				);
			}, patient)
			.toEqual([true, true, true]);
		return now;
	};
	const begun = await more(first, {});
	process.kill(webPid(daemon), 'SIGKILL');
	const second = await webAddress(daemon, 2);
	const killed = await more(second, await goesOn(second, begun));

	daemon.kill('SIGKILL');
	await daemon.exited();
	await daemon.start(config);
	const third = await webAddress(daemon, 3);
	const last = await more(third, await goesOn(third, killed));
	const info = await fetch(`${third}/api/v1/orders`);
	expect(((await info.json()) as { orders: object[] }).orders).toHaveLength(3);
	await daemon.stop();

	const copy = mkdtempSync(join(tmpdir(), 'pingmachine-copy-'));
	cpSync(daemon.baseDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
	const args = [cli, 'web', '--basedir', copy, '--listen', '127.0.0.1:0'];
	const web = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
	try {
		let said = '';
		web.stderr.on('data', (text) => {
			said += text;
		});
		const address = () => /web: listens on (http:[^\s,]+)/.exec(said)?.[1] ?? '';
		await expect.poll(address, patient).not.toBe('');
		const counted = await goesOn(address(), last);
		const text = await (await fetch(`${address()}/metrics`)).text();
		const { time, median } = daemon.result('filed') ?? { time: Number.NaN, median: null };
		expect(text).toContain(`pingmachine_last_result_timestamp_seconds{order="filed"} ${time}\n`);
		expect(text).toContain(`pingmachine_rtt_median_seconds{order="filed"} ${median}\n`);
		expect(text).toMatch(/^pingmachine_icmp_ttl\{order="filed"\} 64$/m);
		expect(text).toMatch(/^pingmachine_up 0$/m);
		expect(counted[`${sent} filed`]).toBe(counted['pingmachine_rtt_seconds_count filed']);
	} finally {
		web.kill('SIGTERM');
		await once(web, 'exit');
		rmSync(copy, { recursive: true, force: true });
	}
});
