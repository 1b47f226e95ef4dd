/** The program that measures is missing, ends in the wrong way, does not end, or is another one. */
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { fpingBehindAGate } from './support/gated-fping.ts';
import { childrenOf, isRunning } from './support/processes.ts';

/** `step`: time enough for what it does; seconds. */
const inFpingsPlace: [what: string, script: string, reason: RegExp, step?: number][] = [
	['exits at once', 'exit 0', /^fping failed without a word \(exit code 0\)/],
	['fails in its own words', 'echo "fping: cannot frobnicate" >&2; exit 4', /cannot frobnicate/],
	['cannot be run at all', 'exec /no/such/program', /fping/],
	['prints what is no text', 'head -c 300000 /dev/urandom >&2; exit 0', /fping/],
	[
		'prints 100 MB of results',
		"yes '127.0.0.1 : 0.01' | head -c 100000000 >&2; exit 0",
		/far more than results/,
		10,
	],
	[
		'prints 100 MB in one line',
		"yes 'ICMP ' | tr -d '\\n' | head -c 100000000 >&2; exit 0",
		/far more than/,
		10,
	],
	['prints 100 MB elsewhere', 'head -c 100000000 /dev/zero; exit 0', /far more than results/, 10],
	['prints results of others', "echo '10.9.8.7 : 0.01' >&2; exit 0", /fping/],
	[
		'prints too many results',
		"echo '127.0.0.1 : 0.01 0.01 0.01' >&2; exit 0",
		/printed 3 results .* instead of 1/,
	],
	['is killed', 'kill -SEGV $$', /SIGSEGV/],
	['does not end', 'exec sleep 1000', /fping was stopped before it said/],
	[
		'does not end and heeds no signal',
		"trap '' INT TERM HUP; sleep 1000",
		/fping was stopped before it said/,
	],
	['leaves others behind', 'sleep 1000 & exit 0', /without a word/],
];

test.concurrent.each(inFpingsPlace)(
	'an fping that %s is a failure that is told, never a loss; the next one measures',
	async (_what, script, reason, step = 1) => {
		await using daemon = new Daemon();
		const { config, gate } = fpingBehindAGate(daemon);
		gate(script);
		await daemon.start(['--config', config]);
		daemon.order('a', fpingOrder('127.0.0.1', { step }));
		expect(await daemon.errorOf('a')).toMatch(reason);
		expect(daemon.result('a')).toBeNull();
		await daemon.logged('a could not be measured: ');
		gate(null);
		await daemon.resultOf('a', ({ loss }) => loss === 0);
		await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
	},
);

test.concurrent('what an fping says cannot forge log lines or steer a terminal, in the log or in the error file', async () => {
	await using daemon = new Daemon();
	const { config, gate } = fpingBehindAGate(daemon);
	gate(
		String.raw`printf '\033[2J\033]0;owned\a\rforged\n2026-11-21 error: forged\n\342\200\256' >&2; exit 4`,
	);
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	expect(await daemon.errorOf('a')).toContain('forged');
	await daemon.logged('a could not be measured: ');
	expect(daemon.output).not.toMatch(/^(2026-11-21 )?(error: )?forged/m);
	for (const text of [daemon.output, daemon.read('output/a/error')]) {
		// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
		expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
	}
});

test.concurrent('a run that is longer than its slot is ended, counted, and followed by others', async () => {
	await using daemon = new Daemon();
	const { config, gate } = fpingBehindAGate(daemon);
	gate('exec sleep 1000');
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1', { step: 2, pings: 2 }));
	await daemon.until('fping runs', () => childrenOf(daemon.pid).length > 0);
	const children = childrenOf(daemon.pid);
	await daemon.logged('overrun');
	expect(daemon.result('a')).toBeNull();
	gate(null);
	await daemon.resultOf('a', ({ loss }) => loss === 0);
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
	expect(children.filter(isRunning)).toEqual([]);
});

test.concurrent('a missing fping is said at once and to the order; measuring begins when it is there', async () => {
	await using daemon = new Daemon();
	const command = daemon.path('bin-fping');
	const config = daemon.path('config.yaml');
	daemon.put('config.yaml', `probes:\n    fping:\n        command: ${command}\n`);
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	expect(await daemon.errorOf('a')).toMatch(/fping.*(not|missing)/);
	await daemon.logged('could not be measured');
	symlinkSync('/usr/bin/fping', command);
	await daemon.resultOf('a');
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
});

test.concurrent.each([
	['exits at once', 'exit 0', /httping failed without a word/],
	[
		'hangs and heeds no signal',
		"trap '' INT TERM HUP; while :; do sleep 1; done",
		/httping was stopped before a ping/,
	],
	['prints 100 MB', 'yes | head -c 100000000', /httping/],
	['prints what is no text', 'head -c 300000 /dev/urandom', /httping/],
	['is killed', 'kill -SEGV $$', /SIGSEGV/],
])(
	'an httping that %s is a failure that is told, never a loss; the right one measures',
	async (_what, script, reason) => {
		await using daemon = new Daemon();
		const server = createServer((_request, response) => response.end());
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const command = daemon.path('httping');
		const config = daemon.path('config.yaml');
		const put = (text: string) => {
			writeFileSync(`${command}.new`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
			renameSync(`${command}.new`, command);
		};
		put(script);
		writeFileSync(config, `probes: {httping: {command: ${command}}}\n`);
		await daemon.start(['--config', config]);
		const url = `http://127.0.0.1:${port}/`;
		daemon.order('a', `{user: me, step: 3, pings: 1, probe: httping, httping: {url: "${url}"}}`);
		expect(await daemon.errorOf('a')).toMatch(reason);
		expect(daemon.result('a')).toBeNull();
		put('exec httping "$@"');
		await daemon.resultOf('a', ({ loss }) => loss === 0);
		await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
		server.close();
	},
);
