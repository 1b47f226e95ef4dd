/** telegraf/<order id>: under which names and tags measurements are forwarded. */
import { beforeEach, expect, test } from 'vitest';
import type { Order } from '../../src/model/order.ts';
import type { OrderFile } from '../../src/orders/order-file.ts';
import { TelegrafFiles } from '../../src/orders/telegraf-files.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

const start = 1_795_240_000_000;
let clock: FakeClock;
let log: FakeLog;
let contents: Map<string, OrderFile>;
let files: TelegrafFiles;
let changed: string[];

beforeEach(() => {
	clock = new FakeClock(start);
	log = new FakeLog();
	contents = new Map();
	changed = [];
	files = new TelegrafFiles({
		clock,
		log,
		readText: (path) => contents.get(path) ?? { gone: true },
		changed: (id) => changed.push(id),
	});
});

function order(own: Partial<Order> = {}): Order {
	return {
		id: 'an/order',
		user: 'test',
		stepSeconds: 10,
		pings: 5,
		probe: 'fping',
		options: {},
		target: '127.0.0.1',
		rrdTemplate: 'smokeping',
		batchKey: '',
		tags: {},
		...own,
	};
}

/** The name and the tags under which the order's measurements are forwarded now. */
function forwarding(own: Partial<Order> = {}): Partial<Order> {
	const { measurementName, tags } = files.forwarded(order(own));
	return measurementName === undefined ? { tags } : { measurementName, tags };
}

/** A file was written `agoMs` ago, and the watcher tells of it. */
function write(text: string, agoMs = 5000, id = 'an/order'): void {
	set(id, { text, mtimeMs: clock.wallMs() - agoMs, uid: 0 });
}

function set(id: string, content: OrderFile): void {
	contents.set(`telegraf/${id}`, content);
	files.fileChanged({ id, path: `telegraf/${id}`, mtimeMs: clock.wallMs() });
}

test('the file of an order gives its name and tags, and a change of it takes effect at once', () => {
	expect(forwarding()).toEqual({ tags: {} });
	write('measurement_name: tunnel\ntags:\n  tunnel_id: 0042\n  b: x\n');
	write('measurement_name: other', 5000, 'another/order');
	expect(forwarding()).toEqual({
		measurementName: 'tunnel',
		tags: { b: 'x', tunnel_id: '0042' },
	});
	write('measurement_name: tunnel\nsome_key_of_their_own: 1\n');
	expect(forwarding()).toEqual({ measurementName: 'tunnel', tags: {} });
	files.fileRemoved('an/order');
	expect(forwarding()).toEqual({ tags: {} });
	expect(log.lines).toEqual([]);
});

test('what the order says itself wins', () => {
	write('measurement_name: from_file\ntags: {a: file, b: file}');
	expect(forwarding({ measurementName: 'own' })).toEqual({
		measurementName: 'own',
		tags: { a: 'file', b: 'file' },
	});
	expect(forwarding({ tags: { a: 'own' } })).toEqual({
		measurementName: 'from_file',
		tags: { a: 'own' },
	});
});

test('the forwarded order is the same object until the order or its file changes', () => {
	const one = order();
	expect(files.forwarded(one)).toBe(one);
	write('measurement_name: tunnel');
	const first = files.forwarded(one);
	write('measurement_name: tunnel', 1000);
	expect(files.forwarded(one)).toBe(first);
	expect(files.forwarded({ ...one, pings: 6 })).toMatchObject({ pings: 6, measurementName: 'tunnel' });
	write('measurement_name: other');
	expect(files.forwarded(one)).toEqual({ ...one, measurementName: 'other' });
	files.fileRemoved(one.id);
	expect(files.forwarded(one)).toBe(one);
});

test('a bad file is told once for each change, and what it said before still holds', () => {
	write('tags: {a: b}');
	expect(log.lines).toEqual([
		'warn: telegraf/an/order: measurement_name: is missing. Write a name for what is measured, such as measurement_name: tunnel | Until then it is not used',
	]);
	write('measurement_name: tunnel');
	write('measurement_name: [tunnel]');
	write('measurement_name: [tunnel]', 4000);
	expect(forwarding()).toEqual({ measurementName: 'tunnel', tags: {} });
	expect(log.lines.slice(1)).toEqual([
		'warn: telegraf/an/order: measurement_name: must be text, not a list | Until then what it said before still holds',
	]);
	write('measurement_name: tunnel');
	write('a: b: c');
	expect(log.lines[2]).toMatch(/^warn: telegraf\/an\/order: line 1: not valid YAML/);
	set('an/order', { problem: 'the file is a FIFO', isPassing: false });
	expect(log.lines[3]).toContain('the file is a FIFO');
	expect(log.lines).toHaveLength(4);
});

test('a file that is only half there gets a second, and its old content holds meanwhile', async () => {
	write('measurement_name: tunnel');
	write('measurement_name: [', 0);
	await clock.pass(500);
	expect(forwarding().measurementName).toBe('tunnel');
	expect(log.lines).toEqual([]);
	contents.set('telegraf/an/order', { text: 'measurement_name: whole', mtimeMs: start, uid: 0 });
	await clock.pass(600);
	expect(forwarding().measurementName).toBe('whole');
	write('measurement_name: [', 0);
	await clock.pass(1100);
	expect(log.lines).toHaveLength(1);
});

test('a file that is only half there and was changed in the future gets a second, too', async () => {
	write('measurement_name: [', -3600);
	await clock.pass(900);
	write('measurement_name: [a', -3600);
	await clock.pass(900);
	expect(log.lines).toEqual([]);
	await clock.pass(200);
	expect(log.lines).toHaveLength(1);
});

test('what is not the fault of the file is tried again', async () => {
	write('measurement_name: tunnel');
	set('an/order', { problem: 'no descriptors left', isPassing: true });
	contents.set('telegraf/an/order', { text: 'measurement_name: other', mtimeMs: start - 5000, uid: 0 });
	expect(forwarding().measurementName).toBe('tunnel');
	await clock.pass(1100);
	expect(forwarding().measurementName).toBe('other');
	expect(log.lines).toEqual([]);
});

test('a file that goes away while it is waited for, and the end of the daemon', async () => {
	write('measurement_name: [', 0);
	files.fileRemoved('an/order');
	await clock.pass(2000);
	write('measurement_name: [', 0);
	files.stop();
	await clock.pass(2000);
	expect(log.lines).toEqual([]);
});
