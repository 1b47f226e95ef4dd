import type { DaemonAnswer } from '../../model/answers.ts';
import { gigabytes } from '../../model/gigabytes.ts';
import { printable } from '../../model/printable.ts';
import { type State, type StatusRow, states } from '../shared/status-row.ts';
import { type DaemonView, unseenCount } from './daemon.ts';

/** What `status --totals --json` prints. */
interface Totals {
	readonly orders: number;
	/** All states, also those that no order is in. */
	readonly states: Readonly<Record<State, number>>;
	/** By name; empty: no probe is known. */
	readonly probes: Readonly<Record<string, number>>;
	readonly unseen: number | null;
	readonly daemon: DaemonAnswer | null;
}

export function totalsOf(rows: readonly StatusRow[], view: DaemonView | null): Totals {
	const byState = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
	for (const { state } of rows) byState[state]++;
	const ids = rows.map(({ id }) => id);
	return {
		orders: rows.length,
		states: byState,
		probes: Object.fromEntries(probeCounts(rows)),
		unseen: view === null ? null : unseenCount(ids, view),
		daemon: view?.daemon ?? null,
	};
}

/** `probes: 3 fping, 1 unknown`. */
export function probesLine(rows: readonly StatusRow[]): string {
	const told = probeCounts(rows).map(
		([name, count]) => `${count} ${name === '' ? 'unknown' : printable(name)}`,
	);
	return `probes: ${told.join(', ') || 'none'}`;
}

/** `disk: main.rrd take 1.3 GB when all are made, 80.0 GB are free`. */
export function diskLine({ disk }: DaemonAnswer): string {
	const free = disk.free === null ? '' : `, ${gigabytes(disk.free)} are free`;
	return `disk: main.rrd take ${gigabytes(disk.main_rrd)} when all are made, histories ${gigabytes(disk.history)}${free}`;
}

/** The most used first. */
function probeCounts(rows: readonly StatusRow[]): [name: string, count: number][] {
	const counts = new Map<string, number>();
	for (const { probe } of rows) counts.set(probe ?? '', (counts.get(probe ?? '') ?? 0) + 1);
	return [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
}
