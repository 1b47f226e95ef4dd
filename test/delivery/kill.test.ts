/** kill -9 at any time, and what may be lost and sent twice then. Needs the compiled product, which `npm test` builds. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileModule } from '../support/compiled-module.ts';
import { LineServer } from './support/line-server.ts';
import { startSeconds } from './support/results.ts';

const compiled = new URL('../../dist/src/delivery/delivery.js', import.meta.url).href;
const patienceMs = 60_000;
const batchMax = 20;

let dir: string;
let feederModule: ReturnType<typeof compileModule>;
let sinks: ReturnType<typeof compileModule>;
const server = new LineServer();

beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-kill-'));
	feederModule = compileModule('test/delivery/support/feeder.ts');
	sinks = compileModule('test/delivery/support/test-sinks.ts');
	await server.start();
	await server.stop();
});

afterAll(async () => {
	await server.stop();
	feederModule.remove();
	sinks.remove();
	rmSync(dir, { recursive: true, force: true });
});

interface Told {
	readonly next: number;
	readonly sent: number;
	readonly spooled: number;
	readonly queued: number;
	readonly state: string;
}

class Feeder {
	told: Told = { next: 0, sent: 0, spooled: 0, queued: 0, state: '' };
	log = '';
	readonly #child: ChildProcessWithoutNullStreams;

	constructor(first: number, isFeeding: 'yes' | 'no' = 'yes') {
		const sinkModule = pathToFileURL(sinks.module).href;
		const args = [
			feederModule.module,
			compiled,
			sinkModule,
			dir,
			String(server.port),
			String(first),
			isFeeding,
		];
		this.#child = spawn(process.execPath, args);
		createInterface({ input: this.#child.stdout }).on('line', (line) => {
			this.told = JSON.parse(line) as Told;
		});
		this.#child.stderr.on('data', (text) => {
			this.log += text;
		});
	}

	async until(isTrue: (told: Told) => boolean): Promise<void> {
		const endMs = Date.now() + patienceMs;
		while (!isTrue(this.told)) {
			if (Date.now() > endMs) throw new Error(`not in time: ${JSON.stringify(this.told)}\n${this.log}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	async kill(): Promise<void> {
		const gone = once(this.#child, 'close');
		this.#child.kill('SIGKILL');
		await gone;
	}

	async close(): Promise<void> {
		const gone = once(this.#child, 'close');
		this.#child.stdin.write('\n');
		await gone;
	}
}

const numbersOf = (batches: readonly (readonly string[])[]) =>
	batches.flat().map((line) => (Number(line.split(' ')[1]) - startSeconds) / 10);

it('over kill -9 and lost connections all that was in the spool arrives, and little of it twice', async () => {
	// What has to arrive: of each run the first ones, as many as were sent or in the spool.
	const promised: [from: number, end: number][] = [];

	// An outage: nothing listens.
	const first = new Feeder(0);
	await first.until(({ spooled }) => spooled >= 300);
	await first.kill();
	promised.push([0, first.told.sent + first.told.spooled]);

	// The backlog is being sent, and new results come, when the next one is killed.
	await server.start();
	let next = first.told.next;
	const second = new Feeder(next);
	await second.until(({ queued }) => queued > 0 && server.confirmed.length > 5);
	await second.kill();

	// Every fifth batch is received, and the connection lost before that is said.
	server.answer = (batch) => (batch % 5 === 0 ? 'end' : 'ok');
	next = second.told.next;
	const third = new Feeder(next);
	await third.until(({ sent }) => sent > 100);
	server.answer = () => 'ok';
	await third.close();
	promised.push([next, third.told.next]);

	const last = new Feeder(0, 'no');
	await last.until(({ queued, state }) => state === 'working' && queued === 0);
	await last.close();

	const arrived = numbersOf(server.confirmed);
	const missing = promised
		.flatMap(([from, end]) => Array.from({ length: end - from }, (_, index) => from + index))
		.filter((number) => !new Set(arrived).has(number));
	expect(missing).toEqual([]);
	// Confirmed twice: at most the batch in hand for each kill.
	expect(arrived.length - new Set(arrived).size).toBeLessThanOrEqual(2 * batchMax);
	// Received again though confirmed: the same; what was received and not confirmed had to be sent again.
	const ended = server.received.length - server.confirmed.length;
	const received = numbersOf(server.received);
	expect(received.length - new Set(received).size).toBeLessThanOrEqual((2 + ended) * batchMax);
	expect(existsSync(join(dir, 'spool/main'))).toBe(false);
});
