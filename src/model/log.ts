/** What a message is about that may come again and again. */
type LogCode = 'clock_back' | 'not_measured' | 'overrun' | 'probe' | 'question' | 'skipped' | 'subscriber';

/** Messages of one kind are told together: a code and, where it matters, whose: `skipped fping`. */
export type LogKind = LogCode | `${LogCode} ${string}`;

/** Where the rooms of the house say what happened. `src/host/log.ts` makes the real one. */
export interface Log {
	error(message: string, kind?: LogKind): void;
	warn(message: string, kind?: LogKind): void;
	info(message: string, kind?: LogKind): void;
	debug(message: string, kind?: LogKind): void;
}

export type LogLevel = keyof Log;

/** From the one that matters most. */
export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/**
 * `text`: for people. `json`: one object a line, with time, level and message. `journal`: with priorities for
 * journald. `auto`: `journal` where the log goes to journald, else `text`.
 */
export type LogFormat = 'auto' | 'text' | 'json' | 'journal';

export const logFormats: readonly LogFormat[] = ['auto', 'text', 'json', 'journal'];
