import type { Log } from '../../src/model/log.ts';

/** Keeps what is logged: `level: message`. */
export class FakeLog implements Log {
	readonly lines: string[] = [];
	error(message: string): void {
		this.lines.push(`error: ${message}`);
	}
	warn(message: string): void {
		this.lines.push(`warn: ${message}`);
	}
	info(message: string): void {
		this.lines.push(`info: ${message}`);
	}
	debug(message: string): void {
		this.lines.push(`debug: ${message}`);
	}
}
