import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { checkOrders } from '../../src/commands/check/index.ts';
import { listOrderFiles } from '../../src/orders/list-orders.ts';

let baseDir: string;

beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'folder-names-'));
	mkdirSync(join(baseDir, 'orders'));
});

afterEach(() => rmSync(baseDir, { recursive: true }));

/** `name` in Latin 1: not UTF-8 where it has letters beyond ASCII. */
function path(name: string): Buffer {
	return Buffer.concat([Buffer.from(`${baseDir}/orders/`), Buffer.from(name, 'latin1')]);
}

test('names that are not UTF-8, and a name that looks like them, are shown once', async () => {
	for (const name of ['bad\xff', 'bad\xfe', 'bad\xef\xbf\xbd']) writeFileSync(path(name), 'user: x\n');
	for (const name of ['folder\xff', 'folder\xef\xbf\xbd']) mkdirSync(path(name));
	writeFileSync(path('folder\xef\xbf\xbd/good'), 'user: x\n');
	const ids = ['bad\ufffd', 'folder\ufffd/good'];
	expect(listOrderFiles(`${baseDir}/orders`, () => true).files.map(({ id }) => id)).toEqual(ids);
	const told: string[] = [];
	const stdout = { write: (text: string) => told.push(text) };
	await checkOrders([`${baseDir}/orders`], { json: true }, builtInProbes, { stdin: process.stdin, stdout });
	const found = told.map((line) => JSON.parse(line)).filter(({ key }) => key === 'step');
	expect(found.map(({ id }) => id)).toEqual(ids);
});
