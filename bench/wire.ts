/** bench: the pace of pings on the wire: how many leave in a millisecond and in ten, and how long none does */
/*
 * Options: [--orders 10000] [--step 60] [--pings 5] [--json]
 *
 * A daemon with orders of icmp in a network namespace of its own, where every request is heard and stamped by the kernel
 * as it comes in, over one whole slot. Needs root.
 */
import { parseArgs } from 'node:util';
import { emptyControl, readControl } from '../probes/icmp/engine/control.ts';
import { libc } from '../probes/icmp/engine/libc.ts';
import { MessageBatch } from '../probes/icmp/engine/message-batch.ts';
import {
	attachProgram,
	domain,
	level,
	option,
	setBuffers,
	setInt,
	socketFlags,
	socketRaw,
	stampFlags,
} from '../probes/icmp/engine/ping-socket.ts';
import { mostSentIn } from '../test/support/ping-request.ts';
import { DaemonUnderTest, loopbackOrder, needDisk, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';
import { isInOwnNetwork } from './icmp-tools.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);

const icmpProtocol = 1;
const echoRequest = 8;
const dontWait = 0x40;
const bufferBytes = 64 << 20;
const readEveryMs = 50;
/** The last fifth of a slot is for answers that come late. */
const quietShare = 0.8;

/** Hears of every request; their payload is left in the kernel. */
function openListener(): number {
	const fd = libc.socket(domain[4], socketRaw | socketFlags, icmpProtocol);
	if (fd < 0) throw new Error('the benchmark needs root: a raw socket');
	attachProgram(fd, [
		// The length of the IP header, the type behind it.
		[0xb1, 0, 0, 0],
		[0x50, 0, 0, 0],
		[0x15, 0, 1, echoRequest],
		[0x06, 0, 0, 64],
		[0x06, 0, 0, 0],
	]);
	setBuffers(fd, bufferBytes);
	setInt(fd, level.socket, option.timestamping, stampFlags);
	return fd;
}

/** Adds when each request that has come since was heard, seconds since `baseSeconds`. */
function hear(fd: number, batch: MessageBatch, baseSeconds: number, into: number[]): void {
	const control = emptyControl();
	for (;;) {
		const count = libc.recvmmsg(fd, batch.address(), batch.count, dontWait, null);
		for (let i = 0; i < count; i++) into.push(readControl(batch, i, baseSeconds, control).realNs / 1e9);
		if (count > 0) batch.reset(count);
		if (count < batch.count) return;
	}
}

interface Pace {
	readonly requests: number;
	readonly inOneMs: number;
	readonly inTenMs: number;
	/** But for the end of the slot; and there. */
	readonly longestSilenceSeconds: number;
	readonly quietSeconds: number;
}

/** @param sentSeconds since the slot began */
function paceOf(sentSeconds: readonly number[]): Pace {
	const sorted = sentSeconds.toSorted((a, b) => a - b);
	const last = sorted.at(-1) ?? 0;
	let longest = sorted[0] ?? stepSeconds;
	for (const [i, at] of sorted.entries()) {
		const before = sorted[i - 1] ?? at;
		if (before < stepSeconds * quietShare) longest = Math.max(longest, at - before);
	}
	return {
		...{ requests: sorted.length, inOneMs: mostSentIn(1, sorted), inTenMs: mostSentIn(10, sorted) },
		...{ longestSilenceSeconds: longest, quietSeconds: stepSeconds - last },
	};
}

async function run(): Promise<void> {
	needDisk(orders, 160_000);
	const daemon = new DaemonUnderTest();
	try {
		for (let i = 0; i < orders; i++) {
			const order = loopbackOrder(i, stepSeconds, pings, 'icmp');
			daemon.order(`bench/order${i}`, `${order}rrd_template: short\n`);
		}
		await daemon.start([], 'info');
		// The first slot is that of newcomers.
		const slotMs = stepSeconds * 1000;
		const beginMs = (Math.floor((Date.now() + 5000) / slotMs) + 2) * slotMs;
		await sleep(beginMs - Date.now() - 50);
		const fd = openListener();
		const batch = new MessageBatch(256, 64, 64);
		const baseSeconds = beginMs / 1000;
		const heard: number[] = [];
		while (Date.now() < beginMs + slotMs) {
			hear(fd, batch, baseSeconds, heard);
			await sleep(readEveryMs);
		}
		libc.close(fd);
		tell(paceOf(heard.filter((at) => at >= 0 && at < stepSeconds)));
	} finally {
		await daemon.end();
	}
}

function tell(pace: Pace): void {
	const { requests, inOneMs, inTenMs, longestSilenceSeconds, quietSeconds } = pace;
	keepFigures('wire', {
		[`${orders} icmp: most in 1 ms`]: inOneMs,
		[`${orders} icmp: most in 10 ms`]: inTenMs,
		[`${orders} icmp: longest silence, s`]: longestSilenceSeconds,
	});
	if (values.json) console.log(JSON.stringify({ orders, stepSeconds, pings, ...pace }));
	else
		console.log(
			`${orders} orders, step ${stepSeconds}, ${pings} pings: ${requests} requests in a slot (${orders * pings} wanted), ` +
				`at most ${inOneMs} in 1 ms (limit 8) and ${inTenMs} in 10 ms (limit 40); ` +
				`longest silence ${longestSilenceSeconds.toFixed(2)} s (limit 0.5), and ${quietSeconds.toFixed(1)} s at the end of the slot (limit ${(stepSeconds * (1 - quietShare)).toFixed(1)})`,
		);
}

if (isInOwnNetwork()) await run();
