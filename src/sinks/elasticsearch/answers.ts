import { printable } from '../../model/printable.ts';
import { SinkBusy, SinkRefusal, SinkTooLarge, type Verdict } from '../../model/sink.ts';
import { retryAfterMs } from '../shared/retry-after.ts';
import type { Answer } from './client.ts';

/** What a server says is wrong, in its own words. */
export interface Fault {
	/** Its name of it, such as `mapper_parsing_exception`; empty: it has none. */
	readonly type: string;
	/** In words, with the innermost reason. Bounded, printable. */
	readonly said: string;
}

/**
 * What became of each of so many documents. Throws where the answer is no to all of them. `destination`: for messages.
 */
export function verdictsOf(answer: Answer, count: number, destination: string): readonly Verdict[] {
	if (answer.status !== 200) throw refusalOf(answer, destination);
	const items = (jsonOf(answer.text) as { readonly items?: unknown } | null)?.items;
	if (!Array.isArray(items) || items.length !== count) {
		throw new Error(
			`${destination}: its answer is none of Elasticsearch or OpenSearch. Correct urls:, or look at the proxy before it`,
		);
	}
	return items.map((item) => verdictOf(item, destination));
}

interface ItemAnswer {
	readonly status?: unknown;
	readonly error?: unknown;
}

/** By its status and by the name of what is wrong. */
function verdictOf(item: unknown, destination: string): Verdict {
	const [action] = Object.values((item ?? {}) as Record<string, ItemAnswer>);
	const { status, error } = action ?? {};
	// Of the same id: it is there since an earlier try.
	if (status === 200 || status === 201 || status === 409) return 'taken';
	const { type, said } = faultIn(error);
	const message = `${destination}: ${said === '' ? `status ${String(status)}` : said}`;
	const remedy = remedyOf(type, said);
	if (remedy !== null) return { again: `${message.replace(/[;.]{1,3}$/, '')}. ${remedy}` };
	const isOurs = status === 400 || status === 413 || status === 422;
	return isOurs ? { refused: message } : { again: message };
}

/** What has nothing to do with the document, and passes or can be mended. Null: it is none of these. */
function remedyOf(type: string, said: string): string | null {
	if (type === 'cluster_block_exception') {
		return /disk|flood|read-only-allow-delete|read_only_allow_delete/i.test(said)
			? 'Its disk is full. Free some there, or keep less'
			: 'Allow writing there again (index.blocks)';
	}
	if (type === 'validation_exception' && /shards/.test(said)) {
		return 'Delete old indices there, or raise cluster.max_shards_per_node';
	}
	return remedies[type] ?? null;
}

const remedies: Readonly<Record<string, string>> = {
	es_rejected_execution_exception: 'Its queue is full. It is tried again',
	rejected_execution_exception: 'Its queue is full. It is tried again',
	circuit_breaking_exception: 'It is short of memory. It is tried again',
	index_not_found_exception: 'Run pingmachine sink setup, or make it',
	index_closed_exception: 'Open it',
	security_exception: 'Give the user or the API key the right create_doc there',
	unavailable_shards_exception: 'A part of it is not there. Start its servers',
	invalid_index_name_exception: 'Correct index: or data_stream:',
};

/** Why all of a batch was not taken. */
function refusalOf(answer: Answer, destination: string): Error {
	const { status } = answer;
	const { said } = faultIn(answer.text);
	const message = `${destination}: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
	const pauseMs = retryAfterMs(answer.retryAfter);
	if (status === 413) return new SinkTooLarge(message);
	if (status === 429 || (status === 503 && pauseMs !== null)) return new SinkBusy(message, pauseMs);
	if (status === 400) return new SinkRefusal(message);
	const remedy = wholeRemedy(status);
	return new Error(remedy === null ? message : `${message}. ${remedy}`);
}

/** For people, of an answer to any request. Null: the words of the server have to do. */
export function wholeRemedy(status: number): string | null {
	if (status >= 300 && status < 400) return 'It is somewhere else. Correct urls:';
	return wholeRemedies[status] ?? null;
}

const wholeRemedies: Readonly<Record<number, string>> = {
	401: 'Correct api_key_file:, or username: and password_file:',
	403: 'Give the user or the API key the rights that the documentation names',
	404: 'Correct urls:',
	405: 'Correct urls:',
	406: 'It does not take what we send. Elasticsearch 8 or OpenSearch 2 is needed, or newer',
};

const saidMax = 300;

/** Of an answer's text, or of what stands in it as `error`. */
export function faultIn(error: unknown): Fault {
	if (typeof error === 'string') {
		const json = jsonOf(error) as { readonly error?: unknown } | null;
		const inner = json?.error;
		if (inner !== undefined && typeof inner !== 'string') return faultIn(inner);
		return { type: '', said: short(inner ?? error) };
	}
	if (typeof error !== 'object' || error === null) return { type: '', said: '' };
	const { type = '', reason = '' } = error as { readonly type?: unknown; readonly reason?: unknown };
	const inner = innermostReason(error);
	const because = inner === null || String(reason).includes(inner) ? '' : `: ${inner}`;
	return { type: String(type), said: short(`${String(type)}: ${String(reason)}${because}`) };
}

const nestedMax = 10;

function innermostReason(error: object): string | null {
	let reason: string | null = null;
	let cause: unknown = (error as { readonly caused_by?: unknown }).caused_by;
	for (let depth = 0; depth < nestedMax && typeof cause === 'object' && cause !== null; depth++) {
		const { reason: own, caused_by: next } = cause as { reason?: unknown; caused_by?: unknown };
		if (typeof own === 'string' && own !== '') reason = own;
		cause = next;
	}
	return reason;
}

/** Null when it is no mapping. */
export function jsonOf(text: string): object | null {
	try {
		const json: unknown = JSON.parse(text);
		return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
	} catch {
		return null;
	}
}

/** A page of a proxy is not told. */
function short(text: string): string {
	const plain = /^\s*<(?:!doctype|html)/i.test(text) ? (/<title>([^<]*)/i.exec(text)?.[1] ?? '') : text;
	return printable(plain.trim().slice(0, saidMax));
}
