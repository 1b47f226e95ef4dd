import { monotonicMs } from './counters.ts';
import type { PostedRequest, StoreRequest } from './messages.ts';

/** So many requests travel together at most: the worker does other things in between. */
const together = 100;

/** What goes to the worker when this turn is over: a message for each request would keep both threads busy. */
export class Letters {
	readonly #send: (letters: readonly PostedRequest[]) => void;
	#waiting: PostedRequest[] = [];

	constructor(send: (letters: readonly PostedRequest[]) => void) {
		this.#send = send;
	}

	post(request: StoreRequest): void {
		const count = this.#waiting.push({ postedAtMs: monotonicMs(), request });
		if (count === 1) queueMicrotask(() => this.#flush());
		else if (count === together) this.#flush();
	}

	#flush(): void {
		const letters = this.#waiting;
		this.#waiting = [];
		if (letters.length > 0) this.#send(letters);
	}
}
