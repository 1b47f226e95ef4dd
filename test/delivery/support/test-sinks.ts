/** Sinks for the worker thread, which loads this module as the daemon's loads src/sinks/index.ts. */
import { once } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { AnySink, Delivered, OpenSink, Sink, SinkTable } from '../../../src/model/sink.ts';

interface LinesSettings {
	readonly port: number;
}

/**
 * Writes a line for each result to a TCP server, `<order id> <start of slot> <tags as JSON>`, then `end`, and waits for
 * a line that says `ok`.
 */
const lines: Sink<LinesSettings> = {
	name: 'lines',
	settings: z.strictObject({ port: z.number() }),
	destination: ({ port }) => `tcp://127.0.0.1:${port}`,
	confirms: () => true,
	async open({ port }, { signal }): Promise<OpenSink> {
		const socket = connect({ port, host: '127.0.0.1' });
		await once(socket, 'connect', { signal });
		socket.setEncoding('utf8');
		// Whoever waits hears it by `once`.
		socket.on('error', () => {});
		return {
			async write(batch, signal) {
				const text = batch.map(lineOf).join('');
				const answer = nextLine(socket, signal);
				socket.write(`${text}end\n`);
				if ((await answer) !== 'ok') throw new Error('the server did not say ok');
			},
			async close() {
				socket.destroy();
			},
		};
	},
};

function lineOf({ order, slot }: Delivered): string {
	return `${order.id} ${slot.startSeconds} ${JSON.stringify(order.tags)}\n`;
}

async function nextLine(socket: Socket, signal: AbortSignal): Promise<string> {
	const controller = new AbortController();
	const ended = once(socket, 'close', { signal: controller.signal }).then(() => {
		throw new Error('the server closed the connection');
	});
	const data = once(socket, 'data', { signal: AbortSignal.any([signal, controller.signal]) });
	try {
		const [text] = (await Promise.race([data, ended])) as [string];
		return text.trim();
	} finally {
		controller.abort();
		ended.catch(() => {});
		data.catch(() => {});
	}
}

interface OddSettings {
	readonly how: 'exit' | 'spin' | 'throw later' | 'hang disk' | 'nothing';
}

/** Does what no sink should. */
const odd: Sink<OddSettings> = {
	name: 'odd',
	settings: z.strictObject({ how: z.enum(['exit', 'spin', 'throw later', 'hang disk', 'nothing']) }),
	destination: ({ how }) => `odd://${how}`,
	confirms: () => false,
	takes: ({ id }) => id.startsWith('odd/'),
	async open({ how }): Promise<OpenSink> {
		return {
			async write() {
				if (how === 'exit') process.exit(3);
				if (how === 'throw later') {
					setTimeout(() => {
						throw new Error('nobody listens');
					});
				}
				if (how === 'hang disk') hangDisk();
				while (how === 'spin');
			},
			async close() {},
		};
	},
};

/** The next write to a file in this thread takes 4 s. */
function hangDisk(): void {
	const { writeSync } = fs;
	fs.writeSync = ((...args: Parameters<typeof writeSync>) => {
		fs.writeSync = writeSync;
		syncBuiltinESMExports();
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
		return writeSync(...args);
	}) as typeof writeSync;
	syncBuiltinESMExports();
}

const sinks: readonly AnySink[] = [lines, odd];
export const builtInSinks: SinkTable = new Map(sinks.map((sink) => [sink.name, sink]));
