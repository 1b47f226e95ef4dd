/** The daemon and all commands find the same orders in the same tree, refuse the same, and select alike. */

import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { checkOrders } from '../../src/commands/check/index.ts';
import { registerOrder } from '../../src/commands/order/index.ts';
import { showStatus } from '../../src/commands/status/index.ts';
import { isOrderFor } from '../../src/orders/is-order.ts';
import { orderPattern } from '../../src/orders/selector.ts';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import { findOrders } from '../../src/store/find-orders.ts';
import { FakeLog } from '../support/fake-log.ts';
import { OrdersRecorder } from '../support/orders-recorder.ts';
import { type Planted, plant, randomTree } from '../support/random-orders.ts';

/** By id: right or wrong. */
type Verdicts = Readonly<Record<string, boolean>>;

function sorted(verdicts: Iterable<readonly [string, boolean]>): Verdicts {
	return Object.fromEntries([...verdicts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The daemon's watcher comes to find just this. */
async function daemonFinds(baseDir: string, verdicts: Verdicts): Promise<void> {
	const seen = new OrdersRecorder();
	const root = join(baseDir, 'orders');
	const isOrder = isOrderFor(builtInProbes);
	const watcher = new OrdersWatcher({ root, listener: seen, log: new FakeLog(), isOrder });
	const found = () =>
		sorted([
			...seen.ids.map((id) => [id, isOrder({ id, path: join(root, id), mtimeMs: 0 })] as const),
			...[...seen.refused.keys()].map((id) => [id, false] as const),
		]);
	try {
		watcher.start();
		// A path that counts may be found after one that does not.
		const agrees = () => expect([seen.scans.length > 0, found()]).toEqual([true, verdicts]);
		await vi.waitFor(agrees, { timeout: 20_000, interval: 2 });
	} finally {
		watcher.stop();
	}
	expect(seen.faults).toEqual([]);
}

async function order(baseDir: string, ...argv: string[]): Promise<string> {
	const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	try {
		const program = new Command('pingmachine').exitOverride();
		registerOrder(program, builtInProbes);
		const [name = '', ...rest] = argv;
		await program.parseAsync(['node', 'pingmachine', 'order', name, '--basedir', baseDir, ...rest]);
		return stdout.mock.calls.map(([text]) => text).join('');
	} finally {
		stdout.mockRestore();
		stderr.mockRestore();
		process.exitCode = undefined;
	}
}

interface Line {
	readonly id: string;
	readonly error?: string;
	readonly state?: string;
}

function linesOf(text: string): Line[] {
	return text === ''
		? []
		: text
				.trimEnd()
				.split('\n')
				.map((line) => JSON.parse(line));
}

async function ofLs(baseDir: string, words: readonly string[] = []): Promise<Verdicts> {
	const lines = linesOf(await order(baseDir, 'ls', '--json', ...words));
	return sorted(lines.map(({ id, error }) => [id, error === undefined]));
}

function ofStatus(baseDir: string, words: readonly string[] = []): Verdicts {
	let out = '';
	const place = {
		...{ probes: builtInProbes, nowMs: Date.now, columns: () => 200, colours: false },
		stdout: { write: (text: string) => (out += text) },
		stderr: { write: () => true },
	};
	showStatus(words, { basedir: baseDir, json: true }, place);
	return sorted(linesOf(out).map(({ id, state }) => [id, state !== 'rejected']));
}

/** `check` tells only what is wrong. */
async function wrongInCheck(baseDir: string): Promise<string[]> {
	let out = '';
	const streams = { stdin: (async function* () {})(), stdout: { write: (text: string) => (out += text) } };
	await checkOrders([join(baseDir, 'orders')], { json: true }, builtInProbes, streams);
	return [...new Set(linesOf(out).map(({ id }) => id))].sort();
}

const pattern = fc
	.array(fc.constantFrom('a', 'b', 'c', '*', '**', '?', 'error', '@x'), { minLength: 1, maxLength: 3 })
	.map((parts) => parts.join('/'));

/** What a link out of orders/ leads to is measured, and is not removed. */
function isInside(baseDir: string, id: string): boolean {
	const folder = realpathSync(dirname(join(baseDir, 'orders', id)));
	return `${folder}/`.startsWith(`${realpathSync(join(baseDir, 'orders'))}/`);
}

async function agree(tree: readonly Planted[], word: string): Promise<void> {
	const { baseDir, remove } = plant(tree);
	try {
		const verdicts = await ofLs(baseDir);
		await daemonFinds(baseDir, verdicts);
		expect(ofStatus(baseDir)).toEqual(verdicts);
		const wrong = Object.keys(verdicts).filter((id) => verdicts[id] === false);
		expect(await wrongInCheck(baseDir)).toEqual(wrong);
		// The word selects the same everywhere. An id that is called like a pattern is meant itself.
		const ids = Object.keys(verdicts);
		const selected = ids.includes(word) ? [word] : ids.filter((id) => orderPattern(word).test(id));
		expect(Object.keys(await ofLs(baseDir, [word]))).toEqual(selected);
		expect(Object.keys(ofStatus(baseDir, [word]))).toEqual(selected);
		// Graph finds what was measured by the same words.
		const measured = ids.filter((id) => verdicts[id]);
		for (const id of measured) {
			mkdirSync(join(baseDir, 'output', id), { recursive: true });
			writeFileSync(join(baseDir, 'output', id, 'last_result'), '');
		}
		const found = measured.filter((id) => selected.includes(id));
		if (found.length > 0) expect(findOrders(baseDir, [word]).map(({ id }) => id)).toEqual(found);
		// Folders are not removed by their name.
		const isFolder = !/[*?]/.test(word) && !ids.includes(word);
		const removable = found.filter((id) => isInside(baseDir, id));
		await order(baseDir, 'rm', word);
		const left = Object.keys(await ofLs(baseDir));
		if (isFolder) expect(left).toEqual(ids);
		else for (const id of removable) expect(left).not.toContain(id);
	} finally {
		remove();
	}
}

test('the daemon, order, status, check and graph agree on any tree', async () => {
	await fc.assert(fc.asyncProperty(randomTree, pattern, agree), { numRuns: 60, endOnFailure: true });
}, 300_000);
