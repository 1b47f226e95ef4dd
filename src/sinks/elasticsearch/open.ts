import type { Delivered, OpenSink, SinkTools, Verdict } from '../../model/sink.ts';
import { takingTurns } from '../shared/taking-turns.ts';
import { verdictsOf } from './answers.ts';
import { openClient, type SearchClient } from './client.ts';
import { documentOf, idOf } from './documents.ts';
import { describeDestination, type ElasticsearchSettings, nameOf } from './settings.ts';

/** In one request. What is more waits for the next one. Servers take 100 MB, unless proxies before them take less. */
const requestMaxLength = 4 * 1024 * 1024;

export async function openElasticsearch(
	settings: ElasticsearchSettings,
	tools: SinkTools,
): Promise<OpenSink> {
	return new ElasticsearchSink(settings, await openClient(settings, tools), tools);
}

/** Writes each batch as one request `_bulk`, which answers for each document. */
class ElasticsearchSink implements OpenSink {
	readonly #client: SearchClient;
	readonly #destination: string;
	readonly #name: string;
	readonly #facts: SinkTools['facts'];

	constructor(settings: ElasticsearchSettings, client: SearchClient, { facts }: SinkTools) {
		this.#client = client;
		this.#destination = describeDestination(settings);
		this.#name = nameOf(settings);
		this.#facts = facts;
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		const { body, count } = await this.#bodyOf(batch);
		const request = { method: 'POST', path: '/_bulk', body, contentType: 'application/x-ndjson' } as const;
		const answer = await this.#client.ask(request, signal);
		const verdicts = verdictsOf(answer, count, this.#destination);
		return [...verdicts, ...batch.slice(count).map(() => 'later' as const)];
	}

	async close(): Promise<void> {
		this.#client.close();
	}

	/** Of as many as are to be written at a time. Data streams take nothing but `create`. */
	async #bodyOf(batch: readonly Delivered[]): Promise<{ readonly body: string; readonly count: number }> {
		const pause = takingTurns();
		const index = JSON.stringify(this.#name);
		let body = '';
		let count = 0;
		for (const outcome of batch) {
			const action = `{"create":{"_index":${index},"_id":"${idOf(outcome)}"}}`;
			const lines = `${action}\n${JSON.stringify(documentOf(outcome, this.#facts))}\n`;
			if (count > 0 && body.length + lines.length > requestMaxLength) break;
			body += lines;
			count++;
			await pause();
		}
		return { body, count };
	}
}
