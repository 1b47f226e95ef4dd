import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';
import type { SinkState } from './sink-stats.ts';

export interface HealthParts {
	readonly name: string;
	/** Fit to be told. */
	readonly destination: string;
	readonly clock: Clock;
	readonly log: Log;
	/** What it is, and what it is given; by default a sink and results. */
	readonly kind?: 'notifier';
	readonly what?: 'messages';
}

/** How one sink is doing, which is logged when it changes. */
export class Health {
	/** Tries to open or to write that failed. */
	failed = 0;
	/** Failures since the last write that succeeded. */
	failedInARow = 0;
	lastError: string | null = null;
	readonly #parts: HealthParts;
	readonly #limiter: RepeatLimiter;
	#state: SinkState = 'starting';
	#sinceMs: number;
	/** It fails in writing: that it can be opened does not mean that it works again. */
	#failsInWrite = false;
	/** Since the last failure it has taken something. */
	#hasProgressed = false;

	constructor(parts: HealthParts) {
		this.#parts = parts;
		this.#limiter = new RepeatLimiter(parts.log, parts.clock);
		this.#sinceMs = parts.clock.wallMs();
	}

	get state(): SinkState {
		return this.#state;
	}

	/** When this state began, milliseconds since the epoch. */
	get sinceMs(): number {
		return this.#sinceMs;
	}

	/** It could be opened. `waited`: how many measurements wait for it. */
	opened(waited: number): void {
		if (!this.#failsInWrite) this.#works(waited);
	}

	/** It took something, though perhaps not all. */
	progressed(): void {
		this.failedInARow = 0;
		this.#hasProgressed = true;
	}

	/** It asks for a pause. As long as it takes something between two pauses, it works. */
	isBusy(reason: string): void {
		const works = this.#hasProgressed;
		this.#hasProgressed = false;
		if (!works) {
			this.fails('write', reason);
			return;
		}
		this.failed++;
		this.failedInARow++;
		this.lastError = reason;
	}

	/** It took all that it was given. */
	wrote(waited: number): void {
		this.progressed();
		this.#failsInWrite = false;
		this.#works(waited);
	}

	/** It could not be opened, or written to. */
	fails(step: 'open' | 'write', reason: string): void {
		this.#hasProgressed = false;
		this.failed++;
		this.failedInARow++;
		this.lastError = reason;
		this.#failsInWrite ||= step === 'write';
		if (this.#state === 'failing') return;
		this.#enter('failing');
		const what = step === 'write' ? 'cannot send to' : 'cannot reach';
		this.tell('failing', 'warn', `${what} ${this.#parts.destination}: ${reason}; trying again`);
	}

	/** Logs at a limited rate; messages of one kind are limited together. */
	tell(kind: string, level: keyof Log, message: string): void {
		this.#limiter.limited(kind, level, `${this.#parts.kind ?? 'sink'} ${this.#parts.name}: ${message}`);
	}

	/** Tells what is held back. */
	flush(): void {
		this.#limiter.flush();
	}

	#works(waited: number): void {
		if (this.#state === 'working') return;
		const { clock, destination, what = 'results' } = this.#parts;
		const failedMs = clock.wallMs() - this.#sinceMs;
		if (this.#state === 'starting') this.tell('starting', 'info', `sends to ${destination}`);
		else this.tell('working', 'info', `working again after ${inWords(failedMs)}, ${waited} ${what} waited`);
		this.#enter('working');
	}

	#enter(state: SinkState): void {
		this.#state = state;
		this.#sinceMs = this.#parts.clock.wallMs();
	}
}

/** `40 s`, `12 min`, `3 h`. */
function inWords(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 120) return `${seconds} s`;
	const minutes = Math.round(seconds / 60);
	return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
