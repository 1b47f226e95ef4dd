/** A responder whose answers take a known time, for the benchmarks of the icmp probe. */
import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type Responder, responderIn } from '../test/support/icmp-responder.ts';
import { compileC, runIcmp } from './icmp-tools.ts';

/** What the responder did. */
export interface Truth {
	readonly requests: number;
	/** How long it kept answers, by its own clock. */
	readonly keptMs: { readonly median: number; readonly p99: number };
	/** By address: how many requests it lost. */
	readonly lost: Readonly<Record<string, number>>;
}

/** The third number of the addresses: to these it loses 2 %. */
export const losesSome = 12;
const device = 'pmtun0';

/** Addresses that it answers. */
export function targetsOf(count: number, rule = 0): string[] {
	return Array.from({ length: count }, (_, i) => `10.${78 + (i >> 8)}.${rule}.${i & 255}`);
}

/** Starts it, on a processor that this process and its children then leave to it, and routes to it. */
export async function openTruth(delayMs: number): Promise<Responder<Truth>> {
	const last = availableParallelism() - 1;
	if (last < 1) throw new Error('the responder needs a processor for itself: a second one');
	const command = `exec taskset -c ${last} nice -n -20 ${compileC('icmp-responder')} ${device} ${delayMs}`;
	const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
	execFileSync('taskset', ['-a', '-c', '-p', `0-${last - 1}`, String(process.pid)], { stdio: 'ignore' });
	const responder = await responderIn<Truth>(child);
	const setup = `ip addr add 10.77.255.254/16 dev ${device}; ip link set ${device} up txqueuelen 20000; ip route add 10.0.0.0/8 dev ${device}`;
	execFileSync('sh', ['-c', setup]);
	// The code of the engine is compiled while it runs.
	await runIcmp(targetsOf(1000), 10, 3000, { interval: 200, timeout: 500 });
	return responder;
}
