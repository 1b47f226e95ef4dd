/** The status page and badges of an order that points of presence alone measure. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mergedOutages } from '../../../src/web/public/order-days.ts';
import { patient } from '../../support/web-daemon.ts';
import { makeHistory } from '../support/made-history.ts';
import { orderOf, type ServedPages, servePages } from '../support/served-pages.ts';

const hour = 3600;
const day = 24 * hour;
/** The whole hour that began ten days ago, at noon. */
const first = Math.floor(Date.now() / 1000 / day) * day - 10 * day + 12 * hour;
const far = orderOf('lab/far', { step: 300, where: { all: true } });
const late = orderOf('yard/late', { step: 300 });
let served: ServedPages;

beforeAll(async () => {
	const web = { status_page: { title: 'Ours', orders: ['lab'] } };
	served = await servePages([far, late], { web });
	const known = { stepSeconds: 300, pings: 4, firstSeconds: first };
	const well = [0.01, 0.01, 0.012, 0.012];
	const slow = [0.03, 0.03, 0.03, 0.03];
	// At one all was well; the other had no answer for half an hour, and is slower.
	makeHistory(served.baseDir, {
		...known,
		id: 'lab/far/@zrh',
		slots: Array.from({ length: 12 }, () => well),
	});
	makeHistory(served.baseDir, {
		...{ ...known, id: 'lab/far/@fra' },
		slots: Array.from({ length: 12 }, (_, at) => (at < 6 ? [] : slow)),
	});
	await vi.waitFor(async () => {
		expect((await fetch(`${served.address}/badge/lab%2Ffar/state.svg`)).status).toBe(200);
	}, patient);
});
afterAll(() => served.close());

test.each([
	['uptime', 'far: uptime 50.000% (month)'],
	['median', 'far: median 30'],
	['loss', 'far: loss 50% (month)'],
])('the badge %s tells of the worst of them', async (kind, words) => {
	const answer = await fetch(`${served.address}/badge/lab%2Ffar/${kind}.svg?period=month`);
	expect(await answer.text()).toContain(`aria-label="${words}`);
});

test('a badge of which nothing is known is not kept, others are', async () => {
	const uptime = async () => {
		const answer = await fetch(`${served.address}/badge/yard%2Flate/uptime.svg?period=month`);
		return /uptime [^ ]*/.exec(await answer.text())?.[0];
	};
	await vi.waitFor(async () => expect(await uptime()).toBe('uptime -'), patient);
	const known = { stepSeconds: 300, pings: 4, firstSeconds: first, id: 'yard/late' };
	makeHistory(served.baseDir, {
		...known,
		slots: Array.from({ length: 12 }, () => [0.01, 0.01, 0.01, 0.01]),
	});
	expect(await uptime()).toBe('uptime 100.000%');
	rmSync(join(served.baseDir, 'output/yard/late'), { recursive: true });
	expect(await uptime()).toBe('uptime 100.000%');
});

test('the status page has the bars and outages of the worst of them', async () => {
	const text = await (await fetch(`${served.address}/public`)).text();
	expect(text).toContain('50.000% uptime');
	expect(text).toMatch(/1 of 90 days measured, 1 with outages/);
	expect(text).toMatch(/had no answer for 30 min/);
});

test('outages of several places are one where they overlap', () => {
	const outage = (startSeconds: number, endSeconds: number | null) => ({ startSeconds, endSeconds });
	const all = [[outage(10, 20), outage(50, null)], [outage(15, 30)], [outage(40, 45), outage(60, 70)]];
	expect(mergedOutages(all)).toEqual([outage(10, 30), outage(40, 45), outage(50, null)]);
});
