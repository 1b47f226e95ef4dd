import type { Clock } from '../model/clock.ts';
import type { Log, LogKind, LogLevel } from '../model/log.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';

/** A log in which messages of one kind are told at a limited rate. Those without a kind are told as they come. */
export class LimitedLog implements Log {
	readonly #log: Log;
	readonly #limiter: RepeatLimiter;

	constructor(log: Log, clock: Clock) {
		this.#log = log;
		this.#limiter = new RepeatLimiter(log, clock);
	}

	error(message: string, kind?: LogKind): void {
		this.#say('error', message, kind);
	}

	warn(message: string, kind?: LogKind): void {
		this.#say('warn', message, kind);
	}

	info(message: string, kind?: LogKind): void {
		this.#say('info', message, kind);
	}

	debug(message: string, kind?: LogKind): void {
		this.#say('debug', message, kind);
	}

	/** Tells what is held back. To be called at the end. */
	flush(): void {
		this.#limiter.flush();
	}

	#say(level: LogLevel, message: string, kind: LogKind | undefined): void {
		if (kind === undefined) this.#log[level](message);
		else this.#limiter.limited(kind, level, message);
	}
}
