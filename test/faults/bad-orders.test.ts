/** Orders that are none, or cannot be measured: each is told what is wrong with it, and harms nobody. */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

test.concurrent('orders that are no orders are rejected with a reason each, kept, and harm nobody', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const good = fpingOrder('127.0.0.1');
	daemon.order('good', good);
	daemon.order('no-section', good.replace(/fping:\n.*\n/, ''));
	daemon.order('negative/step', good.replace('step: 1', 'step: -1'));
	daemon.order('negative/pings', good.replace('pings: 1', 'pings: -5'));
	daemon.order('no-yaml', '{ this is: [not yaml');
	daemon.order('empty', '');
	daemon.order('option', good.replace('"127.0.0.1"', '"-f/etc/passwd"'));
	execFileSync('mkfifo', [daemon.path('orders/fifo')]);
	symlinkSync('/dev/zero', daemon.path('orders/device'));
	symlinkSync('circle', daemon.path('orders/circle'));
	writeFileSync(daemon.path('orders/large'), 'x'.repeat(64 * 1024 + 1));
	expect(await daemon.errorOf('no-section')).toMatch(/fping/);
	expect(await daemon.errorOf('negative/step')).toMatch(/^step: /);
	expect(await daemon.errorOf('negative/pings')).toMatch(/^pings: /);
	expect(await daemon.errorOf('no-yaml')).toMatch(/line 1/);
	expect(await daemon.errorOf('empty')).toMatch(/nothing in it/);
	expect(await daemon.errorOf('option')).toMatch(/^fping\.host: /);
	expect(await daemon.errorOf('fifo')).toMatch(/FIFO/);
	expect(await daemon.errorOf('device')).toMatch(/device/);
	expect(await daemon.errorOf('circle')).toMatch(/circle/);
	expect(await daemon.errorOf('large')).toMatch(/65536|64 KiB/);
	const first = await daemon.resultOf('good');
	await daemon.resultOf('good', ({ time }) => time > first.time + 1);
	expect(readdirSync(daemon.path('orders')).sort()).toEqual(
		[
			'circle',
			'device',
			'empty',
			'fifo',
			'good',
			'large',
			'negative',
			'no-section',
			'no-yaml',
			'option',
		].sort(),
	);
	// Each reason is logged once.
	expect(daemon.output.split('rejected order: negative/step').length - 1).toBe(1);
	// A rejected order that goes away leaves nothing behind.
	rmSync(daemon.path('orders/empty'));
	await daemon.until('its folder is gone', () => !daemon.exists('output/empty'));
	expect(daemon.exists('archive/empty')).toBe(false);
});

test.concurrent('an unknown name is the fault of its own order, and costs the others nothing', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('good', fpingOrder('127.0.0.1'));
	daemon.order('unknown', fpingOrder('no-such-host.invalid'));
	expect(await daemon.errorOf('unknown')).toContain('no-such-host.invalid');
	const first = await daemon.resultOf('good');
	await daemon.resultOf('good', ({ time }) => time > first.time + 1);
	expect(daemon.exists('output/unknown/last_result')).toBe(false);
});
