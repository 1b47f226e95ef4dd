import { once } from 'node:events';
import { createServer } from 'node:net';

const patienceMs = 60_000;

/** Nobody listens there, for TCP. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return port;
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
