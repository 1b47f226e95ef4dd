/** An order book over a fake clock, with files and a store that are told, for each test. */
import { beforeEach } from 'vitest';
import { Batches } from '../../../src/engine/batches.ts';
import { OrderBook } from '../../../src/engine/order-book.ts';
import { Scheduler } from '../../../src/engine/scheduler.ts';
import { batchKey } from '../../../src/model/batch.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf } from '../../../src/model/outcome.ts';
import type { OrderFile } from '../../../src/orders/order-file.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { ScriptedProbe } from '../../support/scripted-probe.ts';

export const start = 1_795_240_000_000;

const maxAgeMs = 3_660_000;

export let clock: FakeClock;

export let log: FakeLog;

export let probe: ScriptedProbe;

export let batches: Batches;

export let scheduler: Scheduler;

export let book: OrderBook;

export let files: Map<string, OrderFile>;

export let asked: string[];

export let reads: number;

/** `host NAME [STEP] [once|brief]`; brief: it lives for 10 s. */
function order(id: string, text: string): Order {
	const [, target = '', step = '10', life] = text.split(' ');
	const timing = { stepSeconds: Number(step), pings: 5 };
	return {
		id,
		user: 'test',
		probe: 'scripted',
		...timing,
		options: { host: target },
		target,
		...(life === 'once' ? { once: true } : {}),
		...(life === 'brief' ? { expiresSeconds: 10 } : {}),
		rrdTemplate: 'smokeping',
		tags: {},
		batchKey: batchKey('scripted', timing, { host: target }, 'host'),
	};
}

/** An application writes a file, `ageSeconds` ago. */
export function write(id: string, text: string, ageSeconds = 0): void {
	const mtimeMs = clock.wallMs() - ageSeconds * 1000;
	files.set(`orders/${id}`, { text, mtimeMs, uid: 0 });
	book.fileChanged({ id, path: `orders/${id}`, mtimeMs });
}

export function remove(id: string): void {
	files.delete(`orders/${id}`);
	book.fileRemoved(id);
}

export const targets = () => [...batches].flatMap((batch) => [...batch.byTarget.keys()]);

/** For all tests of the file. Take the variables above only within them. */
export function useOrderBook(): void {
	beforeEach(() => {
		clock = new FakeClock(start);
		log = new FakeLog();
		probe = new ScriptedProbe();
		batches = new Batches(new Map([[probe.name, probe]]), clock);
		files = new Map();
		asked = [];
		reads = 0;
		scheduler = new Scheduler({
			...{ batches, clock, log },
			toolsFor: () => probeTools({}),
			identityOf,
			tell: () => {},
			early: new OutcomeStream(() => {}),
			released: (live) => book.released(live),
		});
		book = new OrderBook(
			{
				batches,
				clock,
				log,
				stream: {
					changed: (order) => asked.push(`changed ${order.id} ${order.target} ${order.stepSeconds}`),
					gone: (id, why) => asked.push(`gone ${id} ${why}`),
				},
				store: {
					reject: (id, message) => asked.push(`reject ${id}: ${message}`),
					clear: (id) => asked.push(`clear ${id}`),
					archive: (id) => asked.push(`archive ${id}`),
					expire: (id, path, ageMs) => asked.push(`expire ${id} ${path} ${ageMs}`),
				},
				readText: (path) => files.get(path) ?? { gone: true },
				readOrder: (id, text) => {
					reads++;
					return text.startsWith('host')
						? { order: order(id, text) }
						: { findings: [{ message: `bad: ${text}` }] };
				},
				describe: (findings) => findings.map((finding) => finding.message).join('; '),
				wake: () => scheduler.wake(),
			},
			maxAgeMs,
		);
	});
}
