/** Runs the command on orders of its own, for each test. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { addOrders } from '../../../src/commands/order/add.ts';
import type { AddOptions } from '../../../src/commands/order/sources.ts';
import type { OrderDefaults } from '../../../src/orders/lists/defaults.ts';

export let folder: string;

export let orders: string;

export const ping = { user: 'me', step: '60', pings: '5', probe: 'fping' };

/** The exit code, and the lines on stdout and stderr. */
export async function add(
	words: string | readonly string[] | undefined,
	options: Partial<AddOptions>,
	input: Iterable<string | Buffer> = [],
	defaults: Partial<OrderDefaults> = {},
) {
	let stdout = '';
	let stderr = '';
	const streams = {
		stdin: Readable.from(input),
		stdout: { write: (text: string) => (stdout += text) },
		stderr: { write: (text: string) => (stderr += text) },
	};
	const signal = new AbortController().signal;
	const around = { probes: builtInProbes, streams, signal, defaults };
	const all = words === undefined ? [] : [words].flat();
	const exitCode = await addOrders(all, { basedir: folder, ...options }, around);
	return { exitCode, stdout, stderr };
}

export const done = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });

export const failed = (stderr: string) => ({ exitCode: 1, stdout: '', stderr: `${stderr}\n` });

export function write(id: string, text: string | Buffer): string {
	const path = join(orders, id);
	mkdirSync(join(path, '..'), { recursive: true });
	writeFileSync(path, text);
	return path;
}

export const text = (id: string) => readFileSync(join(orders, id), 'utf8');

/** All files and folders below orders/, also the hidden ones. */
export const tree = () => (readdirSync(orders, { recursive: true }) as string[]).sort();

/** For all tests of the file. Take the variables above only within them. */
export function useOrders(): void {
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
		orders = join(folder, 'orders');
		mkdirSync(orders);
	});
	afterEach(() => rmSync(folder, { recursive: true }));
}
