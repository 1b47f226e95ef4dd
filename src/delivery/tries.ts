import type { Clock } from '../model/clock.ts';

/** The daemon ends, or the sink is closed, before there was an answer. */
export class SinkStopped extends Error {
	override readonly name = 'SinkStopped';
}

/**
 * Waiting that comes to an end, whatever a sink does: after a time, when there is news, or when it is time to stop.
 */
export class Patience {
	readonly #clock: Clock;
	readonly #waiting = new Set<() => void>();
	readonly #tries = new Set<(error: Error) => void>();
	#isStopped = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	get isStopped(): boolean {
		return this.#isStopped;
	}

	/** There is news for those in `untilWoken`. */
	wake(): void {
		for (const resolve of [...this.#waiting]) resolve();
	}

	/** Ends everything that waits, for good. */
	stop(): void {
		this.#isStopped = true;
		this.wake();
		for (const giveUp of [...this.#tries]) giveUp(new SinkStopped('it was stopped'));
	}

	/** Resolves when woken, and after `timeoutMs` at the latest. */
	untilWoken(timeoutMs?: number): Promise<void> {
		if (this.#isStopped) return Promise.resolve();
		return new Promise((resolve) => {
			const done = () => {
				cancel();
				this.#waiting.delete(done);
				resolve();
			};
			const cancel = timeoutMs === undefined ? () => {} : this.#clock.after(timeoutMs, done);
			this.#waiting.add(done);
		});
	}

	/**
	 * Settles as `action` does, but rejects after `timeoutMs`, or with `SinkStopped`; then its signal fires, and what it
	 * resolves with all the same goes to `late`.
	 */
	during<T>(
		timeoutMs: number,
		action: (signal: AbortSignal) => Promise<T>,
		late: (result: T) => unknown = () => {},
	): Promise<T> {
		const controller = new AbortController();
		return new Promise<T>((resolve, reject) => {
			let isGivenUp = false;
			const end = () => {
				cancel();
				this.#tries.delete(giveUp);
			};
			const giveUp = (error: Error) => {
				end();
				isGivenUp = true;
				reject(error);
				controller.abort(error);
			};
			const tooLate = () => giveUp(new Error(`no answer within ${timeoutMs / 1000} s`));
			const cancel = this.#clock.after(timeoutMs, tooLate);
			this.#tries.add(giveUp);
			// A sink may throw at once as well as reject.
			const acting = async () => action(controller.signal);
			acting().then(
				(result) => {
					if (isGivenUp)
						Promise.resolve(result)
							.then(late)
							.catch(() => {});
					end();
					resolve(result);
				},
				(error) => {
					end();
					reject(error);
				},
			);
			if (this.#isStopped) giveUp(new SinkStopped('it was stopped'));
		});
	}
}

/** `SinkRefusal`, also of another copy of the module: sinks of a test are compiled on their own. */
export function wasRefused(error: unknown): boolean {
	return error instanceof Error && (error.name === 'SinkRefusal' || wasTooLarge(error));
}

/** `SinkTooLarge`, likewise. */
export function wasTooLarge(error: unknown): boolean {
	return error instanceof Error && error.name === 'SinkTooLarge';
}

/** No use in writing anything else just now: the other end asks for a pause, or we are told to stop. */
export function isOver(error: unknown): boolean {
	return error instanceof SinkStopped || retryAfterMs(error) !== null;
}

/** Of a `SinkRefusal`: how many of the first `of` are refused while the others of these are taken; else null. */
export function refusedOnly(error: unknown, length: number): { refused: number; of: number } | null {
	const { refusedOnly: count, ofFirst } = error as { readonly refusedOnly?: unknown; ofFirst?: unknown };
	if (typeof count !== 'number' || count < 0) return null;
	const of = typeof ofFirst === 'number' && ofFirst > 0 ? Math.min(ofFirst, length) : length;
	return { refused: Math.min(count, of), of };
}

/** Of a `SinkBusy` or `NotifierBusy`: how long to wait, milliseconds; -1 when it does not say. Null: it is another error. */
export function retryAfterMs(error: unknown): number | null {
	if (!(error instanceof Error) || !busyNames.has(error.name)) return null;
	const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
	return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? Math.min(retryAfterMs, busyMaxMs) : -1;
}

const busyNames: ReadonlySet<string> = new Set(['SinkBusy', 'NotifierBusy']);
/** A header that asks for more is wrong. */
const busyMaxMs = 3600_000;

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
