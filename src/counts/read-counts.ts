import { readFileSync, statSync } from 'node:fs';
import { countsOf, type OrderCounts } from './order-counts.ts';

/** 100,000 orders without main.rrd need 40 MB. */
const bytesMax = 256 * 1024 * 1024;

export interface ReadCounts {
	/** Since when there are counts, seconds since the epoch; null: there is no such file. */
	readonly fromSeconds: number | null;
	/** By order. */
	readonly counts: Map<string, OrderCounts>;
}

/** Reads the file of counts; of several lines for an order the last counts, damaged ones are left out. Never throws. */
export function readCounts(path: string, problem: (message: string) => void): ReadCounts {
	const counts = new Map<string, OrderCounts>();
	let fromSeconds: number | null = null;
	try {
		const stats = statSync(path);
		if (!stats.isFile() || stats.size > bytesMax)
			throw new Error(`${path} is no file, or larger than it can be`);
		for (const line of readFileSync(path, 'utf8').split('\n')) {
			const read = readCountsLine(line);
			if (read === null) continue;
			if ('fromSeconds' in read) fromSeconds = read.fromSeconds;
			else if (read.counts === null) counts.delete(read.id);
			else counts.set(read.id, read.counts);
		}
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code !== 'ENOENT') problem(`counts of slots and facts cannot be read: ${message}`);
	}
	return { fromSeconds, counts };
}

type Line = { readonly fromSeconds: number } | { readonly id: string; readonly counts: OrderCounts | null };

/** Null: it is no such line. */
export function readCountsLine(line: string): Line | null {
	let json: unknown;
	try {
		json = JSON.parse(line);
	} catch {
		return null;
	}
	if (typeof json !== 'object' || json === null) return null;
	const { from, id, counts } = json as Readonly<Record<string, unknown>>;
	if (typeof from === 'number' && Number.isFinite(from)) return { fromSeconds: from };
	if (typeof id !== 'string') return null;
	if (counts === null) return { id, counts: null };
	const read = countsOf(counts);
	return read === null ? null : { id, counts: read };
}
