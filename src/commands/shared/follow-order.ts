import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { reachSocket } from '../../memory/socket-path.ts';
import type { OrderIdentity } from '../../model/outcome.ts';
import { eventOfLine, type ToldEvent } from '../../outcomes/event-json.ts';

/** What is to be heard of an order, and where. */
export interface Following {
	readonly baseDir: string;
	readonly id: string;
	/** Ends it. */
	readonly signal: AbortSignal;
	/** Takes each event of the order, and the line that it came in. */
	heard(event: ToldEvent, line: string): void;
}

/**
 * Listens to the daemon of a base directory: what comes of an order, and each ping as it is answered. Resolves when the
 * signal fires, or with the reason why there is no more to hear, in half a sentence.
 */
export async function followOrder({ baseDir, id, signal, heard }: Following): Promise<string | null> {
	const socket = reachSocket(baseDir);
	const path = `/v1/stream?id=${encodeURIComponent(id)}&early=true`;
	let order: OrderIdentity | undefined;
	try {
		return await new Promise((resolve, reject) => {
			const asking = request({ socketPath: socket.path, path, signal, agent: false }, (response) => {
				if (response.statusCode !== 200) {
					response.resume();
					resolve(`it answered with status ${response.statusCode}`);
					return;
				}
				const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
				lines.on('line', (line) => {
					const event = eventOfLine(line, () => order);
					if (event === null) return;
					if (event.about === 'changed') order = event.order;
					heard(event, line);
				});
				// The response says the same.
				lines.on('error', () => {});
				response.on('error', reject);
				response.on('close', () => resolve(signal.aborted ? null : 'it ended'));
			});
			asking.on('error', reject);
			asking.end();
		});
	} catch (error) {
		if (signal.aborted) return null;
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === 'EACCES')
			return 'permission denied. Ask as root, or as a member of the group that may write orders';
		return code === 'ENOENT' || code === 'ECONNREFUSED' ? 'it does not run' : message;
	} finally {
		socket.release();
	}
}
