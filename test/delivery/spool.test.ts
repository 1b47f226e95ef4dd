import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool, type SpoolParts } from '../../src/delivery/spool.ts';
import { lineOf, readLine, type Waiting } from '../../src/delivery/spool-lines.ts';
import { measured } from '../../src/model/outcome.ts';
import { anyOutcome } from '../outcomes/any-outcome.ts';
import { mountSmall, remount, unmountAll } from '../store/support/mount.ts';
import { deliveredOrder, result, stepOf } from './support/results.ts';

let dir: string;
let folder: string;
let problems: string[];
let kinds: Set<string>;
let dropped: string[];
let spool: Spool;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-spool-'));
	folder = join(dir, 'spool/sink');
	spool = open();
});

afterEach(() => {
	unmountAll();
	rmSync(dir, { recursive: true, force: true });
});

/** As after the end, however sudden, of the daemon: nothing is known but what is on disk. */
function open(changes: Partial<SpoolParts> = {}): Spool {
	problems = [];
	kinds = new Set();
	dropped = [];
	const opened = new Spool({
		folder,
		maxBytes: 10_000_000,
		maxAgeMs: 3600_000,
		dropped: (reason, count) => dropped.push(`${reason}: ${count}`),
		problem: (kind, message) => {
			problems.push(message);
			kinds.add(kind);
		},
		...changes,
	});
	opened.start();
	return opened;
}

/** Results of consecutive slots that have been waiting since consecutive milliseconds. */
function waiting(count: number, first = 0): Waiting[] {
	return Array.from({ length: count }, (_, index) => ({
		delivered: result('a', first + index),
		sinceMs: 1_000_000 + first + index,
	}));
}

const steps = (some: readonly Waiting[]) => some.map(({ delivered }) => stepOf(delivered));
const range = (first: number, end: number) =>
	Array.from({ length: end - first }, (_, index) => first + index);

/** Sends all there is, in batches of that size. */
function drain(from: Spool, batch = 7): number[] {
	const sent: number[] = [];
	for (let some = from.oldest(batch); some.length > 0; some = from.oldest(batch)) {
		sent.push(...steps(some));
		from.remove(some.length);
	}
	return sent;
}

const files = () => (existsSync(folder) ? readdirSync(folder).sort() : []);

describe('what is written', () => {
	it('is read back as it was, whatever the order and the results are', () => {
		fc.assert(
			fc.property(anyOutcome, fc.nat({ max: 2e12 }), (delivered, sinceMs) => {
				const line = lineOf({ delivered, sinceMs });
				expect(line.indexOf('\n')).toBe(line.length - 1);
				expect(readLine(line.slice(0, -1))).toStrictEqual({ delivered, sinceMs });
			}),
		);
	});

	it('is read as well from lines of the version before, which knew measurements alone', () => {
		const order = {
			id: 'a/b',
			user: 'me',
			task: 'why',
			stepSeconds: 10,
			pings: 3,
			probe: 'fping',
			measurementName: 'm',
		};
		const json = JSON.stringify({
			since: 1_795_240_012_345,
			order: { ...order, tags: { site: 'x' }, target: '192.0.2.1' },
			slot: [1_795_240_000, 10],
			pings: 3,
			samples: [
				[1_795_240_000.5, 0.0012],
				[1_795_240_003.5, null],
			],
		});
		const crc = crc32(json).toString(16).padStart(8, '0');
		const identity = { id: 'a/b', user: 'me', task: 'why', probe: 'fping', measurementName: 'm' };
		const slot = { startSeconds: 1_795_240_000, stepSeconds: 10 };
		const samples = [
			{ sentAtSeconds: 1_795_240_000.5, rttSeconds: 0.0012 },
			{ sentAtSeconds: 1_795_240_003.5, rttSeconds: null },
		];
		expect(readLine(`${crc} ${json}`)).toStrictEqual({
			delivered: measured({ ...identity, tags: { site: 'x' }, target: '192.0.2.1' }, slot, 3, samples),
			sinceMs: 1_795_240_012_345,
		});
	});

	it('comes back in its order, over any restarts and whatever is sent in between', () => {
		const action = fc.oneof(
			fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
			fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 30 }) }),
			fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }),
			fc.record({ do: fc.constant('crash' as const), count: fc.constant(0) }),
		);
		fc.assert(
			fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
				rmSync(folder, { recursive: true, force: true });
				spool = open({ maxBytes: 64_000 });
				let [sent, written] = [0, 0];
				for (const { do: what, count } of actions) {
					if (what === 'append') {
						expect(spool.append(waiting(count, written))).toBe(count);
						written += count;
					} else if (what === 'send') {
						const some = spool.oldest(count);
						expect(steps(some)).toEqual(range(sent, sent + some.length));
						spool.remove(some.length);
						sent += some.length;
					} else {
						if (what === 'restart') spool.close();
						spool = open({ maxBytes: 64_000 });
					}
					expect(spool.count).toBe(written - sent);
				}
				expect(drain(spool)).toEqual(range(sent, written));
				spool.close();
				expect(problems).toEqual([]);
				expect(existsSync(folder)).toBe(false);
			}),
			{ numRuns: 60 },
		);
	});
});

describe('bounds', () => {
	it('drops the oldest when the size is reached, and counts them', () => {
		spool = open({ maxBytes: 40_000 });
		for (let first = 0; first < 1000; first += 10) spool.append(waiting(10, first));
		expect(spool.bytes).toBeLessThanOrEqual(40_000);
		const onDisk = files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
		expect(spool.bytes).toBe(onDisk);
		const lost = dropped.reduce((sum, text) => sum + Number(/^spoolFull: (\d+)$/.exec(text)?.[1]), 0);
		expect(lost).toBeGreaterThan(500);
		expect(drain(spool)).toEqual(range(lost, 1000));
	});

	it('drops what has waited too long, and no more', () => {
		spool = open({ maxAgeMs: 8000 });
		for (let first = 0; first < 20_000; first += 500) spool.append(waiting(500, first));
		spool.expire(1_000_000 + 19_999);
		const left = drain(spool);
		expect(left.at(-1)).toBe(19_999);
		expect(left[0]).toBeLessThanOrEqual(11_999);
		expect(left[0]).toBeGreaterThan(10_000);
		expect(dropped.every((text) => text.startsWith('tooOld: '))).toBe(true);
	});

	it('counts what is sent of a file that is dropped while it is being sent', () => {
		spool = open({ maxBytes: 20_000 });
		spool.append(waiting(10));
		spool.remove(4);
		spool.append(waiting(200, 10));
		expect(dropped.join()).toContain('spoolFull');
		expect(spool.count + dropped.reduce((sum, text) => sum + Number(text.split(': ')[1]), 0)).toBe(206);
	});
});

describe('files that cannot be read', () => {
	const [first, second] = ['000000000001.jsonl', '000000000002.jsonl'];

	beforeEach(() => {
		spool.append(waiting(5));
		spool.close();
		spool = open();
		spool.append(waiting(5, 5));
		spool.close();
		expect(files()).toEqual([first, second]);
	});

	it('are set aside with another beginning, and the others are sent', () => {
		writeFileSync(join(folder, first), 'rubbish');
		spool = open();
		expect(drain(spool)).toEqual(range(5, 10));
		expect(problems).toEqual([
			`${folder}/${first} cannot be read, and is kept as ${folder}/${first}.poisoned: it does not begin as a file of the spool does`,
		]);
		expect(readFileSync(join(folder, `${first}.poisoned`), 'utf8')).toBe('rubbish');
		expect(spool.bytes).toBe(7);
		spool = open();
		expect(spool.bytes).toBe(7);
		expect(problems).toEqual([]);
	});

	it('are sent but for the damaged lines, and kept', () => {
		const text = readFileSync(join(folder, first), 'utf8');
		const lines = text.split('\n');
		// The third line after the header.
		lines[3] = lines[3]?.replace('"user":"me"', '"user":"he"') ?? '';
		writeFileSync(join(folder, first), lines.join('\n'));
		spool = open();
		expect(drain(spool)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
		expect(dropped).toEqual(['damaged: 1']);
		expect(problems[0]).toMatch(
			/000000000001\.jsonl has 1 damaged lines: the others are sent, and it is kept/,
		);
		expect(files()).toEqual([`${first}.poisoned`]);
	});

	it('are whole but for a last line that a crash has cut off', () => {
		const text = readFileSync(join(folder, second), 'utf8');
		writeFileSync(join(folder, second), text.slice(0, -20));
		spool = open();
		expect(spool.count).toBe(9);
		expect(drain(spool)).toEqual(range(0, 9));
		expect(dropped).toEqual(['damaged: 1']);
		expect(problems).toEqual([]);
		expect(files()).toEqual([]);
	});

	it('do not hang it, be they pipes or folders', () => {
		rmSync(join(folder, first));
		execFileSync('mkfifo', [join(folder, first)]);
		mkdirSync(join(folder, '000000000003.jsonl'));
		spool = open();
		expect(drain(spool)).toEqual(range(5, 10));
		expect(problems).toHaveLength(2);
		expect(files()).toEqual([`${first}.poisoned`, '000000000003.jsonl.poisoned']);
	});

	it('may become so while it runs', () => {
		spool = open();
		appendFileSync(join(folder, second), 'x\ny\n');
		writeFileSync(join(folder, first), Buffer.alloc(3000, 255));
		expect(drain(spool)).toEqual(range(5, 10));
		expect(dropped).toEqual(['damaged: 5', 'damaged: 2']);
		expect(problems).toHaveLength(2);
	});

	it('do not take what follows with them when what was in them has been sent', () => {
		rmSync(folder, { recursive: true });
		spool = open({ maxBytes: 300_000 });
		spool.append(waiting(300));
		spool.append(waiting(300, 300));
		writeFileSync(join(folder, first), 'rubbish');
		spool.remove(300);
		expect(dropped).toEqual(['damaged: 300']);
		expect(drain(spool)).toEqual(range(300, 600));
	});

	it('are nothing when a crash came before the first line', () => {
		writeFileSync(join(folder, '000000000003.jsonl'), '');
		spool = open();
		expect(problems).toEqual([]);
		expect(drain(spool)).toEqual(range(0, 10));
		expect(files()).toEqual([]);
	});

	it('are left alone when they are not its own', () => {
		writeFileSync(join(folder, 'notes.txt'), 'mine');
		spool = open();
		drain(spool);
		spool.close();
		expect(files()).toEqual(['notes.txt']);
	});
});

describe('trouble with the disk', () => {
	it('a full disk leaves the rest to the memory, is told once, and is over when there is space', () => {
		mountSmall(folder, 128);
		spool = open();
		const written = spool.append(waiting(5000));
		expect(written).toBeGreaterThan(0);
		expect(written).toBeLessThan(1000);
		expect(spool.append(waiting(5000 - written, written))).toBe(0);
		expect(dropped).toEqual([]);
		expect(problems).toEqual([
			expect.stringMatching(
				/^cannot write to .*: no space left: free some space or inodes \(ENOSPC\)\. It is tried/,
			),
		]);
		expect(drain(spool)).toEqual(range(0, written));
		expect(spool.append(waiting(20, written))).toBe(20);
		expect(problems).toHaveLength(2);
		expect(problems[1]).toMatch(/can be written again$/);
		spool = open();
		expect(drain(spool)).toEqual(range(written, written + 20));
		expect(problems).toEqual([]);
	});

	it('a full disk that takes a new file and nothing in it is told once, however long that lasts', () => {
		mountSmall(folder, 64);
		spool = open();
		// The block that is left has room for the first line of a file only.
		writeFileSync(join(folder, 'other'), Buffer.alloc(60 * 1024));
		for (let tick = 0; tick < 20; tick++) {
			expect(spool.append(waiting(100, tick))).toBe(0);
			spool.expire(1_000_000 + 10 * 3600_000);
		}
		expect(files()).toEqual(['000000000001.jsonl', 'other']);
		expect(spool.oldest(10)).toEqual([]);
		expect(files()).toEqual(['other']);
		expect(problems).toEqual([expect.stringMatching(/^cannot write to .*no space left/)]);
		expect(dropped).toEqual([]);
	});

	it('is of few kinds, so that telling it can be limited, whatever the files are called', () => {
		mountSmall(folder, 256);
		spool = open({ maxBytes: 20_000 });
		spool.append(waiting(20));
		spool.close();
		remount(folder, 'ro');
		for (let runs = 0; runs < 3; runs++) {
			spool = open({ maxBytes: 20_000 });
			drain(spool, 2);
		}
		expect(problems.length).toBeGreaterThan(5);
		expect(kinds).toEqual(new Set(['cannot mark', 'cannot remove']));
	});

	it('a disk that becomes read-only sends what it has, and says that it may do so again', () => {
		mountSmall(folder, 256);
		spool = open();
		spool.append(waiting(10));
		spool.close();
		remount(folder, 'ro');
		spool = open();
		expect(spool.append(waiting(1, 10))).toBe(0);
		expect(drain(spool, 5)).toEqual(range(0, 10));
		expect(problems.join('\n')).toMatch(/it may be sent twice: the file system is read-only/);
		expect(problems.join('\n')).toMatch(/cannot remove/);
	});

	it('a folder that is removed is made again, with what was being written', () => {
		spool.append(waiting(10));
		rmSync(join(dir, 'spool'), { recursive: true });
		expect(spool.append(waiting(10, 10))).toBe(10);
		expect(problems).toEqual([]);
		spool = open();
		expect(drain(spool)).toEqual(range(0, 20));
	});

	it('a file where its folder should be is told', () => {
		mkdirSync(join(dir, 'spool'));
		writeFileSync(folder, '');
		spool = open();
		expect(spool.append(waiting(3))).toBe(0);
		expect(problems.join()).toMatch(/a file has the name of a folder that is needed/);
	});
});

it('can be read by its owner and group only: tags may be private', () => {
	spool.append([{ delivered: { ...result('a'), order: deliveredOrder('a') }, sinceMs: 1 }]);
	chmodSync(dir, 0o755);
	expect(statSync(folder).mode & 0o007).toBe(0);
	expect(statSync(join(folder, files()[0] ?? '')).mode & 0o007).toBe(0);
});
