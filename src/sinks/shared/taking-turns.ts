import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work in the thread of the sinks pauses after so long, so that everything else has its turn. */
const sliceMs = 4;

/** Returns what is to be called between two pieces of work: it pauses when it is time. */
export function takingTurns(): () => Promise<void> | undefined {
	let sinceMs = performance.now();
	return () => {
		if (performance.now() - sinceMs < sliceMs) return undefined;
		return nextTurn().then(() => {
			sinceMs = performance.now();
		});
	};
}
