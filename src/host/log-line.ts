import type { LogLevel } from '../model/log.ts';
import { escapeJson, printable } from '../model/printable.ts';

/** Makes one line, without its end, of one message. Nothing in the message can begin another or steer a terminal. */
export type LogLine = (level: LogLevel, message: string, time: Date) => string;

/** For a program that collects logs. */
export const jsonLine: LogLine = (level, message, time) =>
	escapeJson(JSON.stringify({ time: time.toISOString(), level, message }));

/** For journald, which has the time already and reads the priority (sd-daemon(3)) from the start of the line. */
export const journalLine: LogLine = (level, message) => `<${priorities[level]}>${printable(message)}`;

/** For a file. */
export const plainLine: LogLine = (level, message, time) =>
	`${time.toISOString()} ${level}: ${printable(message)}`;

/** For a person: local time of day. */
export const terminalLine: LogLine = (level, message, time) =>
	`${time.toTimeString().slice(0, 8)} ${level.padEnd(5)} ${printable(message)}`;

/** The same with colours. */
export const colouredLine: LogLine = (level, message, time) =>
	`${time.toTimeString().slice(0, 8)} \x1b[${colours[level]}m${level.padEnd(5)}\x1b[0m ${printable(message)}`;

const priorities = { error: 3, warn: 4, info: 6, debug: 7 } as const;
/** Red, yellow, green, grey. */
const colours = { error: 31, warn: 33, info: 32, debug: 90 } as const;
