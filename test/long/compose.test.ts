/** The services of compose.yaml that run pingmachine, each with its command and environment: only mounts are other ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { sharedKafka } from '../support/kafka/shared.ts';

interface Service {
	readonly image: string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly entrypoint?: readonly string[];
	readonly command?: readonly string[];
	readonly volumes?: readonly string[];
}

const packaging = new URL('../../packaging/container/', import.meta.url).pathname;
const composed = load(readFileSync(join(packaging, 'compose.yaml'), 'utf8')) as {
	readonly services: Readonly<Record<string, Service>>;
};
const dockerfile = readFileSync(join(packaging, 'Dockerfile'), 'utf8');
/** What the image says itself. */
const imageEnvironment = Object.fromEntries(
	[...dockerfile.matchAll(/(PINGMACHINE_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
);
const folder = mkdtempSync(join(tmpdir(), 'pingmachine-compose-'));
let bootstrap: string;

beforeAll(async () => {
	({ bootstrap } = await sharedKafka());
	mkdirSync(join(folder, 'bin'));
	const program = join(folder, 'bin/pingmachine');
	writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`);
	chmodSync(program, 0o755);
	writeFileSync(join(folder, 'tokens'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function serviceOf(name: string): Service {
	const service = composed.services[name];
	if (service === undefined) throw new Error(`there is no service ${name}`);
	return service;
}

/** Compose's own variables by their defaults; hosts, ports and paths as they are here. */
function here(text: string, joinFolder = ''): string {
	return text
		.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
		.replaceAll('$$', '$')
		.replaceAll('/run/secrets/pingmachine_tokens', join(folder, 'tokens'))
		.replaceAll('/run/join', joinFolder)
		.replaceAll('kafka:9092', bootstrap)
		.replace(/^(\[::\]|127\.0\.0\.1):9922$/, '127.0.0.1:0');
}

function environmentOf(name: string, baseDir: string, joinFolder = ''): Record<string, string> {
	const all = { ...imageEnvironment, ...serviceOf(name).environment };
	const entries = Object.entries(all).map(([key, value]) => [key, here(String(value), joinFolder)]);
	return { ...Object.fromEntries(entries), PINGMACHINE_BASEDIR: baseDir };
}

/** As the image's entry point does. */
async function start(name: string, daemon: Daemon, joinFolder = ''): Promise<void> {
	await daemon.start([], {
		script: [cli, 'container'],
		env: environmentOf(name, daemon.baseDir, joinFolder),
	});
	await daemon.until('the web server listens', () => daemon.output.includes('web: listens on '));
}

async function runJoin(name: string, hub: Daemon, joinFolder: string): Promise<number | null> {
	const { entrypoint = [], command = [] } = serviceOf(name);
	const [program = '', ...args] = [...entrypoint, ...command].map((word) => here(word, joinFolder));
	const env = {
		...environmentOf(name, hub.baseDir, joinFolder),
		PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
	};
	const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
	const [code] = (await once(child, 'exit')) as [number | null];
	return code;
}

test('each service of the image is tried here', () => {
	const names = Object.entries(composed.services).filter(([, { image }]) => image.startsWith('pingmachine:'));
	expect(names.map(([name]) => name).sort()).toEqual([
		'hub',
		'join-1',
		'join-2',
		'pingmachine',
		'pop-1',
		'pop-2',
	]);
});

test('pingmachine by itself: its pages are open, and its orders do not expire', async () => {
	await using daemon = new Daemon();
	await start('pingmachine', daemon);
	const url = /web: listens on (\S+)/.exec(daemon.output)?.[1] ?? '';
	for (const path of ['/-/healthy', '/metrics', '/'])
		expect((await fetch(new URL(path, url), { headers: { accept: 'text/html' } })).status, path).toBe(200);
	expect((await fetch(new URL('/api/v1/orders', url))).status).toBe(401);
	daemon.order('compose/old', 'user: me\nstep: 1\npings: 1\nprobe: icmp\nicmp: {host: 127.0.0.1}\n');
	await daemon.resultOf('compose/old');
	expect(daemon.output).not.toContain('archiving');
});

test('a hub and two points of presence, over Kafka: they join by themselves, and measure what the hub asks for', async () => {
	await using hub = new Daemon();
	await using one = new Daemon();
	await using two = new Daemon();
	await start('hub', hub);
	const pops = [
		{ name: 'pop-1', daemon: one, join: 'join-1' },
		{ name: 'pop-2', daemon: two, join: 'join-2' },
	];
	for (const { name, daemon, join: joining } of pops) {
		const joinFolder = join(folder, joining);
		mkdirSync(joinFolder);
		expect(await runJoin(joining, hub, joinFolder)).toBe(0);
		const file = join(joinFolder, 'pop.join');
		expect(statSync(file).mode & 0o777).toBe(0o600);
		// Started again, it leaves the file alone. Lost, there is a new one.
		const before = readFileSync(file, 'utf8');
		expect(await runJoin(joining, hub, joinFolder)).toBe(0);
		expect(readFileSync(file, 'utf8')).toBe(before);
		if (name === 'pop-2') {
			rmSync(file);
			expect(await runJoin(joining, hub, joinFolder)).toBe(0);
			expect(readFileSync(file, 'utf8')).not.toBe(before);
		}
		await start(name, daemon, joinFolder);
	}
	const [host = '', port = ''] = bootstrap.split(':');
	const order = readFileSync(join(packaging, 'hub-orders/kafka'), 'utf8')
		.replace('step: 60\npings: 5', 'step: 2\npings: 2')
		.replace('host: kafka, port: 9092', `host: ${host}, port: ${port}`);
	hub.order('compose/kafka', order);
	for (const name of ['compose/kafka', 'compose/kafka/@pop-1', 'compose/kafka/@pop-2'])
		expect(await hub.resultOf(name)).toMatchObject({ pings: 2, loss: 0 });
});
