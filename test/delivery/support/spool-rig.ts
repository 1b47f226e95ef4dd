/** A spool in a folder of its own, for each test. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Spool, type SpoolParts } from '../../../src/delivery/spool.ts';
import type { Waiting } from '../../../src/delivery/spool-lines.ts';
import { unmountAll } from '../../store/support/mount.ts';
import { result, stepOf } from './results.ts';

export let dir: string;

export let folder: string;

export let problems: string[];

export let kinds: Set<string>;

export let dropped: string[];

export let spool: Spool;

/** As after the end, however sudden, of the daemon: nothing is known but what is on disk. */
function open(changes: Partial<SpoolParts> = {}): Spool {
	problems = [];
	kinds = new Set();
	dropped = [];
	const opened = new Spool({
		folder,
		maxBytes: 10_000_000,
		maxAgeMs: 3600_000,
		dropped: (reason, count) => dropped.push(`${reason}: ${count}`),
		problem: (kind, message) => {
			problems.push(message);
			kinds.add(kind);
		},
		...changes,
	});
	opened.start();
	return opened;
}

/** Results of consecutive slots that have been waiting since consecutive milliseconds. */
export function waiting(count: number, first = 0): Waiting[] {
	return Array.from({ length: count }, (_, index) => ({
		delivered: result('a', first + index),
		sinceMs: 1_000_000 + first + index,
	}));
}

export const steps = (some: readonly Waiting[]) => some.map(({ delivered }) => stepOf(delivered));

export const range = (first: number, end: number) =>
	Array.from({ length: end - first }, (_, index) => first + index);

/** Sends all there is, in batches of that size. */
export function drain(from: Spool, batch = 7): number[] {
	const sent: number[] = [];
	for (let some = from.oldest(batch); some.length > 0; some = from.oldest(batch)) {
		sent.push(...steps(some));
		from.remove(some.length);
	}
	return sent;
}

export const files = () => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** For all tests of the file. Take the variables above only within them. */
export function useSpool(): void {
	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'pingmachine-spool-'));
		folder = join(dir, 'spool/sink');
		spool = open();
	});
	afterEach(() => {
		unmountAll();
		rmSync(dir, { recursive: true, force: true });
	});
}

/** Opens `spool` anew, as after the end, however sudden, of the daemon. */
export function reopen(changes: Partial<SpoolParts> = {}): void {
	spool = open(changes);
}
