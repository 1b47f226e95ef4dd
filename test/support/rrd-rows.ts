import { execFileSync } from 'node:child_process';

/** The slots of one second, from the first to before the last, that an RRD has nothing of; seconds since the epoch. */
export function missingSlots(rrd: string, first: number, last: number): number[] {
	const args = ['fetch', rrd, 'AVERAGE', '-r', '1', '-s', String(first), '-e', String(last)];
	const known = new Set(
		execFileSync('rrdtool', args, { encoding: 'utf8' })
			.split('\n')
			.filter((row) => /^\d+: \d/.test(row))
			// A row is named by the end of its span.
			.map((row) => Number.parseInt(row, 10) - 1),
	);
	return Array.from({ length: last - first }, (_, index) => first + index).filter((slot) => !known.has(slot));
}
