/** Orders are input from other users: what they may not do, whatever they are called and whatever is in them. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	lchownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';
import { spawnMortal } from '../support/mortal.ts';

const fixtures = new URL('../../fixtures/', import.meta.url).pathname;
const app = 4711;

/** The real fping, whose command lines and input are written down, one run a line. */
function recordedFping(daemon: Daemon): { config: string; runs: () => string[] } {
	const command = daemon.path('recorded-fping');
	const record = daemon.path('runs');
	const script = `#!/bin/sh
input=$(cat)
line=$(printf '%s\\037' "$@"; printf '%s' "$input" | tr '\\n' ',')
printf '%s\\n' "$line" >> ${record}
printf '%s\\n' "$input" | exec fping "$@"
`;
	writeFileSync(command, script, { mode: 0o755 });
	writeFileSync(record, '');
	daemon.put('config.yaml', `probes:\n    fping:\n        command: ${command}\n`);
	return {
		config: daemon.path('config.yaml'),
		runs: () => readFileSync(record, 'utf8').trimEnd().split('\n'),
	};
}

/** All texts below a folder, as far as they are short. */
function textsIn(folder: string): string {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !entry.name.endsWith('.rrd'))
		.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
		.join('\n');
}

async function measuresOn(daemon: Daemon, id: string): Promise<void> {
	const now = Date.now() / 1000;
	await daemon.resultOf(id, ({ time }) => time >= now);
}

test.concurrent('orders run the probe with the arguments meant and nothing else, whatever is in them', async () => {
	await using daemon = new Daemon();
	const { config, runs } = recordedFping(daemon);
	await daemon.start(['--config', config]);
	daemon.order('good', fpingOrder('127.0.0.1', { more: `    source_ip: 127.0.0.1\n` }));
	for (const folder of ['fuzz/order', 'orders/invalid']) {
		for (const name of readdirSync(join(fixtures, folder))) {
			daemon.order(`${folder}/${name}`, readFileSync(join(fixtures, folder, name), 'utf8'));
		}
	}
	const options = [
		'-f',
		'--help',
		'-f/etc/passwd',
		'; touch /tmp/x',
		'$(id)',
		'127.0.0.1 -f',
		'127.0.0.1\n-f',
		'@x',
	];
	for (const [index, option] of options.entries()) {
		for (const key of ['host', 'source_ip', 'interface']) {
			const more = key === 'host' ? '' : `    ${key}: ${JSON.stringify(option)}\n`;
			daemon.order(`option/${key}/${index}`, fpingOrder(key === 'host' ? option : '127.0.0.1', { more }));
		}
	}
	for (const key of ['host', 'source_ip', 'interface']) {
		for (const index of options.keys())
			expect(await daemon.errorOf(`option/${key}/${index}`)).toMatch(/fping/);
	}
	await measuresOn(daemon, 'good');
	for (const run of runs()) {
		const words = run.split('\x1f');
		const hosts = words.pop();
		// What may be the name of an interface is one argument, and no shell sees it.
		expect(words.join(' ')).toMatch(/^-q -p \d+ -C \d+ -i 1 -t \d+( -S 127\.0\.0\.1| -I [^- ]\S*)?$/);
		expect(hosts).toMatch(/^[\d.:,]+$/);
	}
	const status = spawnSync(process.execPath, [cli, 'status', '--basedir', daemon.baseDir], {
		encoding: 'utf8',
	});
	for (const text of [daemon.output, status.stdout, status.stderr]) {
		// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
		expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]/);
	}
	expect(status.stdout).toContain('good');
});

test.concurrent('names of orders are names and nothing else', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const names = [
		...['-rf', '--help', '$(touch x)', '`id`', '* ?', "it's", 'a"b', 'a\\b', '%2e%2e%2f', '~root'],
		...[
			'line\nforged line',
			'\x1b[2J\x1b]0;title\x07',
			'\u202egnp.exe',
			'\r',
			'__proto__',
			'constructor',
			'con.rrd',
		],
		...[
			'n'.repeat(255),
			'ö'.repeat(127),
			'Name',
			'name',
			'caf\u00e9',
			'cafe\u0301',
			'last_result',
			'error',
			'main.rrd',
		],
	];
	for (const name of names) daemon.order(name, fpingOrder('127.0.0.1'));
	daemon.order('below/error', fpingOrder('127.0.0.1'));
	for (const name of names) await daemon.resultOf(name);
	expect(readdirSync(daemon.path('output')).sort()).toEqual([...names].sort());
	await daemon.logged('rejected order: below/error: its path has error in it');
	for (const name of names) rmSync(daemon.path('orders', name));
	await daemon.until('all are archived', () => readdirSync(daemon.path('archive')).length === names.length);
	expect(readdirSync(daemon.path('output'))).toEqual([]);
	expect(daemon.output).not.toMatch(/^forged/m);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
	expect(daemon.output).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
	expect(readdirSync(daemon.baseDir).sort()).toEqual([
		'alerts',
		'archive',
		'mutes',
		'orders',
		'output',
		'pingmachine.sock',
		'spool',
		'state',
		'telegraf',
	]);
});

test.concurrent('folders inside each other ten thousand times harm nobody', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('good', fpingOrder('127.0.0.1'));
	// Deeper than any path may be long; only a process that goes down step by step can make it.
	using _deep = { [Symbol.dispose]: () => execFileSync('rm', ['-rf', daemon.path('orders/d')]) };
	const script = `chdir $ARGV[0] or die; for (1..10000) { mkdir "d" or die $!; chdir "d" or die $! } open(F, ">order"); print F "x";`;
	execFileSync('perl', ['-e', script, daemon.path('orders')]);
	const deep = `${'d/'.repeat(100)}ping`;
	daemon.order(deep, fpingOrder('127.0.0.1'));
	await daemon.resultOf(deep);
	await measuresOn(daemon, 'good');
	await daemon.stop();
	// Nor does it keep the daemon from finding out what was deleted while it was away.
	rmSync(daemon.path('orders', deep));
	await daemon.start();
	await daemon.until('it is archived', () => daemon.exists('archive', deep, 'last_result'));
	await measuresOn(daemon, 'good');
	expect(daemon.output).not.toContain('a fault in pingmachine');
});

test.concurrent('links in orders/ reveal, write and remove nothing elsewhere, not even when they change all the time', async () => {
	await using daemon = new Daemon();
	const secret = 'user: top-secret\nstep: top-secret\nprobe: top-secret\n';
	chmodSync(daemon.baseDir, 0o755);
	mkdirSync(daemon.path('private'), { mode: 0o700 });
	for (const name of ['secret', 'valid'])
		daemon.put(`private/${name}`, name === 'secret' ? secret : fpingOrder('127.0.0.9'));
	appendFileSync(daemon.path('private/valid'), 'task: top-secret\n');
	for (const name of ['secret', 'valid']) chmodSync(daemon.path('private', name), 0o600);
	const before = ['secret', 'valid'].map((name) => statSync(daemon.path('private', name)).ctimeMs);
	await daemon.start(['--max-age', '3']);
	daemon.order('good', fpingOrder('127.0.0.1'));
	// It alone does not expire.
	const later = Date.now() / 1000 + 3600;
	utimesSync(daemon.path('orders/good'), later, later);
	const link = (target: string, id: string) => {
		symlinkSync(target, daemon.path('orders', id));
		lchownSync(daemon.path('orders', id), app, app);
	};
	link(daemon.path('private/secret'), 'file');
	link('../private/valid', 'valid');
	link(daemon.path('private'), 'folder');
	link('/', 'root');
	link('/etc/shadow', 'shadow');
	link('.', 'circle');
	link('/proc/self/fd', 'fds');
	for (const id of ['file', 'valid', 'shadow'])
		expect(await daemon.errorOf(id)).toMatch(/may not read what it leads to/);
	await daemon.logged('orders/folder: ');
	// One that is a good order at one moment and leads to the secret at the next.
	const swapping = spawnMortal('perl', [
		'-e',
		`chdir $ARGV[0] or die; $( = $) = ${app}; $> = ${app};
		while (1) {
			open(F, ">.good"); print F $ARGV[1]; close F; rename ".good", "swap";
			symlink "../../private/secret", ".link"; rename ".link", "swap";
			mkdir "sub"; open(F, ">sub/secret"); print F $ARGV[1]; close F;
			rename "sub", "away"; symlink "../../private", "sub"; unlink "sub"; rename "away", "sub";
		}`,
		swapFolder(daemon),
		fpingOrder('127.0.0.1'),
	]);
	await new Promise((resolve) => setTimeout(resolve, 4000));
	expect(swapping.exitCode).toBeNull();
	swapping.kill('SIGKILL');
	await measuresOn(daemon, 'good');
	await daemon.stop();
	for (const root of ['output', 'archive']) expect(textsIn(daemon.path(root))).not.toContain('top-secret');
	expect(daemon.output).not.toContain('top-secret');
	expect(['secret', 'valid'].map((name) => statSync(daemon.path('private', name)).ctimeMs)).toEqual(before);
	expect(readdirSync(daemon.path('private')).sort()).toEqual(['secret', 'valid']);
});

/** A folder in orders/ in which another user may do what they like. */
function swapFolder(daemon: Daemon): string {
	mkdirSync(daemon.path('orders/swapping'), { mode: 0o777 });
	chmodSync(daemon.path('orders/swapping'), 0o777);
	return daemon.path('orders/swapping');
}
