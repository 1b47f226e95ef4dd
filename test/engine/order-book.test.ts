import { describe, expect, test } from 'vitest';
import { allAnswer } from '../support/scripted-probe.ts';
import {
	asked,
	batches,
	book,
	clock,
	files,
	log,
	probe,
	reads,
	remove,
	scheduler,
	start,
	targets,
	useOrderBook,
	write,
} from './support/order-book-rig.ts';

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

useOrderBook();

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

	test('comes soon to one whose file is given an older time, and to one that says that it lives for less', async () => {
		book.start();
		for (const id of ['a', 'b']) write(id, 'host x');
		await clock.pass(10_000);
		write('a', 'host x', 7208);
		await clock.pass(10_000);
		expect(asked.slice(2)).toEqual(['gone a expired', 'expire a orders/a 3660000']);
		write('d', 'host y 10 brief');
		write('b', 'host x 10 brief');
		await clock.pass(20_000);
		expect(asked.slice(-4).sort()).toEqual([
			...['expire b orders/b 10000', 'expire d orders/d 10000'],
			...['gone b expired', 'gone d expired'],
		]);
	});

	test('takes a new maximum age', async () => {
		book.start();
		write('a', 'host x');
		book.maxAgeMs = 60_000;
		await clock.pass(70_000);
		expect(asked.at(-1)).toBe('expire a orders/a 60000');
	});
});
