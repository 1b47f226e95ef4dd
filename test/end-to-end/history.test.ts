/** What the daemon keeps of an order beside main.rrd, through kills: compared with what rrdtool reads in main.rrd. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readHistograms, totalOf } from '../../src/history/histogram-lines.ts';
import { readHistory, readSlots } from '../../src/store/read-history.ts';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

/** Loss of each measured slot, by its start; NaN rows left out. */
function lossesIn(rrd: string, step: number): Map<number, number> {
	const end = Math.floor(Date.now() / 1000);
	const text = execFileSync(
		'rrdtool',
		['fetch', rrd, 'AVERAGE', '-r', '1', '-s', `${end - 600}`, '-e', `${end}`],
		{
			encoding: 'utf8',
		},
	);
	const rows = [...text.matchAll(/^(\d+): (\S+)/gm)].map(
		([, time, loss]) => [Number(time) - step, Number(loss)] as const,
	);
	return new Map(rows.filter(([, loss]) => !Number.isNaN(loss)));
}

test('histograms and slots tell of every slot that main.rrd has, though the daemon is killed again and again', async () => {
	await using daemon = new Daemon();
	daemon.order('a', fpingOrder('127.0.0.1'));
	const folder = daemon.path('output', 'a');
	await daemon.start();
	for (let kill = 0; kill < 4; kill++) {
		const { time } = await daemon.resultOf('a');
		await daemon.resultOf('a', (result) => result.time > time + 1);
		await sleep(Math.random() * 1500);
		daemon.kill('SIGKILL');
		await daemon.exited();
		await daemon.start();
	}
	const { time: last } = await daemon.resultOf('a');
	await daemon.resultOf('a', (result) => result.time > last + 1);
	await daemon.stop();
	const losses = lossesIn(`${folder}/main.rrd`, 1);
	const total = totalOf(readHistory(folder));
	expect(total?.tally.slots).toBe(losses.size);
	expect(total?.tally.histogram.count).toBe((total?.tally.sent ?? 0) - (total?.tally.lost ?? 0));
	const known = readSlots(folder, 0, Number.POSITIVE_INFINITY).filter(({ loss }) => loss !== null);
	expect(known.map(({ timeSeconds, loss }) => [timeSeconds, loss])).toEqual([...losses]);
	// Also in the files themselves, after a stop.
	const printed = execFileSync(
		process.execPath,
		[cli, 'export', 'a', '--histograms', '--basedir', daemon.baseDir],
		{
			encoding: 'utf8',
		},
	);
	expect(totalOf(readHistograms(printed))?.tally.slots).toBe(losses.size);
});
