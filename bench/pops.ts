/** bench: a hub and points of presence that hand in results over HTTPS: each slot once, CPU of the hub, delay */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/waiting.ts';
import { DaemonUnderTest, needDisk, quantile, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';

const { values } = parseArgs({
	options: {
		pops: { type: 'string', default: '3' },
		orders: { type: 'string', default: '10000' },
		/** At most three: no slot may begin more than 60 s ahead of the hub's clock. */
		slots: { type: 'string', default: '3' },
		/** Pairs of which each row of main.rrd is looked at. */
		sample: { type: 'string', default: '300' },
	},
});
const [popCount, orders, slots] = [Number(values.pops), Number(values.orders), Number(values.slots)];
const [stepSeconds, pings] = [20, 20];
const pairs = popCount * orders;
const batchSize = 1000;
const cli = new URL('../src/cli.js', import.meta.url).pathname;
// Files of a pair with rrd_template: short, and histograms.
needDisk(pairs, 330_000);

interface Place {
	readonly name: string;
	readonly url: string;
	readonly token: string;
	readonly agent: Agent;
}

const ids = Array.from({ length: orders }, (_, number) => `user${number % 200}/order${number}`);
const daemon = new DaemonUnderTest();
const delaysMs: number[] = [];
try {
	await measure();
} finally {
	await daemon.end();
}

async function measure(): Promise<void> {
	for (const [number, id] of ids.entries()) daemon.order(id, orderText(number));
	const config = join(daemon.baseDir, 'config.yaml');
	writeFileSync(config, `rrd: {template: short}\nhub: {listen: '127.0.0.1:${await freePort()}'}\n`);
	await daemon.start(['--config', config], 'info');
	const places = Array.from({ length: popCount }, (_, number) => placeOf(`pop${number}`));
	const enrolled = () => places.every(({ name }) => existsSync(rrdOf(ids.at(-1) ?? '', name)));
	while (!enrolled()) await sleep(500);
	await sleep(3000);

	const first = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
	const starts = Array.from({ length: slots }, (_, slot) => first + slot * stepSeconds);
	const total = pairs * slots;
	const before = costs();
	const beganMs = performance.now();
	await Promise.all(places.map((place) => handIn(place, starts, delaysMs)));
	const tookSeconds = (performance.now() - beganMs) / 1000;
	const cost = costs(before);
	const micros = (seconds: number) => Math.round((seconds / total) * 1e6);
	print(`${total} results of ${popCount} points of presence and ${orders} orders, ${pings} pings each`);
	print(`taken in ${tookSeconds.toFixed(1)} s: ${Math.round(total / tookSeconds)} a second`);
	print(`CPU of the hub: ${micros(cost.all)} us a result, ${micros(cost.main)} us of it on the main thread`);
	const [p50, p99] = [quantile(delaysMs, 0.5), quantile(delaysMs, 0.99)];
	print(`${batchSize} results are on disk after ${Math.round(p50)} ms (p50), ${Math.round(p99)} ms (p99)`);

	// Delivery is at least once.
	const again = costs();
	await Promise.all(places.map((place) => handIn(place, starts, [])));
	print(`the same once more: ${micros(costs(again).all)} us a result`);
	check(starts, places);
	keepFigures('pops', {
		hub_cpu_us_per_result: micros(cost.all),
		main_thread_us_per_result: micros(cost.main),
		on_disk_ms_p99: p99,
	});
}

/** Each slot of each pair once, and nothing else. */
function check(starts: readonly number[], places: readonly Place[]): void {
	const { pops } = JSON.parse(
		execFileSync(process.execPath, [cli, 'pops', '--json', '--basedir', daemon.baseDir], {
			encoding: 'utf8',
		}),
	) as { readonly pops: readonly { readonly results: Readonly<Record<string, number>> }[] };
	const wanted = { taken: orders * slots, doubled: orders * slots, refused: 0, future: 0 };
	for (const { results } of pops)
		if (Object.entries(wanted).some(([key, count]) => results[key] !== count))
			throw new Error(`counted ${JSON.stringify(results)}, not ${JSON.stringify(wanted)}`);
	const last = starts.at(-1) ?? 0;
	for (const { name } of places) {
		for (const id of ids) {
			const text = readFileSync(join(daemon.baseDir, 'output', id, `@${name}`, 'last_result'), 'utf8');
			if (!text.startsWith(`time: ${last}\n`)) throw new Error(`${id}/@${name} ends otherwise: ${text}`);
		}
	}
	const sample = Math.min(pairs, Number(values.sample));
	for (let number = 0; number < sample; number++) {
		const at = Math.floor((number * pairs) / sample);
		const place = places[at % popCount];
		const rows = rowsOf(rrdOf(ids[Math.floor(at / popCount)] ?? '', place?.name ?? ''), starts);
		if (rows.join() !== starts.join()) throw new Error(`rows of pair ${at}: ${rows.join()}`);
	}
	print(`every slot is there exactly once: of ${pairs} pairs, and row by row of ${sample}`);
}

function rowsOf(rrd: string, starts: readonly number[]): number[] {
	const [first = 0, last = 0] = [starts[0], starts.at(-1)];
	const args = [
		'-r',
		String(stepSeconds),
		'-s',
		String(first - 10 * stepSeconds),
		'-e',
		String(last + 5 * stepSeconds),
	];
	return execFileSync('rrdtool', ['fetch', rrd, 'AVERAGE', ...args], { encoding: 'utf8' })
		.split('\n')
		.filter((row) => /^\d+: 0\./.test(row))
		.map((row) => Number.parseInt(row, 10) - stepSeconds);
}

async function handIn(place: Place, starts: readonly number[], delays: number[]): Promise<void> {
	for (const start of starts) {
		for (let at = 0; at < ids.length; at += batchSize) {
			const body = Buffer.from(
				ids
					.slice(at, at + batchSize)
					.map((id) => resultText(id, place.name, start))
					.join(''),
			);
			const beganMs = performance.now();
			await post(place, body);
			delays.push(performance.now() - beganMs);
		}
	}
}

async function post(place: Place, body: Buffer): Promise<void> {
	for (;;) {
		const { status, after } = await new Promise<{ status: number; after: number }>((resolve, reject) => {
			const headers = { authorization: `Bearer ${place.token}`, 'content-length': body.length };
			request(new URL('/v1/pop/results', place.url), { method: 'POST', agent: place.agent, headers })
				.on('response', (response) => {
					const after = Number(response.headers['retry-after'] ?? 1);
					response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, after }));
				})
				.on('error', reject)
				.end(body);
		});
		if (status === 200) return;
		if (status !== 429 && status !== 503) throw new Error(`the hub answered ${status}`);
		await sleep(1000 * after);
	}
}

function resultText(id: string, pop: string, slot: number): string {
	const samples = Array.from({ length: pings }, (_, ping) => ({
		sent: slot + ping * 0.8,
		rtt: 0.01 + ping / 1e4,
	}));
	const order = { id, user: 'bench', probe: 'icmp', target: '127.0.0.1', tags: {} };
	const facts = { address: '127.0.0.1' };
	const result = { v: 1, order, pop, slot, step: stepSeconds, pings, kind: 'measured', samples, facts };
	return `${JSON.stringify({ ...result, updated: slot + 18, boot: 'bench' })}\n`;
}

function orderText(number: number): string {
	const host = `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
	return `user: bench\nstep: ${stepSeconds}\npings: ${pings}\nprobe: icmp\nicmp: {host: ${host}}\nwhere: {all: true}\n`;
}

function placeOf(name: string): Place {
	const args = [cli, 'pop', 'add', name, '--basedir', daemon.baseDir];
	const { hub, token } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
		readonly hub: string;
		readonly token: string;
	};
	return { name, url: hub, token, agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
}

function rrdOf(id: string, pop: string): string {
	return join(daemon.baseDir, 'output', id, `@${pop}`, 'main.rrd');
}

interface Costs {
	/** Seconds of CPU: of all threads, and of the main one. */
	readonly all: number;
	readonly main: number;
}

function costs(before: Costs = { all: 0, main: 0 }): Costs {
	const { pid } = daemon;
	const ticks = (path: string) => {
		const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
		return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
	};
	return {
		all: ticks(`/proc/${pid}/stat`) - before.all,
		main: ticks(`/proc/${pid}/task/${pid}/stat`) - before.main,
	};
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
