import { networkInterfaces } from 'node:os';
import { addressBytes, packAddress } from '../../shared/ip-address.ts';
import type { Clocks } from './clocks.ts';
import { type FromEngine, stampBits } from './messages.ts';
import { PingLoop } from './ping-loop.ts';

const loopback = { 4: '127.0.0.1', 6: '::1' } as const;
const timeoutMs = 300;
/** Our clock and the kernel's are one, but for the time between two looks at it. */
const toleranceSeconds = 0.05;
/** The kernel begins to stamp what comes in some time after it was asked to. */
const stampTriesMax = 20;

/**
 * Pings this machine, to see that what we believe of the kernel's structures and constants holds here. Returns
 * why not, or null. `isSure` is false when there was nothing to be seen, since loopback is down, say.
 *
 * Waits, for a few milliseconds as a rule.
 */
export function selfTest(
	family: 4 | 6,
	clocks: Clocks,
	pause: (ms: number) => void,
): { fault: string | null; isSure: boolean } {
	// While it is down, packets to it vanish without a sign.
	if (!isLoopbackUp(family)) return { fault: null, isSure: false };
	const startSeconds = clocks.baseSeconds + clocks.realNs() / 1e9;
	let result = pingOnce(family, clocks, pause);
	for (let tries = 1; tries < stampTriesMax && isStampAwaited(result); tries++)
		result = pingOnce(family, clocks, pause);
	const endSeconds = clocks.baseSeconds + clocks.realNs() / 1e9;
	if (result === undefined || 'failure' in result) return { fault: null, isSure: false };
	const rtt = result.rttSeconds[0] as number;
	const sentAt = result.sentAtSeconds[0] as number;
	const isTimed = sentAt >= startSeconds - toleranceSeconds && sentAt <= endSeconds + toleranceSeconds;
	const isStamped = ((result.stamps[0] as number) & stampBits.transmitSeen) !== 0;
	// What was sent shows up with its stamp also where nobody answers.
	if (isTimed && (rtt > 0 || (Number.isNaN(rtt) && isStamped))) return { fault: null, isSure: true };
	if ((result.failures[0] as number) > 0) return { fault: null, isSure: false };
	const seen = Number.isNaN(rtt)
		? 'a ping came neither back nor to light'
		: 'a ping came back at an impossible time';
	return {
		fault: `the icmp engine does not understand this system: ${seen} in its test on ${loopback[family]}. Use probe: fping`,
		isSure: true,
	};
}

function pingOnce(family: 4 | 6, clocks: Clocks, pause: (ms: number) => void): FromEngine | undefined {
	const results: FromEngine[] = [];
	const loop = new PingLoop({ clocks, over: (result) => results.push(result) });
	const addresses = new Uint8Array(addressBytes);
	packAddress(loopback[family], addresses, 0);
	loop.add({
		id: 0,
		socket: { family, size: 56 },
		addresses,
		zones: null,
		pings: 1,
		intervalMs: 1,
		roundMs: 1,
		timeoutMs,
		windowMs: timeoutMs * 2,
		burst: 1,
	});
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pause(Math.min(ms, 1));
	return results[0];
}

/** Whether it was answered, and the kernel has not said when. */
function isStampAwaited(result: FromEngine | undefined): boolean {
	if (result === undefined || 'failure' in result) return false;
	const isByKernel = ((result.stamps[0] as number) & stampBits.kernelOnly) !== 0;
	return (result.rttSeconds[0] as number) > 0 && !isByKernel;
}

function isLoopbackUp(family: 4 | 6): boolean {
	const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	return all.some((one) => one.address === loopback[family]);
}
