import { describe, expect, test } from 'vitest';
import {
	asked,
	book,
	clock,
	files,
	log,
	remove,
	start,
	targets,
	useOrderBook,
	write,
} from './support/order-book-rig.ts';

useOrderBook();

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
