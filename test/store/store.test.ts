/** The facade and its worker thread: needs the compiled product, which `npm test` builds first. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { identityOf, measured, notMeasured, type Outcome, type ReasonCode } from '../../src/model/outcome.ts';
import type { StoredOrder } from '../../src/store/live-order.ts';
import type { Store, StoreOptions } from '../../src/store/store-parts.ts';
import { fullOrder } from '../delivery/support/results.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { order, startSeconds } from './support/tree-fixture.ts';

const compiled = new URL('../../dist/src/store/store.js', import.meta.url).href;
const { openStore } = (await import(compiled)) as typeof import('../../src/store/store.ts');

let dir: string;
let told: string[];
let store: Store;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-store-'));
	told = [];
	store = open({});
});

afterEach(async () => {
	await store.close();
	rmSync(dir, { recursive: true, force: true });
});

function open(options: Partial<StoreOptions>): Store {
	return openStore({
		baseDir: dir,
		clock: new FakeClock(startSeconds * 1000),
		events: {
			enrolled: (id, lastSlotSeconds) => told.push(`enrolled: ${id} ${lastSlotSeconds}`),
			revived: (id) => told.push(`revived: ${id}`),
			archived: (id) => told.push(`archived: ${id}`),
			stuck: (id) => told.push(`stuck: ${id}`),
			kept: (id) => told.push(`kept: ${id}`),
			dropped: (id) => told.push(`dropped: ${id}`),
			problem: (message) => told.push(`problem: ${message}`),
			failed: (error) => told.push(`failed: ${error.message}`),
		},
		...options,
	});
}

function outcome(id: string, slotStartSeconds = startSeconds): Outcome {
	const slot = { startSeconds: slotStartSeconds, stepSeconds: 60 };
	const samples = [0.5, 0.25].map((rttSeconds) => ({ sentAtSeconds: slotStartSeconds, rttSeconds }));
	return measured(identityOf(fullOrder(id)), slot, 2, samples, { jitter: 0.25 });
}

function failed(id: string, kind: 'failed' | 'skipped' = 'failed', code: ReasonCode = 'no_program'): Outcome {
	const why = { code, reason: 'no fping' };
	return notMeasured(kind, identityOf(fullOrder(id)), { startSeconds, stepSeconds: 60 }, 2, why);
}

function changed(order: StoredOrder): void {
	store.take([{ about: 'changed', order: fullOrder(order.id, order) }]);
}

function record(...outcomes: Outcome[]): void {
	store.take([{ about: 'outcomes', outcomes }]);
}

it('does everything in the order in which it was asked, and tells', async () => {
	const path = join(dir, 'orders-file');
	writeFileSync(path, 'step: 60\n');
	changed(order('a'));
	record(outcome('a'));
	store.take([{ about: 'gone', id: 'a', why: 'deleted' }]);
	changed(order('a'));
	record(outcome('a', startSeconds + 60));
	store.expire('a', path, 3_600_000);
	store.reject('bad', 'no');
	record(failed('a'));
	changed(order('b'));
	store.reject('mended', 'no');
	store.clear('mended');
	store.keepOnly([]);
	await store.flush();
	expect(told).toEqual([
		'enrolled: a null',
		'archived: a',
		'revived: a',
		`enrolled: a ${startSeconds}`,
		'kept: a',
		'enrolled: b null',
	]);
	expect(readdirSync(join(dir, 'output')).sort()).toEqual(['a', 'b', 'bad']);
	// Events are written when there is time.
	const written = readdirSync(join(dir, 'output/a')).filter((name) => !name.includes('events'));
	expect(written.sort()).toEqual([
		'.last_facts.pingmachine',
		'.last_result.pingmachine',
		'error',
		'histograms',
		'last_facts',
		'last_result',
		'main.rrd',
		'slots',
	]);
	expect(readFileSync(join(dir, 'output/a/last_result'), 'utf8')).toContain(`time: ${startSeconds + 60}\n`);
	expect(readdirSync(join(dir, 'archive'))).toEqual([]);
});

it('counts what waits and what was written', async () => {
	changed(order('a'));
	record(outcome('a'), outcome('unknown'));
	expect(store.stats()).toMatchObject({ queued: 3, recorded: 0 });
	await store.flush();
	expect(store.stats()).toEqual({
		queued: 0,
		lagMs: 0,
		recorded: 1,
		ignored: 1,
		dropped: 0,
		lastResultErrors: 0,
		rrdErrors: 0,
		rrdRefused: 0,
		corrupted: 0,
	});
});

it('takes 3,000 measurements at once, and closing waits for them', async () => {
	const ids = Array.from({ length: 100 }, (_, index) => `burst/${index}`);
	for (const id of ids) changed(order(id, { rrdTemplate: 'norrd' }));
	for (let slot = 0; slot < 30; slot++) record(...ids.map((id) => outcome(id, startSeconds + 60 * slot)));
	await store.close(60_000);
	expect(store.stats()).toMatchObject({ queued: 0, recorded: 3000 });
	for (const id of ids) {
		expect(readFileSync(join(dir, `output/${id}/last_result`), 'utf8')).toContain(
			`time: ${startSeconds + 29 * 60}\n`,
		);
	}
	expect(told.filter((line) => line.startsWith('enrolled: '))).toHaveLength(100);
});

it('says how long the oldest request has been waiting', async () => {
	for (let index = 0; index < 50; index++) changed(order(`many/${index}`));
	await vi.waitFor(() => expect(store.stats().lagMs).toBeGreaterThan(0), { timeout: 60_000, interval: 1 });
	await store.flush();
	expect(store.stats().lagMs).toBe(0);
});

it('drops measurements rather than fill the memory, and says so', async () => {
	await store.close();
	store = open({ maxQueued: 3 });
	changed(order('a', { rrdTemplate: 'norrd' }));
	for (let slot = 0; slot < 10; slot++) record(outcome('a', startSeconds + slot * 60));
	await store.flush();
	expect(store.stats()).toMatchObject({ dropped: 8, recorded: 2 });
	expect(told.filter((line) => line.startsWith('problem: '))[0]).toMatch(
		/^problem: 3 results wait for the disk/,
	);
	record(outcome('a', startSeconds + 6000));
	await store.flush();
	expect(store.stats()).toMatchObject({ dropped: 8, recorded: 3 });
});

it('gives up closing after a time, and says what is missing', async () => {
	await store.flush();
	for (let index = 0; index < 2000; index++) changed(order(`${index}`));
	await store.close(1);
	// Which of the two depends on how far it had come.
	expect(told.at(-1)).toMatch(
		/^problem: [1-9]\d* (?:results and changes of orders were not written: the disk is too slow|changes of orders were not made in time: the next start makes them)$/,
	);
	expect(readdirSync(join(dir, 'output')).length).toBeLessThan(2000);
});

it('does nothing after it was closed', async () => {
	await store.close();
	await store.close();
	changed(order('a'));
	record(outcome('a'));
	await expect(store.flush()).rejects.toThrow('the store is closed');
	expect(existsSync(join(dir, 'output/a'))).toBe(false);
	expect(told).toEqual([]);
});

it('says once when the worker dies, and leaves nobody waiting', async () => {
	store.reject(5 as unknown as string, 'not even a name');
	await expect(store.flush()).rejects.toThrow(/split|includes/);
	expect(told).toEqual([expect.stringMatching(/^failed: .*(split|includes)/)]);
	changed(order('a'));
	await store.close();
	expect(told).toHaveLength(1);
});

it('tells when the base directory cannot be used, and does not die of it', async () => {
	await store.close();
	writeFileSync(join(dir, 'file'), '');
	store = open({ baseDir: join(dir, 'file') });
	changed(order('a'));
	record(outcome('a'));
	await store.flush();
	expect(told[0]).toMatch(/^problem: cannot make .*file\/output: a file has the name of a folder/);
	expect(told).toContain('enrolled: a null');
});

it('enrols an order anew when its files depend on the change, and at no other', async () => {
	changed(order('a'));
	store.take([{ about: 'changed', order: fullOrder('a', { ...order('a'), tags: { site: 'x' } }) }]);
	changed(order('a', { pings: 3 }));
	store.take([{ about: 'gone', id: 'a', why: 'rejected' }]);
	changed(order('a', { pings: 3 }));
	await store.flush();
	expect(told.filter((line) => line.startsWith('enrolled: a'))).toHaveLength(3);
});

it('leaves the files where they are when an order is rejected or has expired: the one who says so knows more', async () => {
	changed(order('a'));
	changed(order('b'));
	record(outcome('a'), outcome('b'));
	store.take([{ about: 'gone', id: 'a', why: 'rejected' }]);
	store.take([{ about: 'gone', id: 'b', why: 'expired' }]);
	await store.flush();
	expect(readdirSync(join(dir, 'output')).sort()).toEqual(['a', 'b']);
});

it('writes an error file for what failed, and for slots that were skipped when somebody can do something', async () => {
	for (const id of ['failed', 'limited', 'slept']) changed(order(id));
	record(failed('failed'), failed('limited', 'skipped', 'limited'), failed('slept', 'skipped', 'clock'));
	await store.flush();
	const has = (id: string) => existsSync(join(dir, `output/${id}/error`));
	expect([has('failed'), has('limited'), has('slept')]).toEqual([true, true, false]);
	record(outcome('failed'));
	await store.flush();
	expect(has('failed')).toBe(false);
});

describe('what points of presence measured', () => {
	const where = { here: false, all: true } as const;
	const elsewhere = (id: string, pop: string, slotStartSeconds = startSeconds): Outcome => ({
		...outcome(id, slotStartSeconds),
		pop,
	});
	const asked = (id: string, ...pops: string[]) =>
		store.take([{ about: 'changed', order: { ...fullOrder(id), where, pops } }]);
	const listed = (folder: string) => readdirSync(join(dir, folder)).sort();

	it('is in folders of its own below the order, which has no results itself', async () => {
		asked('a/b', 'fra', 'zrh');
		record(elsewhere('a/b', 'zrh'), elsewhere('a/b', 'ber'), elsewhere('unknown', 'zrh'));
		await store.flush();
		expect(listed('output/a/b')).toEqual(['@fra', '@zrh']);
		expect(listed('output/a/b/@zrh')).toEqual(expect.arrayContaining(['last_result', 'main.rrd']));
		expect(store.stats()).toMatchObject({ recorded: 1 });
	});

	it('is archived when it is not asked for any more, and with its order, and comes back', async () => {
		asked('a', 'fra', 'zrh');
		record(elsewhere('a', 'zrh'), elsewhere('a', 'fra'));
		asked('a', 'zrh');
		await store.flush();
		expect(listed('archive/a')).toEqual(['@fra']);
		store.take([{ about: 'gone', id: 'a', why: 'deleted' }]);
		await store.flush();
		expect(listed('archive/a')).toEqual(['@fra', '@zrh']);
		expect(existsSync(join(dir, 'output/a'))).toBe(false);
		asked('a', 'fra', 'zrh');
		await store.flush();
		expect(listed('output/a/@fra')).toContain('main.rrd');
		expect(existsSync(join(dir, 'archive/a'))).toBe(false);
	});

	it('stays at a start with its order, and is archived without', async () => {
		for (const id of ['kept', 'lost']) {
			asked(id, 'zrh');
			record(elsewhere(id, 'zrh'));
		}
		await store.close();
		store = open({});
		asked('kept', 'zrh');
		store.keepOnly(['kept']);
		await store.flush();
		expect(listed('output')).toEqual(['kept']);
		expect(listed('output/kept')).toContain('@zrh');
		expect(listed('archive/lost')).toContain('@zrh');
	});
});
