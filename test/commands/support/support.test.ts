import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { withoutSecrets } from '../../../src/commands/support/without-secrets.ts';
import { cli, Daemon } from '../../support/daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-support-'));
afterAll(() => rmSync(folder, { recursive: true }));

function support(args: readonly string[], env = {}) {
	return spawnSync(process.execPath, [cli, 'support', ...args], {
		encoding: 'utf8',
		env: { ...process.env, ...env },
	});
}

test('what a running daemon, its settings and an order are', async () => {
	await using daemon = new Daemon();
	const config = join(folder, 'config');
	writeFileSync(
		config,
		`# s3cret1\nbasedir: ${daemon.baseDir}\nsinks: [{type: redis, url: "redis://127.0.0.1:1/0"}]\nlog_level: debug\n`,
	);
	await daemon.start(['--config', config]);
	daemon.order('me/here', 'user: me\nstep: 10\npings: 2\nprobe: icmp\nicmp: {host: 127.0.0.1}\n');
	await daemon.resultOf('me/here');
	const { stdout, status } = support(['me/here', '--config', config], { PINGMACHINE_LOG_LEVEL: 'debug' });
	expect(status).toBe(0);
	expect(stdout).toMatch(/^== versions\npingmachine \d.*\nNode\.js v\d/);
	expect(stdout).toMatch(/^fping: .*\d\.\d/m);
	expect(stdout).toContain('url: redis://127.0.0.1:1/0');
	expect(stdout).not.toContain('s3cret1');
	expect(stdout).toContain('\nPINGMACHINE_LOG_LEVEL=debug\n');
	expect(stdout).toMatch(/^orders: owner \d+:\d+, mode \d+$/m);
	expect(stdout).toContain(`\npid: ${daemon.pid}\n`);
	expect(stdout).toMatch(/^== order me\/here\nme\/here {2}measuring\n/m);
});

test('without a daemon, a config file or an order it says so', () => {
	const base = join(folder, 'nothing');
	mkdirSync(base);
	const { stdout, status } = support(['me/none', '--basedir', base]);
	expect(status).toBe(1);
	expect(stdout).toMatch(/^== daemon\nno answer: /m);
	expect(stdout).toMatch(/^== order me\/none\n.{10,}/m);
	const wrong = support(['--lines', 'many']);
	expect(wrong).toMatchObject({ status: 1, stderr: '--lines: must be a whole number from 0 to 10000\n' });
});

test('settings that nobody else should see', () => {
	const settings = {
		web: { tokens_file: '/etc/pingmachine/tokens', tls_key_file: '/k' },
		sinks: [
			{ type: 'kafka', sasl: { mechanism: 'plain', user: 'me', password: 's3cret1' }, password_file: '/p' },
			{
				type: 'elasticsearch',
				api_key: 's3cret2',
				urls: ['https://me:s3cret3@es.example.net/?token=s3cret4'],
			},
			{ type: 'x', headers: { 'X-Any': 's3cret5' } },
		],
		notifiers: [{ type: 'webhook', url: 'https://hooks.example.net/services/s3cret6', bot_token: 's3cret7' }],
	};
	const shown = JSON.stringify(withoutSecrets(settings));
	expect(shown).not.toMatch(/s3cret/);
	for (const kept of ['/etc/pingmachine/tokens', '/k', '/p', 'plain', 'es.example.net', 'hooks.example.net'])
		expect(shown).toContain(kept);
});

test('no value below a key of a secret is shown, whatever is in it', () => {
	const key = fc.constantFrom(
		'password',
		'client_secret',
		'token',
		'api_key',
		'Authorization',
		'bearer_token',
	);
	fc.assert(
		fc.property(key, fc.anything({ maxDepth: 2 }), (key, value) => {
			const shown = withoutSecrets({ [key]: value }) as Record<string, unknown>;
			const plain = JSON.stringify(shown[key]) ?? '';
			expect(plain.replaceAll(/[*"[\],]|null|true|false/g, '')).toBe('');
		}),
	);
});
