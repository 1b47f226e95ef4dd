/** Where in its slot a job runs, milliseconds from the start of the slot. */
export interface Place {
	readonly offsetMs: number;
	readonly windowMs: number;
}

/** Starts within a turn are staggered over this part of it; a run takes about 80 % of its window. */
const stagger = 0.1;
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * The place of the batch with this ordinal in a slot that is cut into so many turns.
 *
 * The multiples of the golden ratio fill the slot evenly however many of them there are, and whichever are left out,
 * so batches do not collide and keep their places when others come and go.
 */
export function placeInSlot(ordinal: number, stepMs: number, rounds: number): Place {
	const windowMs = stepMs / rounds;
	const turns = ((ordinal * goldenRatio) % 1) * rounds;
	const round = Math.floor(turns);
	return { offsetMs: (round + (turns - round) * stagger) * windowMs, windowMs };
}

/** In how many turns batches must run that together weigh `weight`, so that no more than `lanes` run at a time. */
export function roundsNeeded(weight: number, lanes: number): number {
	return Math.max(1, Math.ceil(weight / lanes));
}

/** The values in random order. */
export function shuffled<T>(values: Iterable<T>): T[] {
	const result = [...values];
	for (let i = result.length - 1; i > 0; i--) {
		const j = Math.floor(Math.random() * (i + 1));
		const moved = result[i] as T;
		result[i] = result[j] as T;
		result[j] = moved;
	}
	return result;
}
