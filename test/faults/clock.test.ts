/** The clock stepped, and the daemon stopped for a while: slots that are gone are skipped, none is measured in a burst. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

const upForLong = `data:text/javascript,${encodeURIComponent(
	"import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.uptime = () => 86400; syncBuiltinESMExports();",
)}`;

/** libfaketime sets the clock of one process, and of no other, by what a file says. */
class SteppedClock {
	readonly #daemon: Daemon;

	constructor(daemon: Daemon) {
		this.#daemon = daemon;
		this.step(0);
	}

	/** How far the clock is ahead of the true time from now on, seconds. */
	step(aheadSeconds: number): void {
		const path = this.#daemon.path('clock');
		writeFileSync(`${path}.new`, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
		renameSync(`${path}.new`, path);
	}

	/** Only time of day is changed, as by somebody who sets the clock; files have the true time. */
	environment(): Record<string, string> {
		const folders = readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime`);
		const library = folders.map((folder) => `${folder}/libfaketimeMT.so.1`).find(existsSync);
		if (library === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
		return {
			LD_PRELOAD: library,
			FAKETIME_TIMESTAMP_FILE: this.#daemon.path('clock'),
			FAKETIME_NO_CACHE: '1',
			FAKETIME_DONT_FAKE_MONOTONIC: '1',
			NO_FAKE_STAT: '1',
			// A machine that was started just now may have a clock that is not set yet: its daemons wait for that.
			NODE_OPTIONS: `--import=${upForLong}`,
		};
	}
}

test.concurrent('a clock that is stepped forth and back by an hour costs a few slots, no order and no archive', async () => {
	await using daemon = new Daemon();
	const clock = new SteppedClock(daemon);
	const env = clock.environment();
	const isAhead = (hours: number) => (result: { time: number }) =>
		Math.abs(result.time - Date.now() / 1000 - hours * 3600) < 600;
	await daemon.start(['--max-age', '1800'], { env });
	daemon.order('a', fpingOrder('127.0.0.1'));
	daemon.order('b', fpingOrder('127.0.0.1', { step: 2, pings: 2 }));
	await daemon.resultOf('a');
	await daemon.resultOf('b');
	const goesOn = async (id: string, hours: number) => {
		const before = daemon.result(id);
		const first = await daemon.resultOf(id, isAhead(hours));
		// From slot to slot: no burst of those that were skipped.
		const next = await daemon.resultOf(id, ({ time }) => time > first.time);
		expect(next.time - first.time).toBeLessThanOrEqual(30);
		expect(Math.abs(next.updated - next.time)).toBeLessThan(600);
		expect(before?.time).not.toBe(next.time);
	};
	for (const hours of [1, -1, 0]) {
		clock.step(hours * 3600);
		await Promise.all(['a', 'b'].map((id) => goesOn(id, hours)));
	}
	expect(daemon.output).toMatch(/the clock was set|went ahead|went back/);
	expect(daemon.output).toContain('no order expires for the next 1800 s');
	expect(daemon.exists('orders/a') && daemon.exists('orders/b')).toBe(true);
	expect(readdirSync(daemon.path('archive'))).toEqual([]);
	expect(daemon.output).not.toMatch(/archiving|a fault in pingmachine/);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
});

test.concurrent('a clock that is in 2036 for a while blocks no main.rrd, and is told', async () => {
	await using daemon = new Daemon();
	const clock = new SteppedClock(daemon);
	await daemon.start([], { env: clock.environment() });
	daemon.order('a', fpingOrder('127.0.0.1'));
	const first = await daemon.resultOf('a');
	const aheadSeconds = 10 * 365 * 86_400;
	clock.step(aheadSeconds);
	await daemon.resultOf('a', ({ time }) => time > first.time + aheadSeconds - 60);
	clock.step(0);
	const back = await daemon.resultOf('a', ({ time }) => time < first.time + 3600);
	await daemon.resultOf('a', ({ time }) => time > back.time && time < first.time + 3600);
	expect(await daemon.errorOf('a')).toMatch(
		/main\.rrd goes until 2036-.*It is kept as main\.\d{8}T\d{6}Z\.rrd/,
	);
	const last = (name: string) =>
		Number(execFileSync('rrdtool', ['last', daemon.path('output/a', name)], { encoding: 'utf8' }));
	expect(last('main.rrd')).toBeLessThan(first.time + 3600);
	const kept = readdirSync(daemon.path('output/a')).filter((name) => /^main\.\d.*\.rrd$/.test(name));
	expect(kept.map(last).filter((seconds) => seconds > first.time + aheadSeconds - 60)).toHaveLength(1);
	expect(daemon.output).toMatch(/output\/a: main\.rrd goes until 2036-/);
	const { stdout } = spawnSync(process.execPath, [cli, 'status', '--basedir', daemon.baseDir], {
		encoding: 'utf8',
	});
	expect(stdout).toMatch(/failing: main\.rrd goes until 2036-/);
}, 120_000);

test.concurrent('a daemon that is stopped for some slots skips them, counts them, and archives no order that was refreshed', async () => {
	await using daemon = new Daemon();
	await daemon.start(['--max-age', '4']);
	for (const id of ['a', 'b']) daemon.order(id, fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	const stopped = Date.now() / 1000;
	daemon.kill('SIGSTOP');
	await sleep(5000);
	expect(daemon.result('a')?.time).toBeLessThanOrEqual(stopped + 1);
	// By an application whose clock is ahead, so that it does not get too old in this test.
	utimesSync(daemon.path('orders/a'), Date.now() / 1000 + 3600, Date.now() / 1000 + 3600);
	const resumed = Math.floor(Date.now() / 1000);
	daemon.kill('SIGCONT');
	await daemon.logged('pingmachine itself was held up for');
	expect(daemon.output).not.toContain('the machine slept');
	expect(daemon.output).not.toContain('the clock was set');
	const next = await daemon.resultOf('a', ({ time }) => time >= resumed);
	await daemon.resultOf('a', ({ time }) => time > next.time);
	const skipped = [...daemon.output.matchAll(/skipped (\d+) slots? of fping/g)].map(([, slots]) =>
		Number(slots),
	);
	expect(Math.max(...skipped)).toBeGreaterThanOrEqual(3);
	await daemon.until('the other one is archived', () => daemon.exists('archive/b/order'));
	expect(daemon.exists('orders/a')).toBe(true);
	expect(daemon.exists('archive/a')).toBe(false);
});
