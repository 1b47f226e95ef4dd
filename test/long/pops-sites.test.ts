/** A hub and points of presence at sites of their own, network namespaces with a link to the hub's; over HTTPS. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';
import { missingSlots } from '../support/rrd-rows.ts';

const names = { hub: `pmh${process.pid}`, zrh: `pmz${process.pid}` };
const inside = (site: keyof typeof names) => ['ip', 'netns', 'exec', names[site]];
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const port = 9923;
const address = '10.99.77.1';

beforeAll(() => {
	for (const name of Object.values(names)) {
		ip('netns', 'add', name);
		ip('-n', name, 'link', 'set', 'lo', 'up');
	}
	ip('link', 'add', 'up0', 'netns', names.hub, 'type', 'veth', 'peer', 'name', 'up1', 'netns', names.zrh);
	ip('-n', names.hub, 'addr', 'add', `${address}/24`, 'dev', 'up0');
	ip('-n', names.zrh, 'addr', 'add', '10.99.77.2/24', 'dev', 'up1');
	ip('-n', names.hub, 'link', 'set', 'up0', 'up');
	ip('-n', names.zrh, 'link', 'set', 'up1', 'up');
});
afterAll(() => {
	for (const name of Object.values(names)) ip('netns', 'del', name);
});

let hub: Daemon;
let site: Daemon;
beforeEach(async () => {
	hub = new Daemon();
	site = new Daemon();
	const key = [
		'req',
		'-x509',
		'-newkey',
		'ec',
		'-pkeyopt',
		'ec_paramgen_curve:P-256',
		'-nodes',
		'-days',
		'2',
	];
	const files = ['-keyout', hub.path('hub.tls'), '-out', hub.path('hub.crt')];
	const subject = ['-subj', '/CN=hub', '-addext', `subjectAltName=IP:${address}`];
	execFileSync('openssl', [...key, ...subject, ...files], { stdio: 'ignore' });
	const tls = `tls_cert_file: ${hub.path('hub.crt')}, tls_key_file: ${hub.path('hub.tls')}`;
	hub.put('c.yaml', `hub: {listen: '${address}:${port}', ${tls}}\n`);
	await startHub();
	const join = spawnSync(process.execPath, [cli, 'pop', 'add', 'zrh', '--basedir', hub.baseDir]).stdout;
	writeFileSync(site.path('zrh.join'), join, { mode: 0o600 });
	site.put('c.yaml', `pop: {join: ${site.path('zrh.join')}, accept: {probes: [fping]}}\n`);
	site.put('clock', '0');
	hub.order('core/a', fpingOrder('127.0.0.1', { more: 'where: {pops: [zrh]}\n' }));
});
afterEach(async () => {
	await hub[Symbol.asyncDispose]();
	await site[Symbol.asyncDispose]();
});

const startHub = () => hub.start(['--config', hub.path('c.yaml')], { prefix: inside('hub') });
const startSite = (env = {}) => site.start(['--config', site.path('c.yaml')], { prefix: inside('zrh'), env });
/** A busy machine may skip a slot: what is not at the site either was not measured. */
const notHandedIn = (first: number, last: number) => {
	const skipped = missingSlots(site.path('output/@hub/core/a/main.rrd'), first, last);
	return missingSlots(hub.path('output/core/a/@zrh/main.rrd'), first, last).filter(
		(slot) => !skipped.includes(slot),
	);
};
const later = (seconds: number) => {
	const { time = 0 } = hub.result('core/a/@zrh') ?? {};
	return hub.resultOf('core/a/@zrh', (result) => result.time >= time + seconds);
};
const tally = () =>
	JSON.parse(spawnSync(process.execPath, [cli, 'pops', '--json', '--basedir', hub.baseDir]).stdout.toString())
		.pops[0].results;

test('cut off and back: what was measured meanwhile is there, each slot once; a probe that it lacks is told', async () => {
	hub.order(
		'core/other',
		'user: me\nstep: 1\npings: 1\nprobe: icmp\nicmp: {host: 127.0.0.1}\nwhere: {all: true}\n',
	);
	await startSite();
	const { time: first } = await hub.resultOf('core/a/@zrh');
	expect(await hub.errorOf('core/other/@zrh')).toContain('does not measure with icmp for others');
	for (const seconds of [5, 35]) {
		ip('-n', names.zrh, 'link', 'set', 'up1', 'down');
		await pause(1000 * seconds);
		ip('-n', names.zrh, 'link', 'set', 'up1', 'up');
		await later(seconds + 3);
	}
	await hub.logged('the point of presence zrh is heard of');
	const { time: last } = await later(2);
	expect(notHandedIn(first, last)).toEqual([]);
	expect(tally()).toMatchObject({ refused: 0, future: 0 });
});

test('the hub is killed at random: each slot is there', async () => {
	await startSite();
	const { time: first } = await hub.resultOf('core/a/@zrh');
	for (let round = 0; round < 5; round++) {
		await pause(500 + 4000 * Math.random());
		hub.kill('SIGKILL');
		await hub.exited();
		await pause(3000 * Math.random());
		await startHub();
		await later(2);
	}
	const { time: last } = await later(5);
	expect(notHandedIn(first, last)).toEqual([]);
});

test('a clock that is 10 s ahead, and is set back: slots keep their order, and it goes on', async () => {
	const clock = new URL('../support/other-clock.mjs', import.meta.url).pathname;
	const env = { NODE_OPTIONS: `--import=${clock}`, PINGMACHINE_TEST_CLOCK: site.path('clock') };
	site.put('clock', '10000');
	await startSite(env);
	const { time: first } = await hub.resultOf('core/a/@zrh');
	expect(first).toBeGreaterThan(Date.now() / 1000 + 2);
	const { time: ahead } = await later(5);
	expect(notHandedIn(first, ahead)).toEqual([]);
	await hub.until('its clock is told', () => {
		const args = [cli, 'pops', '--json', '--basedir', hub.baseDir];
		return JSON.parse(spawnSync(process.execPath, args).stdout.toString()).pops[0].ahead > 8;
	});
	site.put('clock', '-10000');
	// What was measured already is not measured again; after that it goes on.
	const { time: back } = await later(10);
	expect(back).toBeGreaterThan(ahead);
	site.put('clock', '120000');
	await hub.logged('are from the future: its clock is ahead, set it');
	expect(tally().future).toBeGreaterThan(0);
});
