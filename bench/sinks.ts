/** bench: results to a real Redis, OpenSearch, Kafka and file: how many a second, CPU, main-thread delay, beside others */
/*
 * Options: [--orders 10000] [--slots 20] [--only kafka] [--json]
 *
 * Starts a Redis, an OpenSearch and a Kafka of its own, and runs the benchmark `delivery` with each kind of entry. Where
 * Debian's python3-redis is installed, Pingy's own commands are sent by it to the same Redis, in its batches of 500 pings;
 * a plain client sends our documents, and those of Pingy, to the same OpenSearch, in its batches of 200. Ends with exit
 * code 1 when a sink takes less than 20,000 results a second, that of OpenSearch less than nine tenths of what the plain
 * client brings there, or when one keeps the main thread for 50 ms.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { KafkaBroker } from '../test/support/kafka/broker.ts';
import { OpenSearch } from '../test/support/opensearch/server.ts';
import { freePort, waitFor } from '../test/support/waiting.ts';
import { bytesPerDocument, makeDataStream, sendPlainly } from './search-client.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		slots: { type: 'string', default: '20' },
		/** Only sinks whose name begins so. */
		only: { type: 'string', default: '' },
		json: { type: 'boolean', default: false },
	},
});

const leastPerSecond = 20_000;
const mostDelayMs = 50;
const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-sinks-'));
const topic = 'pingmachine.results';

interface Report {
	readonly 'results a second': number;
	readonly 'CPU, µs a result': number;
	readonly 'main-thread delay p99, ms'?: number;
	readonly 'main-thread delay max, ms'?: number;
	readonly dropped?: number;
}

const pingyWriter = `
import sys, time, redis
r = redis.Redis(port=int(sys.argv[1]))
n = int(sys.argv[2])
docs = [(f"ts:latency:10.{i % 10000 >> 8}.{i & 255}", 1795240020000 + i, 1.5 + i % 100 / 100) for i in range(n) for _ in range(5)]
t, c = time.time(), time.process_time()
for at in range(0, len(docs), 500):
    p = r.pipeline()
    for key, ms, latency in docs[at:at + 500]:
        p.zadd(key, {str(latency): ms})
        p.expire(key, 86400)
    p.execute()
print(n / (time.time() - t), (time.process_time() - c) * 1e6 / n)
`;

const redisPort = await freePort();
const redisArgs = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
const redis = spawn('/usr/bin/setpriv', ['--pdeathsig=KILL', '--', 'redis-server', ...redisArgs], {
	stdio: 'ignore',
});
const ask = (...words: string[]) =>
	spawnSync('redis-cli', ['-p', String(redisPort), ...words], { encoding: 'utf8' });
const isWanted = (name: string) => name.startsWith(values.only);
let broker: KafkaBroker | null = null;
let isSlow = false;
const reports: Record<string, Report> = {};
try {
	await waitFor(
		() => ask('PING').stdout.trim() === 'PONG',
		() => 'redis-server does not answer',
	);
	for (const layout of ['pingy-safe', 'pingy', 'stream', 'last', 'meshping']) {
		ask('FLUSHALL');
		run(`redis, ${layout}`, { type: 'redis', url: `redis://127.0.0.1:${redisPort}`, layout });
	}
	ask('FLUSHALL');
	if (isWanted('redis-py')) runRedisPy();
	if (isWanted('elasticsearch')) await runSearch();
	if (isWanted('kafka')) {
		broker = await KafkaBroker.start();
		for (const compression of ['none', 'lz4', 'snappy', 'gzip']) await runKafka({ compression });
		await runKafka({ format: 'canary' });
	}
	run('file, json', { type: 'file', path: join(folder, 'results.json') });
	run('file, influx', { type: 'file', path: join(folder, 'results.influx'), format: 'influx' });
} finally {
	redis.kill('SIGKILL');
	await broker?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
}
if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
else console.table(reports);
process.exitCode = isSlow ? 1 : 0;

async function runKafka(entry: Readonly<Record<string, string>>): Promise<void> {
	if (broker === null) return;
	const name = `kafka, ${Object.values(entry).join()}`;
	const own = `${topic}.${Object.values(entry).join('.')}`;
	const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [broker.bootstrap] });
	await admin.createTopics({ topics: [own], partitions: 6, replicas: 1 });
	await admin.close();
	run(name, { type: 'kafka', brokers: broker.bootstrap, topic: own, ...entry });
	const logs = execFileSync('du', ['-sbc', '--apparent-size', ...logsOf(broker.folder, own)], {
		encoding: 'utf8',
	});
	const bytes = Number(/(\d+)\s+total/.exec(logs)?.[1] ?? 0);
	// One slot more warms up.
	const results = Number(values.orders) * (Number(values.slots) + 1);
	process.stderr.write(`${name}: ${Math.round(bytes / results)} bytes a result on the broker's disk\n`);
}

function logsOf(broker: string, own: string): string[] {
	const found = execFileSync('find', [join(broker, 'data'), '-path', `*/${own}-*`, '-name', '*.log'], {
		encoding: 'utf8',
	});
	return found.trim().split('\n');
}

/** The server takes less than others: a fourth of the slots. Before and after the plain client, for other things run too. */
async function runSearch(): Promise<void> {
	await using server = await OpenSearch.start();
	const slots = Math.max(1, Math.round(Number(values.slots) / 4));
	const count = Number(values.orders) * slots;
	const plainly = async (name: string, kind: 'ours' | 'pingy') => {
		await makeDataStream(server, name);
		const { perSecond, cpuUs } = await sendPlainly(server, name, count, kind);
		reports[`elasticsearch, plain client, ${name}`] = {
			'results a second': perSecond,
			'CPU, µs a result': cpuUs,
		};
		process.stderr.write(`${name}: ${await bytesPerDocument(server, name)} bytes a document on disk\n`);
		return perSecond;
	};
	await plainly('warm-up', 'ours');
	const before = await plainly('ours-before', 'ours');
	await makeDataStream(server, 'sink');
	const entry = { type: 'elasticsearch', urls: server.url, data_stream: 'sink' };
	run('elasticsearch', entry, { slots, least: 0 });
	process.stderr.write(`sink: ${await bytesPerDocument(server, 'sink')} bytes a document on disk\n`);
	const after = await plainly('ours-after', 'ours');
	await plainly('pingy', 'pingy');
	isSlow ||= (reports['elasticsearch']?.['results a second'] ?? 0) < (0.9 * (before + after)) / 2;
}

/** Runs the benchmark `delivery` in a process of its own. */
function run(
	name: string,
	entry: Readonly<Record<string, unknown>>,
	{ slots = Number(values.slots), least = leastPerSecond } = {},
): void {
	if (!isWanted(name)) return;
	const script = new URL('./delivery.js', import.meta.url).pathname;
	const args = [
		script,
		'--to',
		JSON.stringify(entry),
		'--orders',
		values.orders,
		'--slots',
		String(slots),
		'--sent',
		'--json',
	];
	const ran = execFileSync(process.execPath, args, {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const report = JSON.parse(ran) as Report;
	const delayMs = report['main-thread delay max, ms'] ?? 0;
	isSlow ||= report['results a second'] < least || delayMs > mostDelayMs || report.dropped !== 0;
	reports[name] = {
		'results a second': report['results a second'],
		'CPU, µs a result': report['CPU, µs a result'],
		'main-thread delay p99, ms': report['main-thread delay p99, ms'] ?? 0,
		'main-thread delay max, ms': delayMs,
		dropped: report.dropped ?? 0,
	};
}

/** Pingy's writer: a document a ping, 500 to a transaction. Five pings are a result. */
function runRedisPy(): void {
	const results = (Number(values.orders) * Number(values.slots)) / 10;
	const ran = spawnSync('/usr/bin/python3', ['-c', pingyWriter, String(redisPort), String(results)], {
		encoding: 'utf8',
	});
	if (ran.status !== 0) {
		process.stderr.write('redis-py: not installed (apt-get install python3-redis), so not compared\n');
		return;
	}
	const [perSecond = 0, cpuUs = 0] = ran.stdout.split(' ').map(Number);
	reports['redis-py, pingy'] = {
		'results a second': Math.round(perSecond),
		'CPU, µs a result': Math.round(cpuUs * 10) / 10,
	};
}
