import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { nextTurn } from '../feed/pace.ts';
import { formatFor } from '../metrics/negotiate.ts';
import type { OwnMetrics, ServedFilter } from '../metrics/registry.ts';
import { head } from '../server/answers.ts';
import type { Asked, Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** Pieces that are sent are about so long. */
const pieceLength = 64 * 1024;

/**
 * `GET /metrics`.
 *
 * @param own metrics of the program itself, asked for at each scrape
 * @param filterOf what the parameters of a request ask for
 */
export function metricsRoutes(
	{ registry }: WebParts,
	own: () => Promise<readonly OwnMetrics[]>,
	filterOf: (query: URLSearchParams) => ServedFilter | undefined,
): Route[] {
	return [
		{
			...{ method: 'GET', path: '/metrics', part: 'metrics', scope: 'read' },
			handle: async (asked) => {
				const format = formatFor(asked.request.headers.accept);
				const slices = registry.write(format, await own(), filterOf(asked.query));
				await send(asked, format.contentType, pieces(slices));
			},
		},
	];
}

/** What was written so far, whenever it is enough for a piece; others have their turn between the slices. */
async function* pieces(slices: Generator<Buffer>): AsyncGenerator<Buffer> {
	let waiting: Buffer[] = [];
	let bytes = 0;
	await nextTurn();
	for (const ready of slices) {
		waiting.push(ready);
		bytes += ready.length;
		if (bytes >= pieceLength) {
			yield Buffer.concat(waiting);
			waiting = [];
			bytes = 0;
		}
		await nextTurn();
	}
	yield Buffer.concat(waiting);
}

async function send(
	{ request, response }: Asked,
	type: string,
	chunks: AsyncIterable<Buffer>,
): Promise<void> {
	const isGzipped = acceptsGzip(request.headers['accept-encoding']);
	const headers = { 'content-type': type, vary: 'accept, accept-encoding' };
	head(response, 200, isGzipped ? { ...headers, 'content-encoding': 'gzip' } : headers);
	if (request.method === 'HEAD') {
		response.end();
		return;
	}
	const source = Readable.from(chunks, { objectMode: false });
	// Level 1: the text is so regular that more takes time alone.
	if (isGzipped) await pipeline(source, createGzip({ level: 1 }), response as ServerResponse);
	else await pipeline(source, response as ServerResponse);
}

function acceptsGzip(header: string | string[] | undefined): boolean {
	const accepted = String(header ?? '')
		.slice(0, 1000)
		.toLowerCase();
	return /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/.test(accepted);
}
