import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load(null);
const unshare = libc.func('int unshare(int)');
const setns = libc.func('int setns(int, int)');
const network = 0x4000_0000;

/**
 * Puts this thread, and the threads and processes that it starts from now on, into a network namespace of their own
 * with loopback up. Call what it returns to come back. Needs root.
 */
export function enterOwnNetwork(setup: readonly string[] = []): () => void {
	const before = openSync('/proc/thread-self/ns/net', 'r');
	if (unshare(network) < 0) throw new Error('cannot make a network namespace: run the tests as root');
	for (const command of ['ip link set lo up', ...setup]) execFileSync('sh', ['-c', command]);
	return () => {
		setns(before, network);
		closeSync(before);
	};
}
