/** The daemon killed, restarted and started twice: nothing is lost, torn or doubled, and measuring goes on. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { OutputCheck } from './support/output-check.ts';
import { childrenOf, isRunning } from './support/processes.ts';
import { faultRounds, stormTimeoutMs } from './support/rounds.ts';

const kills = faultRounds(8, 2000);
const restarts = faultRounds(4, 500);

/** Orders that stay, and others that come, go and expire all the time: below folders that they share, or alone. */
const steady = ['steady/1', 'steady/2', 'steady/app/3', 'alone'];
const changing = ['coming/1', 'coming/2', 'steady/app/4', 'going', 'old/1', 'old/2'];

function someText(): string {
	return fpingOrder('127.0.0.1', { more: `note: ${Math.random()}\n` });
}

/** Does something that makes the store move, make or remove files. */
function stir(daemon: Daemon): void {
	const id = changing[Math.floor(Math.random() * changing.length)] as string;
	const path = daemon.path('orders', id);
	if (!existsSync(path)) {
		daemon.order(id, someText());
	} else if (Math.random() < 0.4) {
		rmSync(path);
	} else if (Math.random() < 0.5) {
		// Too old by now.
		utimesSync(path, 1_000_000_000, 1_000_000_000);
	} else {
		daemon.order(id, Math.random() < 0.5 ? 'no order' : someText());
	}
}

test.concurrent(
	`a daemon killed ${kills} times at random moments leaves whole files, and goes on`,
	async () => {
		await using daemon = new Daemon();
		const check = new OutputCheck(daemon);
		for (const id of steady) daemon.order(id, fpingOrder('127.0.0.1'));
		const measuresOn = async () => {
			const before = steady.map((id) => daemon.result(id)?.time ?? 0);
			for (const [index, id] of steady.entries()) {
				await daemon.resultOf(id, ({ time }) => time > (before[index] ?? 0));
			}
			// What the crash cut short is finished by then.
			await daemon.until('no order is in output/ and archive/ at once', () => check.inBoth().length === 0);
		};
		await daemon.start();
		await measuresOn();
		for (let kill = 1; kill <= kills; kill++) {
			const endMs = Date.now() + Math.random() * 1200;
			while (Date.now() < endMs) {
				stir(daemon);
				await sleep(Math.random() * 60);
			}
			daemon.kill('SIGKILL');
			await daemon.exited();
			expect(await check.files(), `after kill ${kill}`).toBeGreaterThanOrEqual(steady.length);
			for (const id of steady) expect(daemon.result(id), `${id} after kill ${kill}`).not.toBeNull();
			// Without waiting for it: it may be killed while it starts.
			daemon.spawn();
			if (kill % 4 === 0) await measuresOn();
		}
		await measuresOn();
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
		await check.files();
		expect(check.leftovers()).toEqual([]);
		expect(daemon.output).not.toMatch(/cannot|corrupted|a fault in pingmachine/);
		await check.end();
	},
	stormTimeoutMs(kills, 6000),
);

test.concurrent('a daemon killed while it archives hundreds of orders finishes that when it is started again', async () => {
	await using daemon = new Daemon();
	const check = new OutputCheck(daemon);
	const ids = Array.from({ length: 300 }, (_, i) => `many/${i % 20}/${i}`);
	for (const id of ids)
		daemon.order(id, fpingOrder('127.0.0.1', { step: 3600, more: 'rrd_template: norrd\n' }));
	await daemon.start();
	for (const id of ids) await daemon.until('all have folders', () => daemon.exists('output', id));
	await daemon.stop();
	for (const id of ids) {
		daemon.put(
			`output/${id}/last_result`,
			'time: 1\nupdated: 1\nstep: 1\npings: 1\nloss: 1\nmin: ~\nmedian: ~\nmax: ~\n',
		);
	}
	rmSync(daemon.path('orders/many'), { recursive: true });
	// Killed as soon as some are archived, again and again.
	let archived = 0;
	for (let kill = 0; kill < 3; kill++) {
		daemon.spawn();
		await daemon.until('some more are archived', () => check.archived() > archived);
		daemon.kill('SIGKILL');
		await daemon.exited();
		archived = check.archived();
		expect(check.inBoth()).toEqual([]);
	}
	await daemon.start();
	await daemon.until('all are archived', () => check.archived() === ids.length);
	await daemon.until('output is empty', () => !daemon.exists('output/many'));
	await check.end();
});

test.concurrent(
	`${restarts} restarts in a row, polite or not, measure no slot twice`,
	async () => {
		await using daemon = new Daemon();
		// One whose slot has just begun: it shall not end under way.
		const nowSeconds = Date.now() / 1000;
		let step = 60;
		while (nowSeconds % step > 5) step++;
		daemon.order('a', fpingOrder('127.0.0.1', { step, pings: 1 }));
		await daemon.start();
		const first = await daemon.resultOf('a');
		let said = 0;
		for (let restart = 0; restart < restarts; restart++) {
			daemon.kill(restart % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
			await daemon.exited();
			said = daemon.output.length;
			daemon.spawn();
			await sleep(Math.random() * 700);
		}
		await daemon.until('it runs', () =>
			daemon.output.slice(said).includes('info: new order: a (user: test, fping: 127.0.0.1)'),
		);
		const { time, updated } = daemon.result('a') ?? { time: 0, updated: 0 };
		if (time === first.time) expect(updated).toBe(first.updated);
		expect(daemon.output).not.toMatch(/ error: /);
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
	},
	stormTimeoutMs(restarts, 3000),
);

test.concurrent('SIGTERM in the middle of runs leaves no process behind and takes less than 5 s', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1', { step: 30, pings: 20 }));
	daemon.order('b', fpingOrder('127.0.0.1', { step: 40, pings: 20 }));
	await daemon.until('two fpings run', () => childrenOf(daemon.pid).length >= 2);
	const children = childrenOf(daemon.pid);
	await daemon.stop();
	// It ends itself with 1 when that takes 5 s.
	expect(daemon.exitCode).toBe(0);
	expect(children.filter(isRunning)).toEqual([]);
});

test.concurrent('a second instance on the same base directory says so and exits 1; the first goes on', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	const before = await daemon.resultOf('a');
	await using second = new Daemon();
	const alias = second.path('alias');
	symlinkSync(daemon.baseDir, alias);
	for (const baseDir of [daemon.baseDir, `${daemon.baseDir}/orders/..`, alias]) {
		second.spawn(['--basedir', baseDir]);
		await second.exited();
		expect(second.exitCode).toBe(1);
	}
	expect(second.output).toContain(
		`can't lock base directory ${daemon.baseDir}. Is pingmachine running already?`,
	);
	expect(second.output).toContain(`can't lock base directory ${alias}. Is pingmachine running already?`);
	await daemon.resultOf('a', ({ time }) => time > before.time + 1);
	execFileSync('rrdtool', ['info', daemon.path('output/a/main.rrd')]);
});
