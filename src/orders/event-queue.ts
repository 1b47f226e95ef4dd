/** So many events within one settling time, and the queue may have run over, which it does silently. */
const burstEvents = 1_000;

/** Counts the events of inotify, which has one queue for all that a thread watches: whatever makes it run over, anybody may miss some. */
class EventQueue {
	readonly #missing = new Set<() => void>();
	#events = 0;

	/** There were so many events that others may be missing. */
	get isBurst(): boolean {
		return this.#events >= burstEvents;
	}

	/** `mayMiss` is called after each burst. Returns what ends that. */
	join(mayMiss: () => void): () => void {
		this.#missing.add(mayMiss);
		return () => {
			this.#missing.delete(mayMiss);
			if (this.#missing.size === 0) this.#events = 0;
		};
	}

	/** An event, of whatever folder. */
	noticed(): void {
		this.#events++;
	}

	/** For somebody the settling time is over. Events that come together are all counted before: no timer fires in between. */
	settled(): void {
		const { isBurst } = this;
		this.#events = 0;
		if (isBurst) for (const mayMiss of this.#missing) mayMiss();
	}
}

/** That of this thread. */
export const eventQueue = new EventQueue();
