import type { InPieces } from '../../model/pieces.ts';

/** Long work in one thread: after so long others have their turn. */
const sliceMs = 4;

const waiting: (() => void)[] = [];

/**
 * Resolves when others have had their turn. Of all that wait for it one goes on in a turn of the event loop: however many
 * long answers are made at a time, what is short waits for a piece of one of them.
 */
export function nextTurn(): Promise<void> {
	return new Promise((resolve) => {
		if (waiting.push(resolve) === 1) setImmediate(letOneGoOn);
	});
}

function letOneGoOn(): void {
	const [goOn] = waiting.splice(0, 1);
	if (waiting.length > 0) setImmediate(letOneGoOn);
	goOn?.();
}

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

/** Does work in pieces, with turns for others between them and before the first. */
export async function paced<T>(work: InPieces<T>): Promise<T> {
	await nextTurn();
	const pace = new Pace();
	for (;;) {
		const { done, value } = work.next();
		if (done === true) return value;
		await pace.turn();
	}
}
