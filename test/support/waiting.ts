import { createServer } from 'node:net';

const patienceMs = 60_000;

/** Below those that the kernel gives to connections, and to who asks for any. */
const portsFrom = 20_000;
const portsCount = 12_000;
/** They are not given again: a server with several of them opens the first when it has all. */
const given = new Set<number>();

/** Nobody listens there, for TCP. Never the same twice in a process. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = portsFrom + Math.floor(Math.random() * portsCount);
		if (given.has(port) || !(await canListen(port))) continue;
		given.add(port);
		return port;
	}
}

function canListen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer().listen(port, '127.0.0.1');
		server.on('error', () => resolve(false));
		server.on('listening', () => server.close(() => resolve(true)));
	});
}

/** Waits until it is so; after a minute, unless told otherwise, it fails with `what`. */
export async function waitFor(
	isSo: () => boolean | Promise<boolean>,
	what: () => string,
	withinMs = patienceMs,
): Promise<void> {
	const endMs = Date.now() + withinMs;
	for (;;) {
		const askedMs = Date.now();
		if (await isSo()) return;
		if (Date.now() > endMs) throw new Error(what());
		// What starts a program to look may use a third of a processor, not all of it.
		const restMs = Math.min(Math.max(20, 2 * (Date.now() - askedMs)), 2000);
		await new Promise((resolve) => setTimeout(resolve, restMs));
	}
}
