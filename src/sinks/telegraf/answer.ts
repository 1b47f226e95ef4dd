import { printable } from '../../model/printable.ts';
import { SinkBusy, SinkRefusal, SinkTooLarge, type Verdict } from '../../model/sink.ts';
import { retryAfterMs } from '../shared/retry-after.ts';
import type { EncodedBatch } from './lines.ts';

/** What an InfluxDB, or a Telegraf in its place, answered. */
export interface Answer {
	readonly status: number;
	/** The header of that name. */
	readonly retryAfter: string | null;
	readonly text: string;
}

/** What became of each result of a batch. Throws where the answer is no, or does not say of which. */
export function verdictsOf(answer: Answer, destination: string, batch: EncodedBatch): readonly Verdict[] {
	const { status } = answer;
	if (status >= 200 && status < 300) return batch.verdicts;
	const { whole, isError } = wholeIn(answer.text);
	const said = printable(whole.slice(0, saidMax));
	const message = `${destination}: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
	if (status === 413) throw new SinkTooLarge(message);
	// The batch may be fine, and is lost if it is refused.
	if (status === 400 && wantsSettings.test(said)) throw new Error(`${message}. Write database: or bucket:`);
	if (status === 400 || status === 422) return refusedIn(whole, isError, message, batch);
	const pauseMs = retryAfterMs(answer.retryAfter);
	if (status === 429 || (status === 503 && pauseMs !== null)) throw new SinkBusy(message, pauseMs);
	const remedy = status >= 300 && status < 400 ? 'It is somewhere else. Correct url:' : remedies.get(status);
	throw new Error(remedy === undefined ? message : `${message}. ${remedy}`);
}

const wantsSettings =
	/\b(?:database|org|organization|bucket)\b.*\b(?:is|are|must be) (?:required|specified)/i;

const remedies: ReadonlyMap<number, string> = new Map([
	[401, 'Correct token: or username: and password:'],
	[403, 'Let the token or the user write there'],
	[404, 'Make the database or bucket, or correct its name or url:'],
]);

/** InfluxDB answers in JSON: version 1, and Telegraf in its place, with `error`, version 2 with `message`. */
function wholeIn(text: string): { readonly whole: string; readonly isError: boolean } {
	try {
		const { error, message } = JSON.parse(text) as Record<string, unknown>;
		return { whole: String(message ?? error ?? text).trim(), isError: message === undefined };
	} catch {
		return { whole: text.trim(), isError: false };
	}
}

/** Of a batch that was not taken as it is. Throws where it is not known which are refused. */
function refusedIn(said: string, isError: boolean, message: string, batch: EncodedBatch): readonly Verdict[] {
	const isPartial = partialWrite.test(said);
	const telegraf = isError ? metricParseError.exec(said) : null;
	if (telegraf !== null) {
		const count = 1 + Number(/ \(and (\d+) other parse errors?\)$/.exec(said)?.[1] ?? 0);
		const line = Number(telegraf[1] ?? 0) - 1;
		const owner = count === 1 ? batch.owners[line] : undefined;
		if (owner === undefined) throw partlyRefused(message, count, batch);
		return batch.verdicts.map((verdict, index) => (index === owner ? { refused: message } : verdict));
	}
	const dropped = Number(/ dropped=(\d+)$/.exec(said)?.[1] ?? 0);
	const listed = listedLines(said);
	const found = dropped === 0 ? unparsedIn(listed, batch) : null;
	if (found === null) {
		const refused = Math.max(dropped, listed.length);
		throw isPartial ? partlyRefused(message, refused, batch) : new SinkRefusal(message);
	}
	const { refused, swallowed } = found;
	return batch.verdicts.map((verdict, index) => {
		const reason = refused.get(index);
		if (reason !== undefined) return { refused: reason };
		// Nothing is stored of what a bad line swallowed, or of anything where it is no partial write.
		return verdict === 'taken' && (!isPartial || swallowed.has(index)) ? 'later' : verdict;
	});
}

/** At the beginning only: further on are names and tags, which may say anything. */
const partialWrite = /^(?:failure writing points to database: )?partial write\b/;
/** Telegraf's influxdb_listener has taken the other lines then. */
const metricParseError = /^metric parse error: (?:[\w' ]+ at (\d+):\d+: ")?/;

interface Listed {
	/** One line, or several where the first has an open quote: all that came up to the next one. */
	readonly lines: readonly string[];
	readonly reason: string;
}

/**
 * A blank that ends nothing is escaped in names and tags: neither words of the answer nor the end of a quotation are in
 * them. In the text of a fact they may be; then no line of ours is found there.
 */
function listedLines(said: string): readonly Listed[] {
	const [, ...sections] = said.split(/(?:^|: |\n)unable to parse '/);
	return sections.map((section) => {
		const end = section.indexOf("': ");
		const quoted = end === -1 ? section : section.slice(0, end);
		const lines = quoted.split('\n');
		const reason = end === -1 ? '' : (section.slice(end + 3).split('\n')[0] ?? '');
		return { lines, reason: printable(reason.replace(/ dropped=\d+$/, '').slice(0, saidMax)) };
	});
}

/** Which of the batch the listed lines are of. Null where one of them is not of this batch. */
function unparsedIn(listed: readonly Listed[], { lines, owners }: EncodedBatch) {
	if (listed.length === 0) return null;
	// Of lines that are alike, each is listed by itself.
	const ownersOf = new Map<string, number[]>();
	for (const [index, line] of lines.entries()) {
		const alike = ownersOf.get(line);
		if (alike === undefined) ownersOf.set(line, [owners[index] ?? 0]);
		else alike.push(owners[index] ?? 0);
	}
	const ownerOf = (line: string) => ownersOf.get(line)?.shift();
	const refused = new Map<number, string>();
	const swallowed = new Set<number>();
	for (const {
		lines: [first = '', ...others],
		reason,
	} of listed) {
		const owner = ownerOf(first);
		if (owner === undefined) return null;
		refused.set(owner, `unable to parse '${printable(first.slice(0, saidMax))}': ${reason}`);
		for (const line of others) {
			const other = ownerOf(line);
			if (other !== undefined) swallowed.add(other);
		}
	}
	return { refused, swallowed };
}

/** So many lines are refused, nobody says which: how many results that are, exact where all have as many lines. */
function partlyRefused(
	message: string,
	refusedLines: number,
	{ lines, verdicts }: EncodedBatch,
): SinkRefusal {
	const written = verdicts.filter((verdict) => verdict !== 'later').length;
	const share = refusedLines / Math.max(1, lines.length);
	return new SinkRefusal(message, Math.min(written, Math.max(1, Math.round(share * written))), written);
}

const saidMax = 300;
