import type { FromEngine, PingDone, PingRequest } from '../../probes/icmp/engine/messages.ts';
import { addressBytes, packAddress } from '../../probes/shared/ip-address.ts';

/** One ping to each of the targets within 20 ms, IPv4, unless told otherwise. */
export function pingRequest(targets: readonly string[], changes: Partial<PingRequest> = {}): PingRequest {
	const addresses = new Uint8Array(targets.length * addressBytes);
	targets.forEach((target, i) => {
		packAddress(target, addresses, i * addressBytes);
	});
	const usual = { pings: 1, intervalMs: 20, roundMs: 20, timeoutMs: 300, windowMs: 2000, burst: 100 };
	return { id: 1, socket: { family: 4, size: 56 }, addresses, zones: null, ...usual, ...changes };
}

/** Throws when the job failed as a whole, or there is none. */
export function donePings(result: FromEngine | undefined): PingDone {
	if (result === undefined) throw new Error('no job is over');
	if ('failure' in result) throw new Error(result.failure);
	return result;
}

const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread, as the engine does between turns. */
export function pauseThread(ms: number): void {
	Atomics.wait(sleeping, 0, 0, ms);
}

/** The most that were sent in any span of so many milliseconds. */
export function mostSentIn(ms: number, sentAtSeconds: Iterable<number>): number {
	const sorted = Float64Array.from(sentAtSeconds).sort();
	let most = 0;
	for (let from = 0, to = 0; to < sorted.length; to++) {
		while ((sorted[to] as number) - (sorted[from] as number) >= ms / 1000) from++;
		most = Math.max(most, to - from + 1);
	}
	return most;
}
