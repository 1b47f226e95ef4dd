import { printable } from '../../model/printable.ts';
import { SinkBusy, SinkRefusal } from '../../model/sink.ts';

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

/** How much was written. */
export interface Written {
	readonly results: number;
	readonly lines: number;
}

/** What follows from an answer other than yes. */
export function answerError(answer: Answer, destination: string, written: Written): Error {
	const { status } = answer;
	const whole = wholeIn(answer.text);
	const said = printable(whole.slice(0, saidMax));
	const message = `${destination}: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
	if (status === 413) return new SinkRefusal(message);
	// The batch may be fine, and is lost if it is refused.
	if (status === 400 && wantsSettings.test(said)) return new Error(`${message}. Write database: or bucket:`);
	if (status === 400 || status === 422) return new SinkRefusal(message, refusedResults(whole, written));
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
function wholeIn(text: string): string {
	try {
		const { error, message } = JSON.parse(text) as Record<string, unknown>;
		return String(message ?? error ?? text).trim();
	} catch {
		return text.trim();
	}
}

/**
 * Of a "partial write", after which all good lines are stored, how many results have bad ones: InfluxDB counts lines,
 * so this is exact where all results have as many. Null: it is no partial write, and nothing is stored.
 */
function refusedResults(said: string, { results, lines }: Written): number | null {
	if (!partialWrite.test(said)) return null;
	// Lines that cannot be parsed are listed, and not counted.
	const unparsed = said.match(/(?:^|: |\n)unable to parse '/g)?.length ?? 0;
	const dropped = Number(/ dropped=(\d+)$/.exec(said)?.[1] ?? 0);
	const share = Math.max(dropped, unparsed) / Math.max(1, lines);
	return Math.min(results, Math.max(1, Math.round(share * results)));
}

/** At the beginning only: further on are names and tags, which may say anything. */
const partialWrite = /^(?:failure writing points to database: )?partial write\b/;

const saidMax = 300;

/** Seconds, or the time when. */
function retryAfterMs(header: string | null): number | null {
	if (header === null || header.trim() === '') return null;
	const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
	return Number.isNaN(ms) ? null : Math.max(0, ms);
}
