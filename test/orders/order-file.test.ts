import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOrderFile } from '../../src/orders/order-file.ts';
import { orderMaxBytes } from '../../src/reading/order.ts';
import { asNobody } from '../support/as-nobody.ts';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-order-file-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function written(content: string | Uint8Array): string {
	const path = join(folder, 'order');
	writeFileSync(path, content);
	return path;
}

describe('a regular file', () => {
	it('gives its text and mtime', () => {
		const path = written('user: Jürg 😀\n');
		utimesSync(path, 1_700_000_000, 1_700_000_000.5);
		expect(readOrderFile(path)).toEqual({
			text: 'user: Jürg 😀\n',
			mtimeMs: 1_700_000_000_500,
			uid: process.getuid?.(),
		});
	});

	it('may be empty, or reached by a link', () => {
		written('');
		symlinkSync('order', join(folder, 'link'));
		linkSync(join(folder, 'order'), join(folder, 'hard'));
		for (const name of ['order', 'link', 'hard']) {
			expect(readOrderFile(join(folder, name))).toMatchObject({ text: '' });
		}
	});

	it('may be as large as the limit, and no larger', () => {
		expect(readOrderFile(written('x'.repeat(orderMaxBytes)))).toMatchObject({
			text: 'x'.repeat(orderMaxBytes),
		});
		const problem = 'the file is larger than 65536 bytes and was not read; write one order to each file';
		expect(readOrderFile(written('x'.repeat(orderMaxBytes + 1)))).toEqual({ problem, isPassing: false });
	});

	it('gives no rest of the one read before', () => {
		readOrderFile(written('x'.repeat(1000)));
		expect(readOrderFile(written('y'))).toMatchObject({ text: 'y' });
	});

	it('is read to its end where the system does not know its size', () => {
		const read = readOrderFile('/proc/self/status');
		expect(read).toMatchObject({ text: expect.stringContaining('Name:') });
	});

	it('is refused when it is larger than the limit but the system does not know its size', () => {
		const child = spawn('sleep', ['60'], { env: { ...process.env, LARGE: 'x'.repeat(100_000) } });
		const read = readOrderFile(`/proc/${child.pid}/environ`);
		child.kill();
		expect(read).toMatchObject({ problem: expect.stringContaining('larger than 65536 bytes') });
	});

	it('loses its byte order mark, and only that', () => {
		expect(readOrderFile(written('\uFEFFuser: me'))).toMatchObject({ text: 'user: me' });
		expect(readOrderFile(written('\uFEFF\uFEFF'))).toMatchObject({ text: '\uFEFF' });
	});

	it('may hold any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
				const bytes = Buffer.from(text);
				const expected = bytes.toString().replace(/^\uFEFF/, '');
				expect(readOrderFile(written(bytes))).toMatchObject({ text: expected });
			}),
		);
	});

	it('may hold any bytes: text or a problem, never an exception', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
				const read = readOrderFile(written(bytes));
				expect('text' in read || 'problem' in read).toBe(true);
			}),
		);
	});

	it.each([
		['user: \xff\n', 1],
		['a: 1\nb: caf\xe9\nc: 3\n', 2],
		['a: 1\n\n\nb: \xc3', 4],
		['a: 1\nb: \xed\xa0\x80\n', 2],
	])('that is not UTF-8 is refused with the line: %j', (latin1, line) => {
		const problem = `line ${line} is not valid UTF-8; save the file as UTF-8`;
		expect(readOrderFile(written(Buffer.from(latin1, 'latin1')))).toEqual({ problem, isPassing: false });
	});

	it.each(['\xff\xfe', '\xfe\xff'])('that is UTF-16 is refused as such', (mark) => {
		const bytes = Buffer.concat([Buffer.from(mark, 'latin1'), Buffer.from('user: me', 'utf16le')]);
		expect(readOrderFile(written(bytes))).toMatchObject({ problem: 'the file is UTF-16; save it as UTF-8' });
	});
});

describe('anything else', () => {
	it('is refused without being opened', async () => {
		execFileSync('mkfifo', [join(folder, 'fifo')]);
		mkdirSync(join(folder, 'directory'));
		symlinkSync('/dev/zero', join(folder, 'device'));
		const server = createServer().listen(join(folder, 'socket'));
		await new Promise((resolve) => server.once('listening', resolve));
		const problems = ['fifo', 'directory', 'device', 'socket'].map((name) =>
			readOrderFile(join(folder, name)),
		);
		server.close();
		expect(problems).toMatchObject(
			['a FIFO', 'a directory', 'a device', 'a socket'].map((kind) => ({
				problem: `the file is ${kind} and was not read; write the order to a regular file`,
			})),
		);
	});

	it('that is gone, or a link to nowhere, is told apart', () => {
		symlinkSync('nowhere', join(folder, 'dangling'));
		expect(readOrderFile(join(folder, 'absent'))).toEqual({ gone: true });
		expect(readOrderFile(join(folder, 'dangling'))).toEqual({ gone: true });
		expect(readOrderFile(join(written(''), 'below'))).toEqual({ gone: true });
	});

	it('that is a circle of links is refused', () => {
		const path = join(folder, 'self');
		symlinkSync('self', path);
		const problem = `cannot read ${path}: its links lead in a circle; mend or remove them`;
		expect(readOrderFile(path)).toEqual({ problem, isPassing: false });
	});

	it('that must not be read is named, with the remedy', () => {
		chmodSync(folder, 0o755);
		const path = written('user: me\n');
		chmodSync(path, 0);
		mkdirSync(join(folder, 'private'));
		chmodSync(join(folder, 'private'), 0);
		for (const denied of [path, join(folder, 'private/order')]) {
			expect(asNobody(() => readOrderFile(denied))).toMatchObject({
				problem:
					`cannot read ${denied}: permission denied; ` +
					'make it, and the folders it is in, readable for the user pingmachine runs as',
			});
		}
	});

	it('that the system refuses to read says why', () => {
		const path = join(folder, 'x'.repeat(300));
		expect(readOrderFile(path)).toMatchObject({
			problem: expect.stringMatching(/^cannot read .*ENAMETOOLONG/),
		});
	});
});

it('tells a shortage of the machine from a fault of the file', async () => {
	const path = written('user: me\n');
	const { pid } = process;
	const limit = execFileSync('prlimit', ['--pid', `${pid}`, '--nofile', '--output', 'SOFT', '--noheadings']);
	// Started beforehand, because no process can be started without files to open.
	const restore = spawn('sh', ['-c', `read _; exec prlimit --pid ${pid} --nofile=${`${limit}`.trim()}:`]);
	execFileSync('prlimit', ['--pid', `${pid}`, '--nofile=3:']);
	const read = readOrderFile(path);
	restore.stdin.end('\n');
	await once(restore, 'exit');
	expect(read).toEqual({ problem: expect.stringMatching(/^cannot read .*EMFILE/), isPassing: true });
	expect(readOrderFile(path)).toMatchObject({ text: 'user: me\n' });
});

it('leaves no file open', () => {
	const paths = [written(Buffer.from([0xff])), folder, '/proc/self/status'];
	for (const path of paths) readOrderFile(path);
	const open = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
	expect(open.filter((path) => path.startsWith(folder) || path.endsWith('/status'))).toEqual([]);
});

function linkOf(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		// The descriptor that the listing itself used.
		return '';
	}
}
