import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work in one thread: after so long others have their turn. */
const sliceMs = 4;

/** Lets others have their turn between the pieces of long work. */
export class Pace {
	#beganMs = performance.now();

	/** To be called after each piece: resolves at once, or when others have had their turn. */
	async turn(): Promise<void> {
		if (performance.now() - this.#beganMs < sliceMs) return;
		await nextTurn();
		this.#beganMs = performance.now();
	}
}
