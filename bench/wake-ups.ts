import { readdirSync, readFileSync } from 'node:fs';

/** How often the threads of a process went to sleep, and were woken again, since they were started. */
export type WakeUps = ReadonlyMap<string, number>;

/** By thread: its name and number. A thread that has ended is missing. */
export function wakeUpsOf(pid: number): WakeUps {
	const found = new Map<string, number>();
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		try {
			const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
			const name = Number(thread) === pid ? 'main' : (/^Name:\t(.*)$/m.exec(status)?.[1] ?? '?');
			found.set(`${name} ${thread}`, Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]));
		} catch {
			// It has ended meanwhile.
		}
	}
	return found;
}

/** By thread, from one look to a later one. */
export function wakeUpsBetween(before: WakeUps, after: WakeUps): Map<string, number> {
	return new Map(Array.from(after, ([thread, count]) => [thread, count - (before.get(thread) ?? 0)]));
}

export function sumOf(wakeUps: WakeUps): number {
	return [...wakeUps.values()].reduce((sum, count) => sum + count, 0);
}
