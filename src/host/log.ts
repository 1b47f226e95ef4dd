import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import winston from 'winston';
import type { Log, LogFormat, LogLevel } from '../model/log.ts';
import { colouredLine, journalLine, jsonLine, type LogLine, plainLine, terminalLine } from './log-line.ts';

export interface LogOptions {
	readonly level: LogLevel;
	readonly format: LogFormat;
	/** Default: standard error. */
	readonly stream?: LogStream;
	/** Default: that of the process. */
	readonly environment?: NodeJS.ProcessEnv;
}

/** Where a log goes. `process.stderr` is one. */
type LogStream = Writable & { readonly isTTY?: boolean; readonly fd?: number };

/** The log of the whole process. A message is one line, whatever is in it. */
export interface ProcessLog extends Log {
	/** From now on, messages that matter less are left out. */
	setLevel(level: LogLevel): void;
	/** Resolves when everything has been written. What is logged afterwards is left out. */
	close(): Promise<void>;
}

/** Never throws, not even when nobody reads the stream any more. */
export function createLog(options: LogOptions): ProcessLog {
	const stream: LogStream = options.stream ?? process.stderr;
	// A terminal that closes, or a journald that restarts, must not end the daemon.
	stream.on('error', () => {});
	const line = lineFor(options.format, stream, options.environment ?? process.env);
	const logger = winston.createLogger({
		level: options.level,
		format: winston.format.printf(({ level, message }) =>
			line(level as LogLevel, String(message), new Date()),
		),
		transports: [new winston.transports.Stream({ stream, eol: '\n' })],
	});
	let isOpen = true;
	const write = (level: LogLevel) => (message: string) => {
		if (isOpen) logger.log(level, message);
	};
	return {
		error: write('error'),
		warn: write('warn'),
		info: write('info'),
		debug: write('debug'),
		setLevel(level) {
			logger.level = level;
		},
		async close() {
			if (!isOpen) return;
			isOpen = false;
			const finished = once(logger, 'finish');
			logger.end();
			await finished;
			await new Promise<void>((resolve) => stream.write('', () => resolve()));
		},
	};
}

function lineFor(format: LogFormat, stream: LogStream, environment: NodeJS.ProcessEnv): LogLine {
	if (format === 'json') return jsonLine;
	if (format === 'journal' || (format === 'auto' && leadsToJournal(stream, environment))) return journalLine;
	if (stream.isTTY !== true) return plainLine;
	return environment['NO_COLOR'] || environment['TERM'] === 'dumb' ? terminalLine : colouredLine;
}

/**
 * True when `stream` is the one that systemd connected to the journal (JOURNAL_STREAM, systemd.exec(5)). Other signs
 * of systemd, such as INVOCATION_ID, are passed on to programs whose output goes elsewhere.
 */
function leadsToJournal(stream: LogStream, environment: NodeJS.ProcessEnv): boolean {
	const journal = environment['JOURNAL_STREAM'];
	if (journal === undefined || stream.fd === undefined) return false;
	try {
		const { dev, ino } = fstatSync(stream.fd, { bigint: true });
		return journal === `${dev}:${ino}`;
	} catch {
		return false;
	}
}
