/** bench: how wrong round-trip times get with many targets: fping, timing in JavaScript, and the icmp probe; draws docs/icmp-accuracy.svg */
/*
 * Options: [--targets 10,100,1000,3000,10000] [--out FILE] [--json]
 *
 * A responder in a network of its own answers after 5 ms. What is shown is by how much 1 % of the answers are off, or
 * more; the median of three runs. Needs root.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { EchoFormat, echo } from '../probes/icmp/engine/echo-format.ts';
import { libc } from '../probes/icmp/engine/libc.ts';
import { MessageBatch } from '../probes/icmp/engine/message-batch.ts';
import { openPingSocket } from '../probes/icmp/engine/ping-socket.ts';
import { packAddress } from '../probes/shared/ip-address.ts';
import { isInOwnNetwork, quantileOf, runFping, runIcmp } from './icmp-tools.ts';
import { openTruth, targetsOf } from './icmp-truth.ts';

const { values } = parseArgs({
	options: {
		targets: { type: 'string', default: '10,100,1000,3000,10000' },
		out: { type: 'string', default: 'docs/icmp-accuracy.svg' },
		json: { type: 'boolean', default: false },
	},
});

/** fping prints three digits: hundredths of a millisecond here. */
const delayMs = 5;
/** To all targets together, at least: 1 % of them must be more than a few. */
const pingsAtLeast = 1000;
/** What one fping can send, nearly. */
const mostPerMs = 5;

interface Point {
	readonly targets: number;
	/** Milliseconds: 99 % of the answers are less wrong. */
	readonly fping: number;
	readonly naive: number;
	readonly icmp: number;
}

function errorOf(rtts: readonly number[]): number {
	return quantileOf(
		rtts.map((rtt) => Math.abs(rtt * 1000 - delayMs)),
		0.99,
	);
}

async function measure(count: number): Promise<Point> {
	const targets = targetsOf(count);
	const pings = Math.max(3, Math.min(50, Math.ceil(pingsAtLeast / count)));
	const gapMs = Math.max(1 / mostPerMs, (pings > 3 ? 200 : 1000) / count);
	const roundMs = count * gapMs;
	const fping = runFping(targets, pings, gapMs);
	const naive = await runNaive(targets, pings, roundMs);
	const ours = await runIcmp(targets, pings, (roundMs * pings + 1000) / 0.8, {
		interval: roundMs,
		timeout: 1000,
	});
	return { targets: count, fping: errorOf(fping.rtts), naive: errorOf(naive), icmp: errorOf(ours.rtts) };
}

/** Sends from timers and takes the times when the event loop gets round to it. Seconds. */
async function runNaive(targets: readonly string[], pings: number, roundMs: number): Promise<number[]> {
	const socket = openPingSocket({ family: 4, size: 56 }, 8 << 20);
	const format = new EchoFormat({ family: 4, size: 56, ident: socket.ident, sumsUp: true });
	const out = new MessageBatch(1, format.bytes, 0);
	const input = new MessageBatch(64, 256, 192);
	const key = { tokenLow: 1, tokenHigh: 2, tokenSum: 3 };
	format.prepare(out.memory, out.dataAt(0));
	out.setNameLength(16);
	out.memory.u16[out.nameAt(0) >> 1] = 2;
	const total = targets.length * pings;
	const sentMs = new Float64Array(total);
	const rtts: number[] = [];
	const startMs = performance.now();
	const receive = () => {
		for (;;) {
			const got = libc.recvmmsg(socket.fd, input.address(), input.count, 0x40, null);
			for (let i = 0; i < got; i++) {
				const number = echo.number(input.memory, input.dataAt(i) + 20);
				rtts.push((performance.now() - (sentMs[number] ?? 0)) / 1000);
			}
			if (got > 0) input.reset(got);
			if (got < input.count) return;
		}
	};
	for (let next = 0; next < total; ) {
		const due = Math.min(total, Math.floor(((performance.now() - startMs) * targets.length) / roundMs) + 1);
		for (; next < due; next++) {
			packAddress(targets[next % targets.length] ?? '', out.memory.u8, out.nameAt(0) + 4);
			format.seal(out.memory, out.dataAt(0), key, next, next & 0xffff);
			sentMs[next] = performance.now();
			libc.sendmmsg(socket.fd, out.address(), 1, 0);
		}
		receive();
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	for (const endMs = performance.now() + 500; performance.now() < endMs; receive()) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	libc.close(socket.fd);
	return rtts;
}

// ---- The picture ----

const [width, height, left, top, bottom, right] = [720, 380, 70, 40, 60, 130];
const lines = [
	{ key: 'fping', name: 'fping 5.1', colour: '#c0504d' },
	{ key: 'naive', name: 'timed in JavaScript', colour: '#8064a2' },
	{ key: 'icmp', name: 'probe: icmp', colour: '#2e7d32' },
] as const;

function draw(points: readonly Point[]): string {
	const all = points.flatMap((point) => lines.map(({ key }) => point[key]));
	const exponents = {
		low: Math.floor(Math.log10(Math.min(...all))),
		high: Math.ceil(Math.log10(Math.max(...all))),
	};
	const first = Math.log10(points[0]?.targets ?? 1);
	const last = Math.log10(points.at(-1)?.targets ?? 10);
	const x = (targets: number) =>
		left + ((Math.log10(targets) - first) / (last - first || 1)) * (width - left - right);
	const y = (ms: number) =>
		top +
		((exponents.high - Math.log10(ms)) / (exponents.high - exponents.low || 1)) * (height - top - bottom);
	const parts: string[] = [];
	for (let exponent = exponents.low; exponent <= exponents.high; exponent++) {
		const at = y(10 ** exponent).toFixed(1);
		parts.push(`<line x1="${left}" y1="${at}" x2="${width - right}" y2="${at}" stroke="#ddd"/>`);
		parts.push(
			`<text x="${left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${10 ** exponent} ms</text>`,
		);
	}
	for (const { targets } of points) {
		parts.push(
			`<text x="${x(targets).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${targets.toLocaleString('en')}</text>`,
		);
	}
	for (const { key, colour } of lines) {
		const path = points
			.map((point) => `${x(point.targets).toFixed(1)},${y(point[key]).toFixed(1)}`)
			.join(' ');
		parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
		for (const point of points)
			parts.push(
				`<circle cx="${x(point.targets).toFixed(1)}" cy="${y(point[key]).toFixed(1)}" r="3.5" fill="${colour}"/>`,
			);
	}
	const end = points.at(-1);
	const labels = lines
		.map(({ key, name, colour }) => ({ name, colour, at: end === undefined ? 0 : y(end[key]) }))
		.sort((a, b) => a.at - b.at);
	let lowest = 0;
	for (const { name, colour, at } of labels) {
		// They must not cover each other.
		lowest = Math.max(at, lowest + 14);
		parts.push(
			`<text x="${width - right + 8}" y="${lowest.toFixed(1)}" fill="${colour}" dominant-baseline="middle">${name}</text>`,
		);
	}
	const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`;
	const says = `Error of the round-trip time at a true ${delayMs} ms: 99 % of the answers are below`;
	const title = `<title>${says}</title>\n<rect width="100%" height="100%" fill="white"/>\n<text x="${left}" y="22" font-size="14">${says}</text>`;
	const axis = `<text x="${(left + width - right) / 2}" y="${height - 14}" text-anchor="middle">targets</text>`;
	return `${[head, title, ...parts, axis, '</svg>'].join('\n')}\n`;
}

if (isInOwnNetwork()) {
	const responder = await openTruth(delayMs);
	const points: Point[] = [];
	for (const count of values.targets.split(',')) {
		const runs: Point[] = [];
		for (let run = 0; run < 3; run++) runs.push(await measure(Number(count)));
		const middle = (key: 'fping' | 'naive' | 'icmp') =>
			quantileOf(
				runs.map((one) => one[key]),
				0.5,
			);
		const point = {
			targets: Number(count),
			fping: middle('fping'),
			naive: middle('naive'),
			icmp: middle('icmp'),
		};
		points.push(point);
		const ms = (value: number) => `${value.toFixed(3)} ms`;
		if (!values.json)
			console.log(
				`${point.targets} targets: fping ${ms(point.fping)}, timed in JavaScript ${ms(point.naive)}, icmp ${ms(point.icmp)}`,
			);
	}
	const { keptMs } = await responder.stop();
	if (!values.json) console.log(`the responder kept 99 % of the answers no longer than ${keptMs.p99} ms`);
	mkdirSync(dirname(values.out), { recursive: true });
	writeFileSync(values.out, draw(points));
	if (values.json) console.log(JSON.stringify(points, null, '\t'));
}
