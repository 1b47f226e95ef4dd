/** Where the rooms of the house say what happened. `src/host/log.ts` makes the real one. */
export interface Log {
	error(message: string): void;
	warn(message: string): void;
	info(message: string): void;
	debug(message: string): void;
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
