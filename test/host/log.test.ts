import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog, type ProcessLog } from '../../src/host/log.ts';
import { type LogFormat, type LogLevel, logLevels } from '../../src/model/log.ts';

interface Setup {
	readonly level?: LogLevel;
	readonly format?: LogFormat;
	readonly isTTY?: boolean;
	readonly environment?: NodeJS.ProcessEnv;
}

/** Everything that is written while `use` runs, and until the log is closed. */
async function written(setup: Setup, use: (log: ProcessLog) => void): Promise<string> {
	const stream = Object.assign(new PassThrough(), { isTTY: setup.isTTY ?? false });
	const log = createLog({
		level: setup.level ?? 'info',
		format: setup.format ?? 'text',
		stream,
		environment: setup.environment ?? {},
	});
	use(log);
	await log.close();
	return String(stream.read() ?? '');
}

function sayAll(log: ProcessLog): void {
	for (const level of logLevels) log[level](`an ${level}`);
}

const isoTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/;

const esc = '\x1b';

test('text for a file has the time in UTC and the level', async () => {
	const lines = (await written({ level: 'debug' }, sayAll)).split('\n');
	expect(lines.map((line) => line.replace(isoTime, 'TIME'))).toEqual([
		'TIME error: an error',
		'TIME warn: an warn',
		'TIME info: an info',
		'TIME debug: an debug',
		'',
	]);
});

test('text for a terminal has the time of day and a coloured level', async () => {
	const text = await written({ level: 'debug', isTTY: true }, sayAll);
	expect(text.replaceAll(/^\d\d:\d\d:\d\d/gm, 'TIME')).toBe(
		`TIME ${esc}[31merror${esc}[0m an error\n` +
			`TIME ${esc}[33mwarn ${esc}[0m an warn\n` +
			`TIME ${esc}[32minfo ${esc}[0m an info\n` +
			`TIME ${esc}[90mdebug${esc}[0m an debug\n`,
	);
});

test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])(
	'no colours where they are not wanted: %o',
	async (environment) => {
		const text = await written({ isTTY: true, environment }, (log) => log.warn('careful'));
		expect(text).toMatch(/^\d\d:\d\d:\d\d warn {2}careful\n$/);
	},
);

test('an empty NO_COLOR means nothing', async () => {
	const text = await written({ isTTY: true, environment: { NO_COLOR: '' } }, (log) => log.warn('careful'));
	expect(text).toContain(esc);
});

test('the journal gets priorities and no time', async () => {
	const text = await written({ format: 'journal', level: 'debug', isTTY: true }, sayAll);
	expect(text).toBe('<3>an error\n<4>an warn\n<6>an info\n<7>an debug\n');
});

test('json is one object a line', async () => {
	const lines = (await written({ format: 'json', isTTY: true }, sayAll)).trimEnd().split('\n');
	expect(lines.map((line) => JSON.parse(line))).toEqual([
		{ time: expect.stringMatching(isoTime), level: 'error', message: 'an error' },
		{ time: expect.stringMatching(isoTime), level: 'warn', message: 'an warn' },
		{ time: expect.stringMatching(isoTime), level: 'info', message: 'an info' },
	]);
});

test('the level can change', async () => {
	const text = await written({ level: 'warn', format: 'journal' }, (log) => {
		log.info('not yet');
		log.setLevel('info');
		log.info('now');
		log.setLevel('error');
		log.warn('no more');
	});
	expect(text).toBe('<6>now\n');
});

test('a message is one line in every format, whatever is in it', async () => {
	const nasty = 'a\nb\r\x1b[2J\x9b2J\u2028\u202e\x00z %s {"x":1}';
	const shown = 'a\\x0ab\\x0d\\x1b[2J\\x9b2J\\u2028\\u202e\\x00z %s {"x":1}';
	for (const format of ['text', 'journal'] as const) {
		const text = await written({ format }, (log) => log.info(nasty));
		expect(text.replace(/^<6>|^\S+ info: /, '')).toBe(`${shown}\n`);
	}
	const json = await written({ format: 'json' }, (log) => log.info(nasty));
	expect(json).toMatch(/^[^\p{Cc}\u2028\u202e]+\n$/u);
	expect(JSON.parse(json).message).toBe(nasty);
});

test('any message is one line', async () => {
	const formats = fc.constantFrom<LogFormat>('text', 'journal', 'json');
	await fc.assert(
		fc.asyncProperty(formats, fc.boolean(), fc.string({ unit: 'binary' }), async (format, isTTY, message) => {
			const environment = { NO_COLOR: '1' };
			const text = await written({ format, isTTY, environment }, (log) => log.info(message));
			expect(text).toMatch(/^[^\p{Cc}]+\n$/u);
		}),
	);
});

test('many messages at once all arrive, in order, before close resolves', async () => {
	const stream = slowStream();
	const log = createLog({ level: 'info', format: 'journal', stream, environment: {} });
	const expected = Array.from({ length: 500 }, (_, i) => `<6>message ${i}\n`);
	for (let i = 0; i < 500; i++) log.info(`message ${i}`);
	await log.close();
	expect(stream.chunks.join('')).toBe(expected.join(''));
});

/** Takes its time for every chunk. */
function slowStream(): Writable & { chunks: string[] } {
	const chunks: string[] = [];
	const stream = new Writable({
		write(chunk, _encoding, done) {
			setImmediate(() => {
				chunks.push(String(chunk));
				done();
			});
		},
	});
	return Object.assign(stream, { chunks });
}

test('after close nothing is written, and the stream stays open', async () => {
	const stream = new PassThrough();
	const log = createLog({ level: 'info', format: 'journal', stream, environment: {} });
	log.info('before');
	await log.close();
	await log.close();
	log.error('after');
	stream.write('others go on\n');
	expect(String(stream.read())).toBe('<6>before\nothers go on\n');
});

test('nobody reading is no reason to end', async () => {
	const child = spawn('sh', ['-c', 'exec <&-; echo closed; exec sleep 60'], {
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	try {
		await once(child.stdout, 'data');
		const log = createLog({ level: 'info', format: 'text', stream: child.stdin, environment: {} });
		const failed = new Promise((resolve) => child.stdin.once('close', resolve));
		log.info('is anybody there?');
		await failed;
		log.info('is nobody there?');
		await log.close();
		expect(child.stdin.errored).toMatchObject({ code: 'EPIPE' });
	} finally {
		child.kill('SIGKILL');
	}
});

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What is written to a real file when the environment calls it the journal, or does not. */
async function writtenToFile(
	format: LogFormat,
	journal: (fd: number) => string | undefined,
): Promise<string> {
	const path = join(folder, 'log');
	const fd = openSync(path, 'w');
	const stream = Object.assign(
		new Writable({
			write(chunk, _encoding, done) {
				writeSync(fd, chunk);
				done();
			},
		}),
		{ fd },
	);
	const log = createLog({
		level: 'info',
		format,
		stream,
		environment: { JOURNAL_STREAM: journal(fd), INVOCATION_ID: 'x' },
	});
	log.info('hello');
	await log.close();
	closeSync(fd);
	return readFileSync(path, 'utf8');
}

function deviceAndInode(fd: number): string {
	const { dev, ino } = fstatSync(fd, { bigint: true });
	return `${dev}:${ino}`;
}

test('auto: the journal gets priorities', async () => {
	expect(await writtenToFile('auto', deviceAndInode)).toBe('<6>hello\n');
});

test.each([undefined, '', '8:12345678901', 'nonsense'])(
	'auto: JOURNAL_STREAM=%s is not where we write',
	async (journal) => {
		expect(await writtenToFile('auto', () => journal)).toMatch(/^\S+Z info: hello\n$/);
	},
);

test('text: no priorities, not even in the journal', async () => {
	expect(await writtenToFile('text', deviceAndInode)).toMatch(/^\S+Z info: hello\n$/);
});
