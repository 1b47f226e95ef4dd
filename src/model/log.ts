/** Where the rooms of the house say what happened. `src/host/log.ts` makes the real one. */
export interface Log {
	error(message: string): void;
	warn(message: string): void;
	info(message: string): void;
	debug(message: string): void;
}
