/** The facade and its worker thread: needs the compiled product, which `npm test` builds first. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Measurement, measurementOf } from '../../src/model/measurement.ts';
import type { Store, StoreOptions } from '../../src/store/store.ts';
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

function measurement(id: string, slotStartSeconds = startSeconds): Measurement {
	const slot = { startSeconds: slotStartSeconds, stepSeconds: 60 };
	const samples = [0.5, 0.25].map((rttSeconds) => ({ sentAtSeconds: slotStartSeconds, rttSeconds }));
	return measurementOf({ id, pings: 2 }, slot, samples);
}

it('does everything in the order in which it was asked, and tells', async () => {
	const path = join(dir, 'orders-file');
	writeFileSync(path, 'step: 60\n');
	store.enrol(order('a'), startSeconds);
	store.record([measurement('a')]);
	store.archive('a');
	store.enrol(order('a'), startSeconds);
	store.record([measurement('a', startSeconds + 60)]);
	store.expire('a', path, 3_600_000);
	store.reject('bad', 'no');
	store.fail([{ ids: ['a'], reason: 'no fping' }]);
	store.enrol(order('b'), startSeconds);
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
	expect(readdirSync(join(dir, 'output/a')).sort()).toEqual([
		'.last_result.pingmachine',
		'error',
		'last_result',
		'main.rrd',
	]);
	expect(readFileSync(join(dir, 'output/a/last_result'), 'utf8')).toContain(`time: ${startSeconds + 60}\n`);
	expect(readdirSync(join(dir, 'archive'))).toEqual([]);
});

it('counts what waits and what was written', async () => {
	store.enrol(order('a'), startSeconds);
	store.record([measurement('a'), measurement('unknown')]);
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

it('takes 10,000 measurements at once, and closing waits for them', async () => {
	const ids = Array.from({ length: 100 }, (_, index) => `burst/${index}`);
	for (const id of ids) store.enrol(order(id, { rrdTemplate: 'norrd' }), startSeconds);
	for (let slot = 0; slot < 100; slot++)
		store.record(ids.map((id) => measurement(id, startSeconds + 60 * slot)));
	await store.close(60_000);
	expect(store.stats()).toMatchObject({ queued: 0, recorded: 10_000 });
	for (const id of ids) {
		expect(readFileSync(join(dir, `output/${id}/last_result`), 'utf8')).toContain(
			`time: ${startSeconds + 99 * 60}\n`,
		);
	}
	expect(told.filter((line) => line.startsWith('enrolled: '))).toHaveLength(100);
});

it('says how long the oldest request has been waiting', async () => {
	for (let index = 0; index < 50; index++) store.enrol(order(`many/${index}`), startSeconds);
	await vi.waitFor(() => expect(store.stats().lagMs).toBeGreaterThan(0), { timeout: 60_000, interval: 1 });
	await store.flush();
	expect(store.stats().lagMs).toBe(0);
});

it('drops measurements rather than fill the memory, and says so', async () => {
	await store.close();
	store = open({ maxQueued: 3 });
	store.enrol(order('a', { rrdTemplate: 'norrd' }), startSeconds);
	for (let slot = 0; slot < 10; slot++) store.record([measurement('a', startSeconds + slot * 60)]);
	await store.flush();
	expect(store.stats()).toMatchObject({ dropped: 8, recorded: 2 });
	expect(told.filter((line) => line.startsWith('problem: '))[0]).toMatch(
		/^problem: 3 results wait for the disk/,
	);
	store.record([measurement('a', startSeconds + 6000)]);
	await store.flush();
	expect(store.stats()).toMatchObject({ dropped: 8, recorded: 3 });
});

it('gives up closing after a time, and says what is missing', async () => {
	await store.flush();
	for (let index = 0; index < 500; index++) store.enrol(order(`${index}`), startSeconds);
	await store.close(1);
	expect(told.at(-1)).toMatch(
		/^problem: [1-9]\d* results and changes of orders were not written: the disk is too slow$/,
	);
	expect(readdirSync(join(dir, 'output')).length).toBeLessThan(500);
});

it('does nothing after it was closed', async () => {
	await store.close();
	await store.close();
	store.enrol(order('a'), startSeconds);
	store.record([measurement('a')]);
	await expect(store.flush()).rejects.toThrow('the store is closed');
	expect(existsSync(join(dir, 'output/a'))).toBe(false);
	expect(told).toEqual([]);
});

it('says once when the worker dies, and leaves nobody waiting', async () => {
	store.reject(5 as unknown as string, 'not even a name');
	await expect(store.flush()).rejects.toThrow(/split|includes/);
	expect(told).toEqual([expect.stringMatching(/^failed: .*(split|includes)/)]);
	store.enrol(order('a'), startSeconds);
	await store.close();
	expect(told).toHaveLength(1);
});

it('tells when the base directory cannot be used, and does not die of it', async () => {
	await store.close();
	writeFileSync(join(dir, 'file'), '');
	store = open({ baseDir: join(dir, 'file') });
	store.enrol(order('a'), startSeconds);
	store.record([measurement('a')]);
	await store.flush();
	expect(told[0]).toMatch(/^problem: cannot make .*file\/output: a file has the name of a folder/);
	expect(told).toContain('enrolled: a null');
});
