/** bench: how soon an order is picked up: one among many, and many at once */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, loopbackOrder, needDisk, quantile, sleep } from './daemon-under-test.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		single: { type: 'string', default: '40' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const singles = Number(values.single);
const stepSeconds = 60;
const pings = 5;
const rrdBytes = 672_008;
needDisk(orders + singles, rrdBytes);

const daemon = new DaemonUnderTest();
try {
	await daemon.start();
	const burst = await measureBurst();
	const single = await measureSingles();
	const limitMs = measureLimit();
	report({ burst, single, limitMs });
} finally {
	await daemon.end();
}

/** All orders at once, into the running daemon: from the first one written to the last one picked up and made room for. */
async function measureBurst() {
	const waiting = new Set(Array.from({ length: orders }, (_, i) => `burst/${i % 50}/${i}`));
	const paths = [...waiting].map((id) => join(daemon.baseDir, 'output', id, 'main.rrd'));
	const startMs = performance.now();
	const allPicked = new Promise<number>((resolve) => {
		const end = daemon.onLog(({ message }) => {
			const id = newOrderId(message);
			if (id === null || !waiting.delete(id) || waiting.size > 0) return;
			end();
			resolve(performance.now() - startMs);
		});
	});
	let number = 0;
	for (const id of waiting) daemon.order(id, loopbackOrder(number++, stepSeconds, pings));
	const writtenMs = performance.now() - startMs;
	const pickedUpMs = await allPicked;
	while (paths.length > 0) {
		while (paths.length > 0 && existsSync(paths.at(-1) as string)) paths.pop();
		if (paths.length > 0) await sleep(50);
	}
	return { orders, writtenMs, pickedUpMs, withRrdMs: performance.now() - startMs };
}

/** One order after another, at odd moments, among all the others being measured. */
async function measureSingles() {
	const times: number[] = [];
	for (let i = 0; i < singles; i++) {
		await sleep(500 + Math.random() * 1500);
		const id = `single/${i}`;
		const startMs = performance.now();
		const picked = daemon.logged(({ message }) => newOrderId(message) === id);
		daemon.order(id, loopbackOrder(orders + i, stepSeconds, pings));
		await picked;
		times.push(performance.now() - startMs);
	}
	return {
		among: orders,
		medianMs: quantile(times, 0.5),
		p95Ms: quantile(times, 0.95),
		worstMs: Math.max(...times),
	};
}

/** What the kernel alone needs for so many files of that size, milliseconds: measured on fewer of them. */
function measureLimit(): number {
	const files = Math.min(orders, 3000);
	const content = Buffer.alloc(rrdBytes, 0xff);
	const startMs = performance.now();
	for (let i = 0; i < files; i++) {
		mkdirSync(join(daemon.baseDir, `limit-${i}`));
		writeFileSync(join(daemon.baseDir, `limit-${i}`, 'main.rrd'), content);
	}
	return ((performance.now() - startMs) / files) * orders;
}

function newOrderId(message: string): string | null {
	return /^new order: (\S+) /.exec(message)?.[1] ?? null;
}

function report(result: {
	burst: Awaited<ReturnType<typeof measureBurst>>;
	single: Awaited<ReturnType<typeof measureSingles>>;
	limitMs: number;
}): void {
	if (values.json) {
		console.log(JSON.stringify(result));
		return;
	}
	const { burst, single, limitMs } = result;
	const ms = (value: number) => `${value.toFixed(0)} ms`;
	console.log(
		`${burst.orders} orders at once: written ${ms(burst.writtenMs)}, picked up ${ms(burst.pickedUpMs)}, `,
	);
	console.log(
		`  all with main.rrd after ${ms(burst.withRrdMs)} (limit 15 s), ${(burst.withRrdMs / limitMs).toFixed(2)} times ` +
			`what plain writes of the same bytes take (${ms(limitMs)})`,
	);
	console.log(
		`one order among ${single.among}: median ${ms(single.medianMs)} (limit 100 ms), p95 ${ms(single.p95Ms)}, `,
	);
	console.log(`  worst ${ms(single.worstMs)} (limit 1 s)`);
}
