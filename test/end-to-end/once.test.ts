import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

test('an order with once: true is measured once and archived with its result; written again, once more', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const archived = (id: string) => existsSync(daemon.path('archive', id, 'order'));
	const text = fpingOrder('127.0.0.1', { more: 'once: true\n' });
	daemon.order('me/once', text);
	daemon.order('me/often', fpingOrder('127.0.0.1'));
	await daemon.logged('archiving measured order: me/once (once)');
	await daemon.until('it is archived', () => archived('me/once') && !daemon.exists('output/me/once'));
	expect(daemon.exists('orders/me/once')).toBe(false);
	expect(daemon.read('archive/me/once/order')).toBe(text);
	const first = daemon.read('archive/me/once/last_result');
	expect(first).toMatch(/^time: \d+\nupdated: \d+\nstep: 1\npings: 1\nloss: 0\n/);

	daemon.order('me/once', text);
	const again = () => (archived('me/once') ? daemon.read('archive/me/once/last_result') : first);
	await daemon.until('it is measured and archived again', () => again() !== first);

	const explained = spawnSync(process.execPath, [cli, 'explain', 'me/once', '--basedir', daemon.baseDir]);
	expect(String(explained.stdout)).toContain('It was measured once, as it asked for');

	// Nobody knows the name: it had its slot.
	daemon.order('me/unknown', fpingOrder('no-such-name.invalid', { more: 'once: true\n' }));
	await daemon.until('it is archived', () => archived('me/unknown'));
	expect(existsSync(daemon.path('archive/me/unknown/last_result'))).toBe(false);

	const result = await daemon.resultOf('me/often');
	await daemon.resultOf('me/often', ({ time }) => time > result.time);
	expect(readFileSync(daemon.path('orders/me/often'), 'utf8')).not.toContain('once');
});
