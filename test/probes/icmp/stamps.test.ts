/** That the kernel stamps what comes in, whenever it comes. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { libc, Memory } from '../../../probes/icmp/engine/libc.ts';
import { level, option } from '../../../probes/icmp/engine/ping-socket.ts';
import { donePings, pingRequest } from '../../support/ping-request.ts';
import { load } from './rig.ts';

const { makePingEngine } = (await load(
	'probes/icmp/engine/engine.js',
)) as typeof import('../../../probes/icmp/engine/engine.ts');

/** Sockets of this process for which the kernel stamps. */
function stampedSockets(): number {
	const value = new Memory(8);
	const isStamped = (fd: string) => {
		try {
			if (!readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')) return false;
		} catch {
			return false; // Closed by now.
		}
		value.u32[0] = 0;
		value.u32[1] = 4;
		libc.getsockopt(Number(fd), level.socket, option.timestamping, value.u8, value.u8.subarray(4));
		return value.u32[0] !== 0;
	};
	return readdirSync('/proc/self/fd').filter(isStamped).length;
}

test('it goes on stamping between jobs, whose sockets are closed: it begins too late for what answers at once', async () => {
	const before = stampedSockets();
	const engine = makePingEngine(1);
	const ping = () => engine.ping(pingRequest(['127.0.0.1']), new AbortController().signal);
	for (let jobs = 0; jobs < 3; jobs++) {
		const done = donePings(await ping());
		expect(done.rttSeconds[0]).toBeGreaterThan(0);
		// The socket of the job is closed a moment after.
		await sleep(100);
		expect(stampedSockets() - before).toBe(1);
	}
	await engine.close();
});
