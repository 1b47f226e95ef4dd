/** bench: many orders for some minutes: freshness in every slot, processor time, memory, main-thread delay */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, loopbackOrder, needDisk, sleep } from './daemon-under-test.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		slots: { type: 'string', default: '3' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
const slots = Number(values.slots);
needDisk(orders, 672_008);

interface SlotReport {
	readonly slotStart: string;
	/** Share of orders whose last_result is of this slot. */
	readonly freshPart: number;
	/** Lost pings in all of them: loopback loses none, so each is a false loss. */
	readonly lost: number;
	readonly daemonCpuSeconds: number;
	readonly childrenCpuSeconds: number;
	readonly peakRssMb: number;
	/** What the daemon says of its own main thread, milliseconds. */
	readonly delay: string;
}

const daemon = new DaemonUnderTest();
try {
	const ids = Array.from({ length: orders }, (_, i) => `user${i % 20}/order${i}`);
	ids.forEach((id, i) => {
		daemon.order(id, loopbackOrder(i, stepSeconds, pings));
	});
	let delay = '';
	daemon.onLog(({ message }) => {
		delay = /main-thread delay (.*)$/.exec(message)?.[1] ?? delay;
	});
	await daemon.start();
	const reports: SlotReport[] = [];
	// The first whole slot begins when every order is there; before it the files are being made.
	await daemon.logged(({ message }) => message.startsWith('first scan done'));
	for (let slot = nextSlot(); reports.length < slots; slot += stepSeconds) {
		await sleepUntil(slot);
		const before = daemon.usage();
		await sleepUntil(slot + stepSeconds);
		const after = daemon.usage();
		// Results of the last batch may need a moment to be written.
		await sleep(Math.min(3000, stepSeconds * 100));
		const report: SlotReport = {
			slotStart: new Date(slot * 1000).toISOString(),
			...freshness(ids, slot),
			daemonCpuSeconds: after.daemonCpuSeconds - before.daemonCpuSeconds,
			childrenCpuSeconds: after.childrenCpuSeconds - before.childrenCpuSeconds,
			peakRssMb: after.peakRssMb,
			delay,
		};
		reports.push(report);
		if (values.json) console.log(JSON.stringify(report));
		else {
			console.log(
				`${report.slotStart} fresh ${(report.freshPart * 100).toFixed(2)} %, lost ${report.lost} pings, ` +
					`CPU daemon ${report.daemonCpuSeconds.toFixed(1)} s + children ${report.childrenCpuSeconds.toFixed(1)} s ` +
					`in ${stepSeconds} s, peak RSS ${report.peakRssMb} MB, main-thread delay ${report.delay}`,
			);
		}
	}
} finally {
	await daemon.end();
}

function nextSlot(): number {
	return Math.ceil(Date.now() / 1000 / stepSeconds) * stepSeconds;
}

function sleepUntil(seconds: number): Promise<unknown> {
	return sleep(Math.max(0, seconds * 1000 - Date.now()));
}

function freshness(ids: readonly string[], slot: number): { freshPart: number; lost: number } {
	let fresh = 0;
	let lost = 0;
	for (const id of ids) {
		const text = readFileSync(join(daemon.baseDir, 'output', id, 'last_result'), 'utf8');
		if (Number(/^time: (\d+)$/m.exec(text)?.[1]) >= slot) fresh++;
		lost += Number(/^loss: (\d+)$/m.exec(text)?.[1]);
	}
	return { freshPart: fresh / ids.length, lost };
}
