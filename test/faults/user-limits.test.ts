/** What one user may have: more is refused, and nobody else notices. */
import { chmodSync, chownSync, existsSync, lchownSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

const app = 4711;
const other = 4712;

function order(daemon: Daemon, id: string, uid: number, more = ''): void {
	// Whoever it says, the owner counts.
	daemon.put(`made/${id}`, fpingOrder('127.0.0.1', { more }).replace(/^user: .*/m, `user: ${id}`));
	chownSync(daemon.path('made', id), uid, uid);
	renameSync(daemon.path('made', id), daemon.path('orders', id));
}

test('orders of a user beyond the limits are rejected, and measured when there is room', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	daemon.put('config.yaml', 'limits: {orders: 2, users: {4712: {batches: 1}}}\n');
	await daemon.start(['--config', daemon.path('config.yaml')]);
	for (const id of ['a1', 'a2']) {
		order(daemon, id, app);
		await daemon.resultOf(id);
	}
	order(daemon, 'a3', app);
	expect(await daemon.errorOf('a3')).toContain(
		`too much: the user with the number ${app}, to whom the file belongs, may have 2 orders. Remove others, or have orders: below limits: in the config file raised`,
	);
	// A link is its maker's.
	order(daemon, 'root1', 0);
	symlinkSync(daemon.path('orders/root1'), daemon.path('orders/a4'));
	lchownSync(daemon.path('orders/a4'), app, app);
	expect(await daemon.errorOf('a4')).toContain('may have 2 orders');
	for (const id of ['root1', 'root2', 'root3']) {
		order(daemon, id, 0);
		await daemon.resultOf(id);
	}
	order(daemon, 'o1', other);
	await daemon.resultOf('o1');
	order(daemon, 'o2', other, '    interval: 100\n');
	expect(await daemon.errorOf('o2')).toContain('in 1 ways');

	rmSync(daemon.path('orders/a1'));
	await daemon.resultOf('a3');
	expect(existsSync(daemon.path('output/a4/last_result'))).toBe(false);
	daemon.put('config.yaml', 'limits: {orders: 3}\n');
	daemon.kill('SIGHUP');
	await daemon.resultOf('a4');
	await daemon.resultOf('o2');
	expect(daemon.output).toContain('changed limits');
}, 120_000);
