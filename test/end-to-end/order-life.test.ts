import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

const lastUpdate = (path: string) => Number(execFileSync('rrdtool', ['last', path], { encoding: 'utf8' }));

test('the life of an order: new, measured, modified, rejected, mended, expired, revived, deleted', async () => {
	await using daemon = new Daemon();
	await daemon.start(['--max-age', '3600']);

	// new and measured
	daemon.order('office/router', fpingOrder('127.0.0.1'));
	await daemon.logged('new order: office/router (user: test, fping: 127.0.0.1)');
	const first = await daemon.resultOf('office/router');
	expect(first).toMatchObject({ step: 1, pings: 1, loss: 0 });
	expect(first.median).toBeGreaterThan(0);
	expect(first.updated - first.time).toBeLessThan(60);
	const second = await daemon.resultOf('office/router', ({ time }) => time > first.time);
	expect(lastUpdate(daemon.path('output/office/router/main.rrd'))).toBeGreaterThanOrEqual(second.time + 1);

	// modified: another shape, so that the old RRD is kept beside the new one
	daemon.order('office/router', fpingOrder('127.0.0.2', { step: 2, pings: 2 }));
	await daemon.logged('changed order: office/router (user: test, fping: 127.0.0.2)');
	await daemon.resultOf('office/router', ({ step, pings }) => step === 2 && pings === 2);
	const kept = readdirSync(daemon.path('output/office/router')).filter((name) =>
		/^main\.\d{8}T\d{6}Z\.rrd$/.test(name),
	);
	expect(kept).toHaveLength(1);
	expect(lastUpdate(daemon.path('output/office/router', kept[0] as string))).toBeGreaterThanOrEqual(
		second.time + 1,
	);

	// rejected: not measured any more, and nothing is lost
	daemon.order('office/router', fpingOrder('127.0.0.2', { step: 2, pings: 2 }).replace('host:', 'hots:'));
	expect(await daemon.errorOf('office/router')).toContain('fping.hots');
	await daemon.logged('rejected order: office/router');
	expect(daemon.read('orders/office/router')).toContain('hots:');
	expect(daemon.exists('output/office/router/main.rrd')).toBe(true);

	// mended
	daemon.order('office/router', fpingOrder('127.0.0.3', { step: 2, pings: 2 }));
	const rejectedAt = daemon.result('office/router')?.time ?? 0;
	await daemon.resultOf('office/router', ({ time }) => time > rejectedAt);
	expect(daemon.exists('output/office/router/error')).toBe(false);

	// expired: archived with its text, its file removed
	const long = Date.now() / 1000 - 7208;
	utimesSync(daemon.path('orders/office/router'), long, long);
	await daemon.logged('archiving old order: office/router (age: 72');
	await daemon.until('it is archived', () => daemon.exists('archive/office/router/order'));
	await daemon.until('its file is removed', () => !daemon.exists('orders/office/router'));
	expect(daemon.read('archive/office/router/order')).toContain('127.0.0.3');
	expect(daemon.exists('output/office/router')).toBe(false);
	const archivedAt = lastUpdate(daemon.path('archive/office/router/main.rrd'));

	// put back: it goes on where it stopped
	daemon.order('office/router', fpingOrder('127.0.0.3', { step: 2, pings: 2 }));
	await daemon.logged('revived archived order: office/router');
	await daemon.resultOf('office/router', ({ time }) => time >= archivedAt);
	expect(daemon.exists('archive/office/router')).toBe(false);
	expect(lastUpdate(daemon.path('output/office/router/main.rrd'))).toBeGreaterThan(archivedAt);
	const row = execFileSync(
		'rrdtool',
		[
			'fetch',
			daemon.path('output/office/router/main.rrd'),
			'AVERAGE',
			'-r',
			'2',
			'-s',
			`${archivedAt - 4}`,
			'-e',
			`${archivedAt}`,
		],
		{ encoding: 'utf8' },
	);
	expect(row).toMatch(new RegExp(`${archivedAt}: 0\\.0+e\\+00 [0-9]`));

	// deleted
	rmSync(daemon.path('orders/office/router'));
	await daemon.logged('removed order: office/router (user: test, fping: 127.0.0.3)');
	await daemon.until('it is archived', () => daemon.exists('archive/office/router/last_result'));
	expect(daemon.exists('output/office')).toBe(false);

	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.output.trimEnd().endsWith('pingmachine stopped')).toBe(true);
});

test('orders that were deleted or grew old while the daemon was away are archived when it comes back', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	for (const id of ['stays', 'deleted', 'old/one']) daemon.order(id, fpingOrder('127.0.0.1'));
	for (const id of ['stays', 'deleted', 'old/one']) await daemon.resultOf(id);
	await daemon.stop();
	rmSync(daemon.path('orders/deleted'));
	const long = Date.now() / 1000 - 7208;
	utimesSync(daemon.path('orders/old/one'), long, long);
	const before = daemon.result('stays')?.time ?? 0;
	await daemon.start();
	await daemon.until('the deleted one is archived', () => daemon.exists('archive/deleted/main.rrd'));
	await daemon.until('the old one is archived', () => daemon.exists('archive/old/one/order'));
	await daemon.resultOf('stays', ({ time }) => time > before);
	expect(daemon.exists('output/deleted')).toBe(false);
	expect(daemon.exists('orders/old/one')).toBe(false);
});

test('an order of a long step is measured within a second of its arrival, and not twice in its slot', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const step = 30;
	// Enough of the slot must be left for the first job.
	while ((Date.now() / 1000) % step > 10) await new Promise((resolve) => setTimeout(resolve, 200));
	daemon.order('a', fpingOrder('127.0.0.1', { step, pings: 2 }));
	const slot = Math.floor(Date.now() / 1000 / step) * step;
	const first = await daemon.resultOf('a');
	expect(first.time).toBe(slot);
	// A restart in the same slot must not measure it again.
	await daemon.stop();
	await daemon.start();
	await new Promise((resolve) => setTimeout(resolve, 1500));
	expect(daemon.result('a')).toEqual(first);
	expect(daemon.output).not.toMatch(/error/i);
});

test('a whole directory of orders that arrives is measured, hosts that are asked for twice once', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	mkdirSync(daemon.path('incoming/deep/er'), { recursive: true });
	for (let i = 0; i < 20; i++)
		writeFileSync(daemon.path(`incoming/deep/er/${i}`), fpingOrder(`127.0.1.${i % 10}`));
	execFileSync('mv', [daemon.path('incoming'), daemon.path('orders/incoming')]);
	for (let i = 0; i < 20; i++) await daemon.resultOf(`incoming/deep/er/${i}`);
	const pairs = [3, 13].map((i) => daemon.result(`incoming/deep/er/${i}`));
	if (pairs[0]?.time === pairs[1]?.time) expect(pairs[0]?.median).toBe(pairs[1]?.median);
});
