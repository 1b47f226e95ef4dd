/** Long work in pieces of a millisecond or so: between two of them others can have their turn. */
export type InPieces<T> = Generator<void, T>;

/** Does it in one go, where nobody waits. */
export function atOnce<T>(work: InPieces<T>): T {
	for (;;) {
		const { done, value } = work.next();
		if (done === true) return value;
	}
}
