/** A watcher of real folders, and what it reports, for each test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { OrdersWatcher, type OrdersWatcherOptions } from '../../../src/orders/watcher.ts';
import { FakeLog } from '../../support/fake-log.ts';
import { OrdersRecorder } from '../../support/orders-recorder.ts';

/** So that what a test sees was not found by a later scan. */
export const neverMs = 3_600_000;

export let base: string;

export let root: string;

export let seen: OrdersRecorder;

export let log: FakeLog;

export let watcher: OrdersWatcher;

/** Starts this one, which is stopped after the test. */
export function start(one: OrdersWatcher): void {
	watcher = one;
	watcher.start();
}

/** Starts a watcher and waits for its first scan. */
export async function begun(options: Partial<OrdersWatcherOptions> = {}): Promise<void> {
	start(new OrdersWatcher({ root, listener: seen, log, scanIntervalMs: neverMs, ...options }));
	await eventually(() => expect(seen.scans).not.toHaveLength(0));
}

/** And forgets what it reported. */
export async function started(options: Partial<OrdersWatcherOptions> = {}): Promise<void> {
	await begun(options);
	seen.calls = [];
}

export async function eventually(check: () => void): Promise<void> {
	await vi.waitFor(check, { timeout: 60_000, interval: 5 });
}

export async function sawIds(...ids: string[]): Promise<void> {
	await eventually(() => expect(seen.ids).toEqual(ids.sort()));
}

export async function sawCall(call: string): Promise<void> {
	await eventually(() => expect(seen.calls).toContain(call));
}

/** Writes a file below `orders/`, and its folders. */
export function put(id: string, text = 'user: me\n'): string {
	const path = join(root, id);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the recorder need time for each file, `ms` of the processor's, and do something besides. */
export function takeTime(ms: number, besides: () => void): void {
	const plain = { changed: seen.changed.bind(seen), removed: seen.removed.bind(seen) };
	const spend = (): void => {
		besides();
		const endMs = performance.now() + ms;
		while (performance.now() < endMs);
	};
	seen.changed = (file) => {
		plain.changed(file);
		spend();
	};
	seen.removed = (id) => {
		plain.removed(id);
		spend();
	};
}

export const silent = { changed() {}, removed() {}, scanned() {} };

/** For all tests of the file. Take the variables above only within them. */
export function useWatcher(): void {
	beforeEach(() => {
		base = mkdtempSync(join(tmpdir(), 'pingmachine-orders-'));
		root = join(base, 'orders');
		mkdirSync(root);
		seen = new OrdersRecorder();
		log = new FakeLog();
	});
	afterEach(() => {
		watcher.stop();
		rmSync(base, { recursive: true, force: true });
		expect(seen.faults).toEqual([]);
	});
}

/** Has the next watcher look at another folder below `base`. */
export function takeRoot(path: string): void {
	root = join(base, path);
}
