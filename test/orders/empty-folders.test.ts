/** Folders with nothing in them: of each owner only so many are known and watched. */
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import { OrdersRecorder } from '../support/orders-recorder.ts';

let root: string;
let watcher: OrdersWatcher;
let recorder: OrdersRecorder;
const warnings: string[] = [];
const log = {
	debug: () => {},
	info: () => {},
	warn: (message: string) => void warnings.push(message),
	error: (message: string) => {
		throw new Error(message);
	},
};
const patient = { timeout: 60_000, interval: 20 };

beforeEach(() => {
	root = join(mkdtempSync(join(tmpdir(), 'pingmachine-')), 'orders');
	mkdirSync(root);
	warnings.length = 0;
	recorder = new OrdersRecorder();
	watcher = new OrdersWatcher({ root, listener: recorder, log, emptyFoldersMax: 50, scanIntervalMs: 300 });
});
afterEach(() => {
	watcher.stop();
	rmSync(join(root, '..'), { recursive: true });
});

const folder = (name: string) => {
	mkdirSync(join(root, name));
	return join(root, name);
};

test('a crowd of them costs no more than some of them, and whatever comes into one is found', async () => {
	for (let at = 0; at < 500; at++) folder(`none${at}`);
	for (let at = 0; at < 100; at++) writeFileSync(join(folder(`some${at}`), 'order'), 'x');
	watcher.start();
	await expect.poll(() => recorder.files.size, patient).toBe(100);
	expect(watcher.watches).toBeLessThanOrEqual(2 + 50 + 100);
	// The folders that are left may come after the last file.
	const told = [expect.stringMatching(/more than 50 folders of the user 0 .* are empty/)];
	await expect.poll(() => warnings, patient).toEqual(told);
	for (let at = 0; at < 500; at += 50) writeFileSync(join(root, `none${at}`, 'order'), 'x');
	await expect.poll(() => recorder.files.size, patient).toBe(110);
	for (let at = 0; at < 100; at++) rmSync(join(root, `some${at}`), { recursive: true });
	await expect.poll(() => recorder.files.size, patient).toBe(10);
});

test('those of one user are no reason to know fewer of another', async () => {
	for (let at = 0; at < 200; at++) chownSync(folder(`many${at}`), 65_534, 65_534);
	watcher.start();
	await expect.poll(() => recorder.scans.length, patient).toBeGreaterThan(0);
	const before = watcher.watches;
	for (let at = 0; at < 20; at++) folder(`few${at}`);
	await expect.poll(() => watcher.watches, patient).toBe(before + 20);
});
