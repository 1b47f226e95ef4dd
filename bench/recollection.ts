/** bench: memory and time to remember the last ten measurements of 100,000 orders, for people who ask */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Recollection } from '../src/memory/recollection.ts';
import { measured } from '../src/model/outcome.ts';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '100000' } } });
const orders = Number(values.orders);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const memoriesMade: Recollection[][] = [];

console.log(`${orders} orders, ten measurements each; limit 1024 bytes an order`);
/** RTTs as fping prints them: three digits or so. */
const asFping = () => Number((Math.random() * 300).toPrecision(3)) / 1000;
/** As a kernel's timestamps give them: nanoseconds. */
const asKernel = () => Math.round(Math.random() * 3e8) / 1e9;
await measure('fping, 5 pings in 60 s', 60, 5, 0, asFping);
await measure('fping, 20 pings in 300 s', 300, 20, 0, asFping);
await measure('nanoseconds, 20 pings in 300 s', 300, 20, 0.0001, asKernel);

/** `jitterSeconds`: how far the pauses between pings differ. */
async function measure(
	name: string,
	stepSeconds: number,
	pings: number,
	jitterSeconds: number,
	rttSeconds: () => number,
): Promise<void> {
	const before = await bytesUsed();
	const memories = Array.from({ length: orders }, () => new Recollection());
	memoriesMade.push(memories);
	let spentMs = 0;
	for (let slot = 0; slot < 12; slot++) {
		const startSeconds = 1_795_240_200 + slot * stepSeconds;
		const measurements = memories.map((_, index) => {
			const samples = Array.from({ length: pings }, (_unused, ping) => ({
				sentAtSeconds: startSeconds + ping * ((stepSeconds * 0.8) / pings) + Math.random() * jitterSeconds,
				rttSeconds: Math.random() < 0.02 ? null : rttSeconds(),
			}));
			const order = { id: String(index), user: 'me', probe: 'fping', target: '127.0.0.1', tags: {} };
			return measured(order, { startSeconds, stepSeconds }, pings, samples, { jitter: 0.001, mos: 4.4 });
		});
		const startedMs = performance.now();
		for (const [index, measurement] of measurements.entries()) memories[index]?.take(measurement, []);
		spentMs += performance.now() - startedMs;
	}
	const bytes = ((await bytesUsed()) - before) / orders;
	const us = (spentMs * 1000) / (12 * orders);
	console.log(
		`  ${name.padEnd(32)} ${bytes.toFixed(0).padStart(5)} bytes an order, ${us.toFixed(1)} us a measurement`,
	);
}

async function bytesUsed(): Promise<number> {
	for (let round = 0; round < 3; round++) {
		collectGarbage();
		await nextTurn();
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
