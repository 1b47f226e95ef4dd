import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyRing, ringWrites } from '../../src/history/slot-ring.ts';
import type { Order } from '../../src/model/order.ts';
import { identityOf, measured } from '../../src/model/outcome.ts';
import { OrderSummary } from '../../src/store/order-summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hourSeconds = 1_795_240_800;
const order: Order = {
	...{ id: 'a', user: 'me', probe: 'icmp', options: {}, target: 'x', rrdTemplate: null, tags: {} },
	...{ batchKey: '', stepSeconds: 60, pings: 2 },
};

test('what was counted and what happens after it are one sum, whatever comes twice', () => {
	writeFileSync(
		`${folder}/histograms`,
		`{"since":${hourSeconds},"span":3600,"slots":60,"down":0,"unknown":0,"sent":300,"lost":7,"sum":6,"min":0.01,"max":0.03,"schema":4,"buckets":[]}\n`,
	);
	const shape = { stepSeconds: 60, pings: 2, capacity: 100 };
	const ring = emptyRing(shape);
	const records = [0, 60, 120].map((at) => ({ timeSeconds: hourSeconds + at, loss: 0, medianSeconds: 0.02 }));
	for (const { offset, bytes } of ringWrites(shape, 0, records).writes) bytes.copy(ring, offset);
	writeFileSync(`${folder}/slots`, ring);
	writeFileSync(`${folder}/last_facts`, `time: ${hourSeconds}\naddress: 192.0.2.7\n`);
	const summary = new OrderSummary();
	summary.read({ id: 'a', folder, isArchived: false }, hourSeconds + 3600);
	const row = summary.rowOf('a', 'x');
	expect(row).toMatchObject({
		address: '192.0.2.7',
		sent: 300,
		received: 293,
		minSeconds: 0.01,
		maxSeconds: 0.03,
	});
	for (const average of row.averagesSeconds) expect(average).toBeCloseTo(0.02, 5);
	const outcome = measured(identityOf(order), { startSeconds: hourSeconds + 180, stepSeconds: 60 }, 2, [
		{ sentAtSeconds: hourSeconds + 181, rttSeconds: 0.04 },
		{ sentAtSeconds: hourSeconds + 182, rttSeconds: null },
	]);
	summary.add(outcome);
	summary.add(outcome);
	expect(summary.rowOf('a', 'x')).toMatchObject({
		sent: 302,
		received: 294,
		maxSeconds: 0.04,
		lastSeconds: 0.04,
	});
});

test('nothing is known of an order without files', () => {
	const summary = new OrderSummary();
	summary.read({ id: 'b', folder: `${folder}/b`, isArchived: false }, hourSeconds);
	expect(summary.rowOf('b', 'x')).toMatchObject({ address: 'x', sent: 0, received: 0, lastSeconds: null });
});
