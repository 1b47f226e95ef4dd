import { beforeEach, describe, expect, test } from 'vitest';
import { Batches } from '../../src/engine/batches.ts';
import { OrderBook } from '../../src/engine/order-book.ts';
import { Scheduler } from '../../src/engine/scheduler.ts';
import { batchKey } from '../../src/model/batch.ts';
import type { Order } from '../../src/model/order.ts';
import { identityOf } from '../../src/model/outcome.ts';
import type { OrderFile } from '../../src/orders/order-file.ts';
import { OutcomeStream } from '../../src/outcomes/stream.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';
import { probeTools } from '../support/probe-tools.ts';
import { allAnswer, ScriptedProbe } from '../support/scripted-probe.ts';

const start = 1_795_240_000_000;
const maxAgeMs = 3_660_000;
let clock: FakeClock;
let log: FakeLog;
let probe: ScriptedProbe;
let batches: Batches;
let scheduler: Scheduler;
let book: OrderBook;
let files: Map<string, OrderFile>;
let asked: string[];
let reads: number;

beforeEach(() => {
	clock = new FakeClock(start);
	log = new FakeLog();
	probe = new ScriptedProbe();
	batches = new Batches(new Map([[probe.name, probe]]), clock);
	files = new Map();
	asked = [];
	reads = 0;
	scheduler = new Scheduler({
		...{ batches, clock, log },
		toolsFor: () => probeTools({}),
		identityOf,
		tell: () => {},
		early: new OutcomeStream(() => {}),
		released: (live) => book.released(live),
	});
	book = new OrderBook(
		{
			batches,
			clock,
			log,
			stream: {
				changed: (order) => asked.push(`changed ${order.id} ${order.target} ${order.stepSeconds}`),
				gone: (id, why) => asked.push(`gone ${id} ${why}`),
			},
			store: {
				reject: (id, message) => asked.push(`reject ${id}: ${message}`),
				clear: (id) => asked.push(`clear ${id}`),
				archive: (id) => asked.push(`archive ${id}`),
				expire: (id, path, ageMs) => asked.push(`expire ${id} ${path} ${ageMs}`),
			},
			readText: (path) => files.get(path) ?? { gone: true },
			readOrder: (id, text) => {
				reads++;
				return text.startsWith('host')
					? { order: order(id, text) }
					: { findings: [{ message: `bad: ${text}` }] };
			},
			describe: (findings) => findings.map((finding) => finding.message).join('; '),
			wake: () => scheduler.wake(),
		},
		maxAgeMs,
	);
});

/** `host NAME [STEP] [once]` */
function order(id: string, text: string): Order {
	const [, target = '', step = '10', once] = text.split(' ');
	const timing = { stepSeconds: Number(step), pings: 5 };
	return {
		id,
		user: 'test',
		probe: 'scripted',
		...timing,
		options: { host: target },
		target,
		...(once === 'once' ? { once: true } : {}),
		rrdTemplate: 'smokeping',
		tags: {},
		batchKey: batchKey('scripted', timing, { host: target }, 'host'),
	};
}

/** An application writes a file, `ageSeconds` ago. */
function write(id: string, text: string, ageSeconds = 0): void {
	const mtimeMs = clock.wallMs() - ageSeconds * 1000;
	files.set(`orders/${id}`, { text, mtimeMs, uid: 0 });
	book.fileChanged({ id, path: `orders/${id}`, mtimeMs });
}

function remove(id: string): void {
	files.delete(`orders/${id}`);
	book.fileRemoved(id);
}

/** Has a job measure an order until the function that comes back is called. */
async function measureUntilTold(id: string): Promise<() => Promise<void>> {
	let answer = () => {};
	const answered = new Promise<void>((resolve) => {
		answer = resolve;
	});
	probe.script = async (job) => {
		await answered;
		return allAnswer(job);
	};
	book.enrolled(id, null);
	scheduler.start();
	await clock.pass(500);
	expect(scheduler.jobsRunning).toBe(1);
	return async () => {
		answer();
		await clock.pass(0);
	};
}

const newcomers = () => [...batches.newcomers.byBatch().values()].flat();
const targets = () => [...batches].flatMap((batch) => [...batch.byTarget.keys()]);

describe('an order', () => {
	test('is enrolled once, and is a newcomer as soon as the store has made room for it', () => {
		write('a/b', 'host x');
		expect(log.lines).toEqual(['info: new order: a/b (user: test, scripted: x)']);
		expect(asked).toEqual(['changed a/b x 10']);
		expect(batches.newcomers.size).toBe(0);
		book.enrolled('a/b', 1_795_239_990);
		expect(newcomers().map((live) => live.lastSlotSeconds)).toEqual([1_795_239_990]);
		expect(book.live).toBe(1);
	});

	test('that is touched or written anew with the same text is refreshed, without being judged again', () => {
		write('a', 'host x');
		write('a', 'host x');
		expect(reads).toBe(1);
		expect(asked).toHaveLength(1);
	});

	test('that is to be measured once is archived when its job is over, as old as its file is', async () => {
		write('a', 'host x 10 once', 5);
		const answer = await measureUntilTold('a');
		expect(asked).toEqual(['changed a x 10']);
		await answer();
		expect(asked.slice(1)).toEqual(['gone a expired', 'expire a orders/a 5499']);
		expect(log.lines.at(-1)).toBe('info: archiving measured order: a (once)');
		expect(book.find('a')?.state).toBe('expiring');
		expect([book.live, batches.size]).toEqual([0, 0]);
		// It was written anew at the last moment: it is measured once more.
		write('a', 'host x 10 once');
		book.expiryOver('a');
		expect(book.live).toBe(1);
	});

	test('that is changed while it is measured once is measured once more', async () => {
		write('a', 'host x 10 once');
		const answer = await measureUntilTold('a');
		write('a', 'host y 10 once');
		await answer();
		expect(asked).toEqual(['changed a x 10', 'clear a', 'changed a y 10']);
		expect(book.live).toBe(1);
	});

	test('that is removed is told to be gone', () => {
		write('a', 'host x');
		remove('a');
		expect(asked.at(-1)).toBe('gone a deleted');
		expect(log.lines.at(-1)).toBe('info: removed order: a (user: test, scripted: x)');
		expect(targets()).toEqual([]);
		expect(book.live).toBe(0);
	});

	test('that is gone before it can be read is not an order', () => {
		book.fileChanged({ id: 'a', path: 'orders/a', mtimeMs: start });
		book.fileRemoved('a');
		expect(asked).toEqual([]);
		expect(log.lines).toEqual([]);
	});
});

describe('a changed order', () => {
	test('takes effect', () => {
		write('a', 'host x');
		write('a', 'host y');
		expect(targets()).toEqual(['y']);
		expect(asked).toContain('changed a y 10');
		expect(log.lines.at(-1)).toBe('info: changed order: a (user: test, scripted: y)');
	});

	test('waits for the end of the job that measures it, and of several changes the last one counts', async () => {
		write('a', 'host x');
		const endJob = await measureUntilTold('a');
		write('a', 'host y');
		write('a', 'host z 60');
		expect(targets()).toEqual(['x']);
		await endJob();
		expect(targets()).toEqual(['z']);
		expect(asked.filter((line) => line.startsWith('changed'))).toEqual(['changed a x 10', 'changed a z 60']);
	});

	test('and changed back meanwhile stays as it is', async () => {
		write('a', 'host x');
		const endJob = await measureUntilTold('a');
		write('a', 'host y');
		write('a', 'host x');
		await endJob();
		expect(targets()).toEqual(['x']);
	});
});

describe('a wrong order', () => {
	test('is rejected once, with the reason, and mended', () => {
		write('a', 'hots x', 10);
		write('a', 'hots x', 5);
		expect(asked).toEqual(['reject a: bad: hots x']);
		expect(log.lines).toEqual(['warn: rejected order: a: bad: hots x']);
		expect(book.rejected).toBe(1);
		write('a', 'host x');
		expect(asked.at(-1)).toBe('changed a x 10');
		expect(book.rejected).toBe(0);
		expect(book.live).toBe(1);
	});

	test('is believed to be half written for a second', async () => {
		write('a', 'ho');
		await clock.pass(900);
		expect(asked).toEqual([]);
		write('a', 'host x');
		await clock.pass(5000);
		expect(asked).toEqual(['changed a x 10']);
		expect(log.lines.join()).not.toContain('rejected');
	});

	test('is believed so, too, when it was changed in the future', async () => {
		write('a', 'ho', -3600);
		await clock.pass(900);
		write('a', 'h', -3600);
		await clock.pass(900);
		expect(asked).toEqual([]);
		write('a', 'host x', -3600);
		await clock.pass(5000);
		expect(asked).toEqual(['changed a x 10']);
		write('a', 'ho', -7200);
		await clock.pass(1100);
		expect(asked).toEqual(['changed a x 10', 'gone a rejected', 'reject a: bad: ho']);
	});

	test('is rejected when nothing more comes', async () => {
		write('a', 'ho');
		await clock.pass(1100);
		expect(asked).toEqual(['reject a: bad: ho']);
	});

	test('that was right before is measured on while it may be half written, and no longer then', async () => {
		write('a', 'host x');
		write('a', '');
		expect(targets()).toEqual(['x']);
		await clock.pass(1100);
		expect(targets()).toEqual([]);
		expect(asked.at(-1)).toBe('reject a: bad: ');
		write('a', 'host x');
		expect(targets()).toEqual(['x']);
	});

	test('never expires: its file stays, however old', async () => {
		book.start();
		write('a', 'hots x', 100_000);
		await clock.pass(10_000_000);
		expect(asked).toEqual(['reject a: bad: hots x']);
	});

	test('whose file is removed leaves nothing behind', () => {
		write('a', 'hots x', 10);
		remove('a');
		expect(asked.at(-1)).toBe('archive a');
		expect(book.rejected).toBe(0);
	});

	test('that cannot be read for reasons of our own is looked at again, without a change to its file', async () => {
		files.set('orders/a', { problem: 'too many open files', isPassing: true });
		book.fileChanged({ id: 'a', path: 'orders/a', mtimeMs: start - 10_000 });
		await clock.pass(5000);
		expect(asked).toEqual(['reject a: too many open files']);
		files.set('orders/a', { text: 'host x', mtimeMs: start - 10_000, uid: 0 });
		await clock.pass(1100);
		expect(book.live).toBe(1);
	});

	test('that was right before is measured on while it cannot be read for reasons of our own', async () => {
		write('a', 'host x');
		files.set('orders/a', { problem: 'too many open files', isPassing: true });
		book.fileChanged({ id: 'a', path: 'orders/a', mtimeMs: start });
		await clock.pass(5000);
		expect(targets()).toEqual(['x']);
		files.set('orders/a', { text: 'host y', mtimeMs: start, uid: 0 });
		await clock.pass(1100);
		expect(targets()).toEqual(['y']);
	});

	test('that cannot be read says why, and is read when it can be', () => {
		files.set('orders/a', { problem: 'orders/a is a FIFO', isPassing: false });
		book.fileChanged({ id: 'a', path: 'orders/a', mtimeMs: start - 10_000 });
		expect(asked).toEqual(['reject a: orders/a is a FIFO']);
		write('a', 'host x');
		expect(book.live).toBe(1);
	});
});

describe('expiry', () => {
	test('archives an order that was not refreshed, and not before', async () => {
		book.start();
		write('a', 'host x');
		await clock.pass(3_600_000);
		write('a', 'host x');
		await clock.pass(3_600_000);
		expect(asked).toHaveLength(1);
		await clock.pass(70_000);
		expect(asked.at(-1)).toBe('expire a orders/a 3660000');
		expect(log.lines.at(-1)).toMatch(/^info: archiving old order: a \(age: 366\ds\)$/);
		expect(book.live).toBe(0);
	});

	test('applies at start-up too', () => {
		write('a', 'host x', 7208);
		expect(log.lines).toEqual(['info: archiving old order: a (age: 7208s)']);
		expect(asked).toEqual(['expire a orders/a 3660000']);
	});

	test('is over when the file is gone, even if the store had called it off just before', () => {
		write('a', 'host x', 7208);
		remove('a');
		book.expiryOver('a');
		expect(asked).toEqual(['expire a orders/a 3660000', 'archive a']);
		expect(book.ids()).toEqual([]);
	});

	test('is asked for again when a file that could not be removed is refreshed', () => {
		write('a', 'host x', 7208);
		write('a', 'host x', 10);
		expect(asked).toEqual(['expire a orders/a 3660000', 'expire a orders/a 3660000']);
	});

	test('an order that is put back while it expires is a new order, even if the watcher saw only a change', () => {
		write('a', 'host x', 7208);
		write('a', 'host x');
		expect(book.live).toBe(0);
		book.expiryOver('a');
		expect(asked.at(-1)).toBe('changed a x 10');
		expect(book.live).toBe(1);
	});

	test('is held when the clock goes ahead: nobody could refresh an order meanwhile', async () => {
		book.start();
		write('a', 'host x');
		await clock.pass(10_000);
		clock.stepWall(8 * 3_600_000);
		await clock.pass(10_000);
		write('b', 'host y', 7208);
		remove('b');
		asked.splice(1);
		await clock.pass(3_590_000);
		expect(asked).toEqual(['changed a x 10']);
		await clock.pass(120_000);
		expect(asked.at(-1)).toBe('expire a orders/a 3660000');
	});

	test('does not come to one that was refreshed a moment ago, before the watcher has told', async () => {
		book.start();
		write('a', 'host x');
		await clock.pass(3_655_000);
		files.set('orders/a', { text: 'host x', mtimeMs: clock.wallMs(), uid: 0 });
		await clock.pass(60_000);
		expect(asked).toEqual(['changed a x 10']);
		await clock.pass(3_660_000);
		expect(asked.at(-1)).toBe('expire a orders/a 3660000');
	});

	test('takes a new maximum age', async () => {
		book.start();
		write('a', 'host x');
		book.maxAgeMs = 60_000;
		await clock.pass(70_000);
		expect(asked.at(-1)).toBe('expire a orders/a 60000');
	});
});
