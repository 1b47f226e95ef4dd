import { readdirSync, readFileSync } from 'node:fs';

/** What the threads of a process have taken, by their names: those that are alike are one. */
export type ThreadCosts = ReadonlyMap<string, number>;

/** Seconds of CPU, to the nanosecond, since they were started. A thread that has ended is missing. */
export function cpuSecondsByThread(pid: number): ThreadCosts {
	const found = new Map<string, number>();
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		try {
			const path = `/proc/${pid}/task/${thread}`;
			const name = Number(thread) === pid ? 'main' : readFileSync(`${path}/comm`, 'utf8').trim();
			const [ns] = readFileSync(`${path}/schedstat`, 'utf8').split(' ');
			found.set(name, (found.get(name) ?? 0) + Number(ns) / 1e9);
		} catch {
			// It has ended meanwhile.
		}
	}
	return found;
}

/** Megabytes: those that it has for itself, and its part of those that it shares. */
export function ownMegabytes(pid: number): number {
	return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;
}

/** The processes that it has started and that still run. */
export function childrenOf(pid: number): number[] {
	const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
	return text === '' ? [] : text.split(' ').map(Number);
}
