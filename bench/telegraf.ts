/** bench: the Telegraf sink: lines a second, processor time a line and main-thread delay, over UDP, TCP and HTTP */
import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measured } from '../src/model/outcome.ts';
import type { Delivered } from '../src/model/sink.ts';
import { outcomeToJson } from '../src/outcomes/outcome-json.ts';
import { telegraf } from '../src/sinks/telegraf/index.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		pings: { type: 'string', default: '5' },
		batch: { type: 'string', default: '1000' },
		json: { type: 'boolean', default: false },
		receive: { type: 'boolean', default: false },
	},
});

type Ways = 'udp' | 'tcp' | 'http';

if (values.receive) await receive();
else for (const way of ['udp', 'tcp', 'http'] as const) await measure(way);

async function measure(way: Ways): Promise<void> {
	// Its processor time is not ours, so it is a process of its own.
	const receiver = fork(fileURLToPath(import.meta.url), ['--receive']);
	const [ports] = (await once(receiver, 'message')) as [Record<Ways, number>];
	const settings = telegraf.settings.parse({ url: `${way}://127.0.0.1:${ports[way]}` });
	const { signal } = new AbortController();
	const sink = await telegraf.open(settings, {
		version: 'bench',
		timeoutMs: 10_000,
		facts: null,
		toJson: outcomeToJson,
		signal,
	});
	const measurements = oneSlot();
	const [size, lines] = [Number(values.batch), measurements.length * (1 + Number(values.pings))];
	// What is measured is not how the compiler warms up.
	await sink.write(measurements.slice(0, size), signal);

	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	const cpu = process.cpuUsage();
	const startMs = performance.now();
	for (let from = 0; from < measurements.length; from += size) {
		await sink.write(measurements.slice(from, from + size), signal);
	}
	const seconds = (performance.now() - startMs) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	delay.disable();
	await sink.close();
	await new Promise((resolve) => setTimeout(resolve, 500));
	receiver.send('end');
	const [received] = (await once(receiver, 'message')) as [number];
	const warm = Math.min(size, measurements.length) * (1 + Number(values.pings));
	const report = {
		way,
		lines,
		seconds,
		linesASecond: Math.round(lines / seconds),
		cpuSeconds: (user + system) / 1e6,
		cpuMicrosecondsALine: (user + system) / lines,
		delayMsP99: Math.max(0, delay.percentile(99) / 1e6 - 1),
		delayMsMax: Math.max(0, delay.max / 1e6 - 1),
		lost: lines + warm - received,
	};
	if (values.json) console.log(JSON.stringify(report));
	else {
		console.log(
			`${way}: ${lines} lines in ${seconds.toFixed(2)} s, ${report.linesASecond} a second, ` +
				`CPU ${report.cpuSeconds.toFixed(2)} s, ${report.cpuMicrosecondsALine.toFixed(1)} µs a line, ` +
				`main-thread delay p99 ${report.delayMsP99.toFixed(1)} max ${report.delayMsMax.toFixed(1)} ms, ` +
				`${report.lost} not received`,
		);
	}
}

/** What is measured in one slot. */
function oneSlot(): Delivered[] {
	const [orders, pings] = [Number(values.orders), Number(values.pings)];
	const slot = { startSeconds: 1_795_239_960, stepSeconds: 60 };
	return Array.from({ length: orders }, (_, number) => {
		const order = {
			id: `user${number % 20}/order${number}`,
			user: 'bench',
			probe: 'fping',
			measurementName: 'tunnel',
			tags: { interface: `eth${number % 8}`, tunnel_id: String(number) },
			target: '127.0.0.1',
		};
		const samples = Array.from({ length: pings }, (_, i) => ({
			sentAtSeconds: slot.startSeconds + i * 9.6,
			rttSeconds: (13 + ((number * 7 + i * 3) % 500)) / 1e6,
		}));
		return measured(order, slot, pings, samples);
	});
}

/** Counts lines. */
async function receive(): Promise<void> {
	let lines = 0;
	const count = (text: Buffer) => {
		for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines++;
	};
	const udp = createSocket({ type: 'udp4', recvBufferSize: 64_000_000 }).on('message', () => lines++);
	const tcp = createServer((socket) => socket.on('data', count));
	const http = createHttpServer((request, response) => {
		request.on('data', count).on('end', () => response.writeHead(204).end());
	});
	udp.bind(0, '127.0.0.1');
	tcp.listen(0, '127.0.0.1');
	http.listen(0, '127.0.0.1');
	await Promise.all([udp, tcp, http].map((server) => once(server, 'listening')));
	const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
	process.send?.({ udp: portOf(udp), tcp: portOf(tcp), http: portOf(http) });
	await once(process, 'message');
	process.send?.(lines, () => process.exit(0));
}
