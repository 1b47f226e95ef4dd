/** Name servers of the demo's own, one that loses questions and one whose answers take now longer, now shorter. */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface DemoNetwork {
	readonly lossyPort: number;
	readonly changingPort: number;
	close(): void;
}

/** Of a hundred questions. */
const lost = 25;
const leastMs = 8;
/** A minute long, calm; then one that is slower, and one that is uneven as well. */
const phases = [
	{ moreMs: 0, spreadMs: 2 },
	{ moreMs: 25, spreadMs: 3 },
	{ moreMs: 15, spreadMs: 30 },
] as const;
const phaseMs = 60_000;

/** Needs no right and no program: the loopback interface is enough. */
export async function startDemoNetwork(): Promise<DemoNetwork> {
	const startedMs = Date.now();
	const lossy = await nameServer(() => (randomInt(100) < lost ? null : leastMs + randomInt(4)));
	const changing = await nameServer(() => {
		const phase = phases[Math.floor((Date.now() - startedMs) / phaseMs) % phases.length] ?? phases[0];
		return leastMs + phase.moreMs + randomInt(phase.spreadMs + 1);
	});
	return {
		lossyPort: (lossy.address() as AddressInfo).port,
		changingPort: (changing.address() as AddressInfo).port,
		close: () => {
			lossy.close();
			changing.close();
		},
	};
}

/** @param delayMs until a question is answered; null: it is not */
async function nameServer(delayMs: () => number | null): Promise<Socket> {
	const socket = createSocket('udp4');
	socket.on('message', (question, { port, address }) => {
		const answer = answerTo(question);
		const afterMs = delayMs();
		if (answer === null || afterMs === null) return;
		setTimeout(() => socket.send(answer, port, address, () => {}), afterMs).unref();
	});
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	return socket;
}

const headerBytes = 12;

/** One address for whatever is asked; null for what is no question. */
function answerTo(question: Buffer): Buffer | null {
	let end = headerBytes;
	while (end < question.length && question[end] !== 0) end += (question[end] ?? 0) + 1;
	end += 5;
	if (question.length < end) return null;
	const header = Buffer.from(question.subarray(0, headerBytes));
	// An answer, recursion there; one question, one answer, nothing else.
	header.writeUInt16BE(0x8180, 2);
	for (const [at, count] of [1, 1, 0, 0].entries()) header.writeUInt16BE(count, 4 + 2 * at);
	// The name of the question, A, IN, 60 seconds, 192.0.2.1.
	const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
	return Buffer.concat([header, question.subarray(headerBytes, end), record]);
}
