import { printable } from '../model/printable.ts';
import { SinkBusy, SinkRefusal } from '../model/sink.ts';

/** What an InfluxDB, or a Telegraf in its place, answered. */
export interface Answer {
	readonly status: number;
	/** The header of that name. */
	readonly retryAfter: string | null;
	readonly text: string;
}

export function isTaken(status: number): boolean {
	return status >= 200 && status < 300;
}

/** What follows from an answer other than yes. */
export function answerError(answer: Answer, destination: string): Error {
	const { status } = answer;
	const said = saidIn(answer.text);
	const message = `${destination}: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
	if (status === 413) return new SinkRefusal(message);
	// The batch may be fine, and is lost if it is refused.
	if (status === 400 && wantsSettings.test(said)) return new Error(`${message}. Write database: or bucket:`);
	// Also a "partial write": what was good has been taken, and taking it again changes nothing.
	if (status === 400 || status === 422) return new SinkRefusal(message);
	const pauseMs = retryAfterMs(answer.retryAfter);
	if (status === 429 || (status === 503 && pauseMs !== null)) return new SinkBusy(message, pauseMs);
	const remedy = status >= 300 && status < 400 ? 'It is somewhere else. Correct url:' : remedies.get(status);
	return new Error(remedy === undefined ? message : `${message}. ${remedy}`);
}

const wantsSettings =
	/\b(?:database|org|organization|bucket)\b.*\b(?:is|are|must be) (?:required|specified)/i;

const remedies: ReadonlyMap<number, string> = new Map([
	[401, 'Correct token: or username: and password:'],
	[403, 'Let the token or the user write there'],
	[404, 'Make the database or bucket, or correct its name or url:'],
]);

/** InfluxDB answers in JSON: version 1 with `error`, version 2 with `message`. */
function saidIn(text: string): string {
	try {
		const { error, message } = JSON.parse(text) as Record<string, unknown>;
		return printable(
			String(message ?? error ?? text)
				.trim()
				.slice(0, saidMax),
		);
	} catch {
		return printable(text.trim().slice(0, saidMax));
	}
}

const saidMax = 300;

/** Seconds, or the time when. */
function retryAfterMs(header: string | null): number | null {
	if (header === null || header.trim() === '') return null;
	const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
	return Number.isNaN(ms) ? null : Math.max(0, ms);
}
