import { execFileSync, spawnSync } from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { freePort } from '../support/waiting.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-pops-'));
const hub = new Daemon();
const zrh = new Daemon();
const joinFile = join(folder, 'zrh.join');

const order = (more: string, probe = 'icmp: {host: 127.0.0.1}') =>
	`user: me\nstep: 1\npings: 1\nprobe: ${probe.split(':')[0]}\n${probe}\n${more}\n`;

beforeAll(async () => {
	execFileSync(
		'openssl',
		[
			...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2'],
			...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'hub.key', '-out', 'hub.crt'],
		],
		{ cwd: folder, stdio: 'ignore' },
	);
	const tls = `tls_cert_file: ${folder}/hub.crt, tls_key_file: ${folder}/hub.key`;
	writeFileSync(join(folder, 'hub.yaml'), `hub: {listen: '127.0.0.1:${await freePort()}', ${tls}}\n`);
	writeFileSync(join(folder, 'zrh.yaml'), `pop: {join: ${joinFile}}\n`);
	await hub.start(['--config', join(folder, 'hub.yaml')]);
	const fd = openSync(joinFile, 'w', 0o644);
	const args = ['add', 'zrh', '--label', 'site=zrh', '--place', '47.4,8.5', '--basedir', hub.baseDir];
	spawnSync(process.execPath, [cli, 'pop', ...args], { stdio: ['ignore', fd, 'inherit'] });
	closeSync(fd);
	await zrh.start(['--config', join(folder, 'zrh.yaml')]);
});

afterAll(async () => {
	await hub[Symbol.asyncDispose]();
	await zrh[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

const pop = (...args: string[]) =>
	spawnSync(process.execPath, [cli, ...args, '--basedir', hub.baseDir], { encoding: 'utf8' });

test('a point of presence measures what the hub orders, and why it does not comes back', async () => {
	expect(statSync(joinFile).mode & 0o777).toBe(0o600);
	hub.order('core/router', order('where: {pops: [zrh]}'));
	hub.order('core/both', order('where: {labels: {site: zrh}, here: true}'));
	hub.order('core/run', order('where: {all: true}', 'command: {program: echo, target: x}'));
	hub.order('core/far', order('where: {pops: [fra]}'));
	await hub.resultOf('core/router/@zrh');
	await hub.resultOf('core/both/@zrh');
	await hub.resultOf('core/both');
	expect(await hub.errorOf('core/run/@zrh')).toContain('does not measure with command for others');
	expect(await hub.errorOf('core/far')).toContain('no point of presence fits');
	expect(hub.exists('output/core/router/last_result')).toBe(false);
	expect(hub.exists('output/core/router/@zrh/main.rrd')).toBe(true);
	expect(zrh.exists('orders/@hub/core/run')).toBe(false);

	const told = JSON.parse(pop('explain', 'core/router/@zrh', '--json').stdout);
	expect(told).toMatchObject({ id: 'core/router/@zrh', state: 'measuring', order: { user: 'me' } });
	// Only the daemon's memory has the pings as they were sent.
	expect(told.measurements[0].samples).toHaveLength(1);
	const rows = pop('status', '--json', '--pop', '*', 'core/r*').stdout.trim().split('\n');
	expect(rows.map((row) => JSON.parse(row))).toMatchObject([
		{ id: 'core/router/@zrh', pop: 'zrh', state: 'measuring', in_daemon: 'measured' },
		{ id: 'core/run/@zrh', pop: 'zrh', state: 'failing', result: null },
	]);

	zrh.order('@hub/core/mine', order(''));
	expect(await zrh.errorOf('@hub/core/mine')).toContain('no hub has sent it');
	expect(zrh.exists('orders/@hub/core/mine')).toBe(true);
});

test('what is measured while the hub is gone is handed in, each slot once, and what ended meanwhile ends', async () => {
	const { time } = await hub.resultOf('core/router/@zrh');
	hub.kill('SIGKILL');
	await hub.exited();
	rmSync(hub.path('orders/core/both'));
	await zrh.resultOf('@hub/core/router', (result) => result.time >= time + 4);
	await hub.start(['--config', join(folder, 'hub.yaml')]);
	const last = await hub.resultOf('core/router/@zrh', (result) => result.time >= time + 6);
	const rows = execFileSync('rrdtool', [
		...['fetch', hub.path('output/core/router/@zrh/main.rrd'), 'AVERAGE'],
		...['-r', '1', '-s', String(time), '-e', String(last.time)],
	]);
	const unknown = String(rows)
		.split('\n')
		.filter((row) => /^\d+: -?nan/.test(row) && Number.parseInt(row, 10) <= last.time);
	expect(unknown).toEqual([]);
	await zrh.until('its order is taken away', () => !zrh.exists('orders/@hub/core/both'));
	await hub.until('it is archived whole', () => hub.exists('archive/core/both/@zrh/main.rrd'));
	expect(hub.exists('output/core/both')).toBe(false);
});

test('measure --from asks points of presence once, a row each, and says who cannot', async () => {
	// The hub began anew a moment ago, and asks nobody of whom it has not heard since.
	const isHere = () => JSON.parse(pop('pops', '--json').stdout).pops[0]?.state === 'here';
	await hub.until('the point of presence is heard of', isHere);
	pop('pop', 'add', 'fra');
	const args = ['icmp', '127.0.0.1', '--pings', '2', '--interval', '0.2'];
	const { stdout, stderr, status } = pop('measure', ...args, '--from', 'zrh,here,fra');
	expect([stderr, status]).toEqual(['', 1]);
	const answered = /^(zrh|here) +2 +0% +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$/;
	expect(
		stdout.split('\n').filter((line) => answered.test(line)),
		stdout,
	).toHaveLength(2);
	expect(stdout).toMatch(/^fra +it has not been heard of yet$/m);
	const files = ['orders/measure', 'output/measure'].map((path) => hub.path(path));
	for (const path of files) expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
	pop('pop', 'rm', 'fra');
	const refused = pop(
		'measure',
		'command',
		'x',
		'--program',
		'echo',
		'--pings',
		'1',
		'--from',
		'all',
		'--json',
	);
	expect([refused.status, JSON.parse(refused.stdout).pops]).toEqual([
		3,
		[{ name: 'zrh', kind: 'failed', reason: expect.stringContaining('does not measure with command') }],
	]);
	expect(pop('measure', ...args, '--from', 'zrh,fra').stderr).toContain(
		'there is no point of presence "fra"',
	);
});

test('who is not known gets nothing, and a token that was taken out is none', async () => {
	expect(pop('pop', 'add', 'Here').stderr).toContain('must have 1 to 63 of a-z');
	expect(pop('pop', 'add', 'zrh').stderr).toContain('already');
	// The hub began anew a moment ago.
	await hub.until('it is heard of', () => JSON.parse(pop('pops', '--json').stdout).pops[0]?.rejected === 1);
	expect(JSON.parse(pop('pops', '--json').stdout)).toMatchObject({
		pops: [{ name: 'zrh', state: 'here', labels: { site: 'zrh' }, rejected: 1 }],
	});
	const { hub: url, token } = JSON.parse(readFileSync(joinFile, 'utf8'));
	const statusOf = (secret: string) =>
		execFileSync('curl', [
			...['-s', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', `${folder}/hub.crt`],
			...['-H', `Authorization: Bearer ${secret}`, `${url}/v1/pop/news?after=0`],
		]).toString();
	expect(statusOf('x'.repeat(43))).toBe('401');
	expect(statusOf(token)).toBe('200');
	expect(pop('pop', 'rm', 'zrh').status).toBe(0);
	expect(statusOf(token)).toBe('401');
	await hub.until('what it measured is archived', () => hub.exists('archive/core/router/@zrh/main.rrd'));
});
