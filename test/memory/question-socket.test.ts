/** The socket through which the daemon is asked, and clients that mean no good. */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askAboutDaemon, askAboutOrder, askAboutOrders } from '../../src/memory/ask-daemon.ts';
import { openQuestionSocket, type QuestionSocket } from '../../src/memory/question-socket.ts';
import type { OrderAnswer } from '../../src/model/answers.ts';
import { cannedDaemon, cannedQuestions } from '../support/canned-questions.ts';

const daemon = cannedDaemon(1_795_240_000);
const rejected: OrderAnswer = { state: 'rejected', expires: null, memory: null };
const oddId = 'me/ä b?c%/\n#';

let baseDir: string;
let open: QuestionSocket[];
let clients: Socket[];

beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
	open = [];
	clients = [];
});

afterEach(() => {
	for (const client of clients) client.destroy();
	for (const socket of open) socket.close();
	rmSync(baseDir, { recursive: true });
});

const socketPath = () => join(baseDir, 'pingmachine.sock');

async function serve(
	questions = cannedQuestions(daemon, { [oddId]: rejected }),
	limits = { connections: 4, connectionMs: 20_000, idleMs: 20_000 },
	dir = baseDir,
) {
	open.push(await openQuestionSocket(dir, questions, limits));
	return questions;
}

function client(text = ''): Socket {
	const socket = connect(socketPath());
	socket.on('error', () => {});
	if (text !== '') socket.write(text);
	clients.push(socket);
	return socket;
}

/** All that it is answered until the connection ends. */
async function exchange(text: string): Promise<string> {
	const socket = client(text);
	let answer = '';
	socket.on('data', (chunk) => {
		answer += chunk;
	});
	await ended(socket);
	return answer;
}

function ended(socket: Socket): Promise<void> {
	return new Promise((resolve) => socket.on('close', () => resolve()));
}

describe('asking', () => {
	test('the daemon, all orders, one order by any id, and one that there is not', async () => {
		await serve();
		expect(await askAboutDaemon(baseDir)).toEqual({ answer: daemon });
		expect(await askAboutOrders(baseDir)).toEqual({ answer: { orders: [] } });
		expect(await askAboutOrder(baseDir, oddId)).toEqual({ answer: rejected });
		expect(await askAboutOrder(baseDir, 'nobody')).toEqual({ answer: null });
		expect(await askAboutOrder(baseDir, '日'.repeat(1365))).toEqual({ answer: null });
	});

	test('where nobody listens, or what is left of somebody who did', async () => {
		expect(await askAboutDaemon(baseDir)).toEqual({ silence: 'it does not run' });
		expect(await askAboutDaemon(join(baseDir, 'nowhere'))).toEqual({ silence: 'it does not run' });
		writeFileSync(socketPath(), '');
		expect(await askAboutDaemon(baseDir)).toEqual({ silence: 'it does not run' });
	});

	test('a daemon of another version', async () => {
		const other = { ...daemon, slots: { measured: 'many' } } as unknown as typeof daemon;
		await serve(cannedQuestions(other, {}, () => ['{"orders":[[']));
		const silence = 'its answer cannot be understood: it is of another version';
		expect(await askAboutDaemon(baseDir)).toEqual({ silence });
		expect(await askAboutOrders(baseDir)).toEqual({ silence });
	});

	test('a fault of ours is reported, and not the end', async () => {
		const questions = {
			...cannedQuestions(daemon, {}),
			order: () => {
				throw new TypeError('a fault');
			},
		};
		await serve(questions);
		expect(await askAboutOrder(baseDir, 'a')).toHaveProperty('silence');
		expect(questions.failures.map(({ message }) => message)).toEqual(['a fault']);
		expect(await askAboutDaemon(baseDir)).toEqual({ answer: daemon });
	});
});

describe('the file', () => {
	test('only the owner may connect, unless a group may write orders', async () => {
		await serve();
		expect(statSync(socketPath()).mode & 0o777).toBe(0o600);
		chownSync(join(baseDir, 'orders'), 0, 65_534);
		chmodSync(join(baseDir, 'orders'), 0o2775);
		await serve();
		expect(statSync(socketPath())).toMatchObject({ gid: 65_534 });
		expect(statSync(socketPath()).mode & 0o777).toBe(0o660);
	});

	test('who may not connect is told whom to ask', async () => {
		await serve();
		chmodSync(baseDir, 0o755);
		const script = `import('${new URL('../../dist/src/memory/ask-daemon.js', import.meta.url).href}')
			.then((m) => m.askAboutDaemon(${JSON.stringify(baseDir)})).then((a) => console.log(a.silence))`;
		const args = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '-e', script];
		// The test itself has to answer meanwhile, if it is asked.
		const { stdout } = spawnSync('setpriv', args, { encoding: 'utf8' });
		expect(stdout).toMatch(/^permission denied\. Ask as root, /);
	});

	test('it goes at the end, and what a crash left is replaced', async () => {
		await serve();
		open.pop()?.close();
		expect(existsSync(socketPath())).toBe(false);
		// A process that is killed leaves its socket behind.
		const listen = `require('net').createServer().listen(${JSON.stringify(socketPath())}, () => process.kill(process.pid, 'SIGKILL'))`;
		spawnSync(process.execPath, ['-e', listen]);
		expect(lstatSync(socketPath()).isSocket()).toBe(true);
		expect(await askAboutDaemon(baseDir)).toEqual({ silence: 'it does not run' });
		await serve();
		expect(await askAboutDaemon(baseDir)).toEqual({ answer: daemon });
	});

	test('a file of that name that is not ours is left alone', async () => {
		writeFileSync(socketPath(), 'mine');
		await expect(serve()).rejects.toThrow(
			`cannot listen on ${socketPath()}: there is something else of that name: move it away`,
		);
		expect(readFileSync(socketPath(), 'utf8')).toBe('mine');
	});

	test('a base directory whose path is longer than a socket may have', async () => {
		const long = join(baseDir, 'x'.repeat(200), 'é'.repeat(100));
		mkdirSync(join(long, 'orders'), { recursive: true });
		await serve(undefined, undefined, long);
		expect(lstatSync(join(long, 'pingmachine.sock')).isSocket()).toBe(true);
		expect(await askAboutDaemon(long)).toEqual({ answer: daemon });
		open.pop()?.close();
		expect(existsSync(join(long, 'pingmachine.sock'))).toBe(false);
		expect(await askAboutDaemon(long)).toEqual({ silence: 'it does not run' });
	});
});

describe('clients that mean no good', () => {
	test('other methods, bodies, other paths and no HTTP at all are refused', async () => {
		await serve();
		expect(await exchange('POST /v1/daemon HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 405 /);
		const body = `GET /v1/daemon HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n${'x'.repeat(100_000)}`;
		expect(await exchange(body)).toMatch(/^(HTTP\/1.1 413 |$)/);
		expect(await exchange('GET /v1/orders/%zz HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 404 /);
		expect(await exchange('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 404 .*\/v1\/daemon/s);
		expect(await exchange('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
		expect(await exchange(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^(HTTP\/1.1 431 |$)/);
		expect(await askAboutDaemon(baseDir)).toEqual({ answer: daemon });
	});

	test('a thousand questions sent ahead get one answer', async () => {
		let asked = 0;
		await serve({
			...cannedQuestions(daemon, {}),
			daemon: () => {
				asked++;
				return daemon;
			},
		});
		await exchange('GET /v1/daemon HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
		expect(asked).toBe(1);
	});

	test('more connections than there may be at a time are closed, and the next one is answered', async () => {
		await serve();
		const idle = Array.from({ length: 4 }, () => client());
		await Promise.all(idle.map((socket) => new Promise((resolve) => socket.on('connect', resolve))));
		await ended(client());
		expect(await askAboutDaemon(baseDir)).toHaveProperty('silence');
		for (const socket of idle) socket.destroy();
		await expect.poll(() => askAboutDaemon(baseDir), { timeout: 60_000 }).toEqual({ answer: daemon });
	});

	test('one that says nothing, or never gets on with it, is dropped', async () => {
		await serve(undefined, { connections: 4, connectionMs: 20_000, idleMs: 300 });
		await Promise.all([ended(client()), ended(client('GET /v1/daemon HT'))]);
	});

	test('one that always gets on with it a little is dropped too', async () => {
		await serve(undefined, { connections: 4, connectionMs: 500, idleMs: 20_000 });
		const socket = client('GET /v1/daemon HTTP/1.1\r\n');
		const drip = setInterval(() => socket.write('X: y\r\n'), 50);
		await ended(socket);
		clearInterval(drip);
	});

	test('for one that does not read, no more is made than it has taken', async () => {
		let made = 0;
		function* endless(): Generator<string> {
			for (;;) {
				made++;
				yield 'x'.repeat(10_000);
			}
		}
		await serve(cannedQuestions(daemon, {}, endless), {
			connections: 4,
			connectionMs: 3000,
			idleMs: 20_000,
		});
		const socket = client('GET /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n');
		socket.pause();
		let before = -1;
		while (made !== before) {
			before = made;
			await sleep(200);
		}
		expect(made).toBeGreaterThan(0);
		expect(made).toBeLessThan(500);
		expect(await askAboutDaemon(baseDir)).toEqual({ answer: daemon });
		socket.resume();
		await ended(socket);
	});
});
