/** A plain client of Elasticsearch for the benchmark `sinks`: bodies that are made already, one request after the other. */
import { Agent, request } from 'node:http';
import { measured, type Outcome } from '../src/model/outcome.ts';
import { documentOf, idOf } from '../src/sinks/elasticsearch/documents.ts';
import { elasticsearch } from '../src/sinks/elasticsearch/index.ts';
import type { OpenSearch } from '../test/support/opensearch/server.ts';

/** As many as Pingy sends at a time. */
const batchSize = 200;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** With the template of `pingmachine sink setup`, on one server. */
export async function makeDataStream(server: OpenSearch, name: string): Promise<void> {
	const settings = elasticsearch.settings.parse({
		urls: server.url,
		data_stream: name,
		setup: { replicas: 0 },
	});
	await elasticsearch.setup?.(settings, {
		...{ version: 'bench', timeoutMs: 60_000, isDryRun: false, signal: new AbortController().signal },
		say: () => {},
	});
}

/** Sends so many documents, ours or those that Pingy writes. Returns how many a second, and processor time of each, µs. */
export async function sendPlainly(server: OpenSearch, name: string, count: number, kind: 'ours' | 'pingy') {
	const bodies: string[] = [];
	for (let first = 0; first < count; first += batchSize) bodies.push(bodyOf(name, first, kind));
	for (const body of bodies.slice(0, 20)) await post(server, body.replaceAll('"_id":"', '"_id":"warm'));
	const cpu = process.cpuUsage();
	const begunMs = performance.now();
	for (const body of bodies) await post(server, body);
	const tookMs = performance.now() - begunMs;
	const { user, system } = process.cpuUsage(cpu);
	const sent = bodies.length * batchSize;
	return {
		perSecond: Math.round((1000 * sent) / tookMs),
		cpuUs: Math.round((10 * (user + system)) / sent) / 10,
	};
}

/** How much of the disk each document takes when all is merged, bytes. */
export async function bytesPerDocument(server: OpenSearch, name: string): Promise<number> {
	await server.ask('POST', `/${name}/_forcemerge?max_num_segments=1`);
	await server.ask('POST', `/${name}/_flush?force=true`);
	let [bytes, before] = [0, -1];
	// What was merged goes when nobody reads it any more.
	while (bytes !== before) {
		before = bytes;
		await server.ask('POST', `/${name}/_refresh`);
		await new Promise((resolve) => setTimeout(resolve, 2000));
		const { json } = await server.ask('GET', `/${name}/_stats/store,docs`);
		const { _all } = json as {
			_all: { primaries: { store: { size_in_bytes: number }; docs: { count: number } } };
		};
		bytes = Math.round(_all.primaries.store.size_in_bytes / _all.primaries.docs.count);
	}
	return bytes;
}

function bodyOf(name: string, first: number, kind: 'ours' | 'pingy'): string {
	let body = '';
	for (let number = first; number < first + batchSize; number++) {
		const outcome = outcomeOf(number);
		const { ip, '@timestamp': time, status, latency_ms } = documentOf(outcome, null);
		const document =
			kind === 'ours' ? documentOf(outcome, null) : { ip, '@timestamp': time, status, latency_ms };
		body += `{"create":{"_index":"${name}","_id":"${idOf(outcome)}"}}\n${JSON.stringify(document)}\n`;
	}
	return body;
}

/** As the benchmark `delivery` makes them up. */
function outcomeOf(number: number): Outcome {
	const [order, slot] = [number % 10_000, Math.floor(number / 10_000)];
	const target = `10.${order >> 16}.${(order >> 8) & 255}.${order & 255}`;
	const startSeconds = 1_795_240_020 + slot * 60;
	const samples = Array.from({ length: 5 }, (_, ping) => ({
		sentAtSeconds: startSeconds + ping * 9.6 + Math.random(),
		rttSeconds: Math.random() < 0.01 ? null : Math.round(1e7 + Math.random() * 1e7) / 1e9,
	}));
	const identity = {
		...{ id: `user${order % 50}/tunnel-${order}`, user: `user${order % 50}`, task: `tunnel_${order}` },
		...{ probe: 'fping', target, measurementName: 'tunnel' },
		tags: { tunnel_id: String(order), interface: `eth${order % 4}` },
	};
	return measured(identity, { startSeconds, stepSeconds: 60 }, 5, samples, { address: target });
}

function post(server: OpenSearch, body: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
		request(`${server.url}/_bulk`, { method: 'POST', agent, headers }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (piece) => {
				text += piece;
			});
			response.on('end', () => {
				if (response.statusCode === 200 && (JSON.parse(text) as { errors: boolean }).errors === false)
					resolve();
				else reject(new Error(text.slice(0, 500)));
			});
		})
			.on('error', reject)
			.end(body);
	});
}
