/** Files and folders removed, replaced or forbidden under the running daemon. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	cpSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

/** Everything below a folder, with what tells that it was touched. */
function stateOf(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.map((entry) => {
			const path = `${entry.parentPath}/${entry.name}`;
			const { ino, size, mtimeMs, ctimeMs } = statSync(path);
			return `${path} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
		})
		.sort();
}

/** Waits for the result of a slot that is yet to begin. */
async function measuresOn(daemon: Daemon, id: string): Promise<void> {
	const now = Date.now() / 1000;
	await daemon.resultOf(id, ({ time }) => time >= now);
}

test.concurrent('what is removed or replaced in output/ is made anew, and what was in the way is kept', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const [rrd, result] = [daemon.path('output/me/a/main.rrd'), daemon.path('output/me/a/last_result')];
	daemon.order('me/a', fpingOrder('127.0.0.1'));
	await measuresOn(daemon, 'me/a');
	const changes: (() => void)[] = [
		() => rmSync(rrd),
		() => rmSync(result),
		() => rmSync(daemon.path('output/me/a'), { recursive: true }),
		() => rmSync(daemon.path('output/me'), { recursive: true }),
		() => rmSync(daemon.path('output'), { recursive: true }),
		() => writeFileSync(rrd, 'not an RRD'),
		() => {
			rmSync(rrd);
			mkdirSync(rrd);
			writeFileSync(`${rrd}/file`, 'in it');
		},
		() => {
			rmSync(result);
			execFileSync('mkfifo', [result]);
		},
	];
	for (const change of changes) {
		change();
		await daemon.until('it has an RRD that rrdtool takes, and a result', () => {
			if (!daemon.exists('output/me/a/main.rrd') || !statSync(rrd).isFile()) return false;
			if (!daemon.exists('output/me/a/last_result') || !statSync(result).isFile()) return false;
			return spawnSync('rrdtool', ['info', rrd]).status === 0;
		});
	}
	await measuresOn(daemon, 'me/a');
	const kept = readdirSync(daemon.path('output/me/a')).filter((name) => name.startsWith('main.corrupted.'));
	expect(kept.map((name) => statSync(daemon.path('output/me/a', name)).isDirectory()).sort()).toEqual([
		false,
		true,
	]);
	// The sample in hand is in the new one.
	expect(execFileSync('rrdtool', ['lastupdate', rrd], { encoding: 'utf8' })).toMatch(/: 0 \d/);
	expect(daemon.output).not.toContain('a fault in pingmachine');
});

test.concurrent.each(['output', 'output/me', 'output/me/a'])(
	'with a link in the place of %s nothing is written where it leads, and it is said',
	async (folder) => {
		await using daemon = new Daemon();
		await daemon.start();
		daemon.order('me/a', fpingOrder('127.0.0.1'));
		daemon.order('other', fpingOrder('127.0.0.1'));
		await measuresOn(daemon, 'me/a');
		// Elsewhere there is just what the daemon would go on with.
		cpSync(daemon.path(folder), daemon.path('elsewhere'), { recursive: true });
		renameSync(daemon.path(folder), daemon.path('moved'));
		const before = stateOf(daemon.path('elsewhere'));
		symlinkSync(daemon.path('elsewhere'), daemon.path(folder));
		if (folder === 'output') {
			// This one is where the administrator wants it to be.
			await measuresOn(daemon, 'me/a');
			return;
		}
		await daemon.logged(
			`${daemon.path(folder)} is a symbolic link and in the way of a folder of that name: move it away`,
		);
		await measuresOn(daemon, 'other');
		daemon.order('me/a', 'step: -1');
		await daemon.logged('rejected order: me/a');
		rmSync(daemon.path('orders/me/a'));
		await daemon.logged('cannot archive');
		await measuresOn(daemon, 'other');
		expect(stateOf(daemon.path('elsewhere'))).toEqual(before);
		rmSync(daemon.path(folder));
		renameSync(daemon.path('moved'), daemon.path(folder));
		daemon.order('me/a', fpingOrder('127.0.0.1'));
		await measuresOn(daemon, 'me/a');
	},
	60_000,
);

test.concurrent('without the right to a folder or a file, the others go on, and it does too when permitted', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	for (const folder of ['orders', 'telegraf', 'output', 'archive']) {
		mkdirSync(daemon.path(folder));
		chownSync(daemon.path(folder), 65534, 65534);
	}
	await daemon.start(['--user', 'nobody']);
	const ids = ['me/a', 'you/b'];
	for (const id of ids) daemon.order(id, fpingOrder('127.0.0.1'));
	for (const id of ids) await measuresOn(daemon, id);
	const modes: [path: string, mode: number, back: number][] = [
		['output/me/a', 0o000, 0o755],
		['output/me/a', 0o555, 0o755],
		['output/me', 0o000, 0o755],
		['orders/me', 0o000, 0o755],
		['orders/me/a', 0o000, 0o644],
	];
	for (const [path, mode, back] of modes) {
		chmodSync(daemon.path(path), mode);
		await measuresOn(daemon, 'you/b');
		expect(daemon.exists('archive/me')).toBe(false);
		chmodSync(daemon.path(path), back);
	}
	await measuresOn(daemon, 'me/a');
	expect(daemon.output).toMatch(
		/permission denied: let the user that runs pingmachine write there \(EACCES\)/,
	);
	expect(daemon.output).not.toContain('a fault in pingmachine');
});

test.concurrent('leftovers in archive/ and output/ are set aside, not overwritten, and block nothing', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	daemon.put('archive/a/main.rrd', 'an old leftover');
	rmSync(daemon.path('orders/a'));
	await daemon.until('it is archived', () => daemon.exists('archive/a/last_result'));
	const contents = readdirSync(daemon.path('archive/a')).map((name) =>
		readFileSync(daemon.path('archive/a', name), 'latin1'),
	);
	expect(contents).toContain('an old leftover');
	execFileSync('rrdtool', ['info', daemon.path('archive/a/main.rrd')]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.logged('revived archived order: a');
	await daemon.until('it is out of the archive', () => !daemon.exists('archive/a'));
});

test.concurrent('an application may delete and recreate orders/ itself, or replace it by a link', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	rmSync(daemon.path('orders'), { recursive: true });
	await daemon.until('it is archived', () => daemon.exists('archive/a/main.rrd'));
	daemon.put('elsewhere/a', fpingOrder('127.0.0.1'));
	symlinkSync('elsewhere', daemon.path('orders'));
	await daemon.until('it is back', () => daemon.exists('output/a/main.rrd'));
	await measuresOn(daemon, 'a');
});
