/** `/top` and `/daemon` in a browser. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DaemonAnswer } from '../../../src/model/answers.ts';
import { measured } from '../../../src/model/outcome.ts';
import type { PopAnswer } from '../../../src/model/pops-answer.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { lastResultText } from '../../../src/store/last-result.ts';
import { deviationOf } from '../../../src/web/pages/board/deviation.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { orderOf, outcomeOf, type ServedPages, servePages } from '../support/served-pages.ts';

const orders = {
	slow: orderOf('a/slow', { title: '<b>slow</b>' }),
	lossy: orderOf('b/lossy'),
	steady: orderOf('c/steady'),
	far: { ...orderOf('d/far', { where: { all: true } }), pops: ['fra', 'gva', 'syd', 'zrh'] },
};
const sink: DaemonAnswer['sinks'][number] = {
	...{
		name: 'kafka',
		destination: '<i>broker</i>:9092',
		confirms: true,
		state: 'failing',
		since: 1_795_240_000,
	},
	...{ queued: 7, spooled: 5, spooled_bytes: 12_340, sent: 90, failed: 3, retried: 2, lag: 12.5 },
	last_error: 'no broker answers: <script>alert(1)</script>',
	dropped: { queue_full: 0, spool_full: 0, too_old: 4, refused: 0, unsent: 0, damaged: 0, overload: 0 },
};
const notifier = { ...sink, name: 'ops', destination: 'hooks.slack.com', last_error: '<b>no_service</b>' };

const popOf = (name: string, latitude: number, longitude: number): PopAnswer => ({
	...{ name, labels: { site: '<b>x</b>' }, place: { latitude, longitude }, state: 'here' as const },
	...{ heard: Date.now() / 1000, version: '2', probes: ['icmp'], asked: 1, measured: 1, failing: 0 },
	...{ rejected: 0, spooled_bytes: 10, waiting: 0, synced: true, offset: 0.001, ahead: 0 },
	results: { taken: 1, doubled: 0, refused: 0, future: 0 },
});
const pops: PopAnswer[] = [
	...[popOf('zrh', 47.4, 8.5), popOf('fra', 50.1, 8.7), popOf('gva', 46.2, 6.1)],
	{ ...popOf('syd', -33.9, 151.2), state: 'lost', heard: 1_795_240_000 },
];

let browser: TestBrowser;
let served: ServedPages;
beforeAll(async () => {
	[browser, served] = await Promise.all([
		startBrowser(),
		servePages(Object.values(orders), { daemon: { sinks: [sink], notifiers: [notifier] }, pops }),
	]);
	const { order, slot, pings, measurement } = outcomeOf(orders.slow, [0.2, 0.3, 0.2, 0.3]);
	const facts = { timestamps: 'kernel', delayed: [false, true, false, false] };
	served.stream.outcomes([
		measured(order, slot, pings, measurement.samples, facts),
		outcomeOf(orders.lossy, [0.01, null, null, 0.01]),
		outcomeOf(orders.steady, [0.02, 0.02, 0.02, 0.021]),
	]);
	await vi.waitFor(async () => {
		if (!(await (await fetch(`${served.address}/top`)).text()).includes('b/lossy'))
			throw new Error('not yet');
	}, patient);
});
afterAll(async () => {
	await browser.close();
	served.close();
});

test.each([
	['loss', /1\s+b\/lossy\s+192\.0\.2\.7\s+50%/],
	['median', /1\s+a\/slow <b>slow<\/b>\s+192\.0\.2\.7\s+0%\s+300 ms/],
	['max', /1\s+a\/slow.*300 ms[\s\S]*2\s+c\/steady/],
	['deviation', /1\s+a\/slow.*50\.0 ms/],
	['jitter', /1\s+a\/slow.*100 ms/],
	['change', /Nothing is known of it yet/],
	['nonsense&n=x', /1\s+b\/lossy/],
])('the worst by %s', async (by, expected) => {
	const { page, troubles, close } = await browser.open();
	await page.goto(`${served.address}/top?by=${by}`);
	expect(await page.locator('main').innerText()).toMatch(expected);
	expect(await violationsOf(page)).toEqual([]);
	expect(troubles).toEqual([]);
	await close();
});

test('the page of the daemon tells of sinks, disk, delays and accuracy, without the daemon that it is away', async () => {
	const { page, troubles, close } = await browser.open();
	await page.goto(`${served.address}/daemon`);
	const text = await page.locator('main').innerText();
	expect(text).toMatch(/kafka\s+✕ failing since/);
	expect(text).toContain('<i>broker</i>:9092');
	expect(text).toContain('no broker answers: <script>alert(1)</script>');
	expect(text).toMatch(/▲ 4 too old 4/);
	expect(await page.locator('#notifiers').innerText()).toMatch(
		/ops\s+✕ failing since[\s\S]*hooks\.slack\.com[\s\S]*<b>no_service<\/b>/,
	);
	expect(text).toMatch(/Delay of the main thread\s+median 100 µs, 99 % below 400 µs, at most 2\.00 ms/);
	expect(text).toMatch(/Free\s+80 GB/);
	expect(text).toMatch(/icmp\s+3\s+1\s+0\s+▲ 1 of 4/);
	const drawn =
		'const image = document.querySelector("img.figure"); image.decode().then(() => image.naturalWidth)';
	expect(await page.evaluate(drawn)).toBeGreaterThan(0);
	expect(await violationsOf(page)).toEqual([]);
	served.stopDaemon();
	await expect
		.poll(() => page.locator('#state').innerText(), patient)
		.toContain('The daemon does not answer');
	await served.startDaemon();
	await expect.poll(() => page.locator('#state').innerText(), patient).toContain('orders measured');
	expect(troubles).toEqual([]);
	await close();
});

test('the deviation is that of all answers', () => {
	const of = (...rtts: (number | null)[]) => deviationOf(rtts.map((rttSeconds) => ({ rttSeconds })));
	expect(of(null)).toBe(null);
	expect(of(1, null, 1)).toBe(0);
	expect(of(2, 4, 4, 4, 5, 5, 7, 9)).toBeCloseTo(2, 12);
});

test('points of presence are told by sign, word and number, on a map and in a table; a silent one is unknown', async () => {
	const from = (pop: string, rtts: readonly (number | null)[], slotsAgo = 0) => ({
		...outcomeOf(orders.far, rtts, slotsAgo),
		pop,
	});
	served.stream.outcomes([
		...[from('zrh', [0.01, 0.02, 0.02, 0.02]), from('fra', [0.12, null, 0.12, 0.12])],
		...[from('gva', [null, null, null, null]), from('syd', [0.3, 0.3, null, null], 90)],
	]);
	for (const pop of ['zrh', 'gva']) mkdirSync(`${served.baseDir}/output/d/far/@${pop}`, { recursive: true });
	const now = Math.floor(Date.now() / 1000);
	const result = {
		time: now - 60,
		updated: now,
		step: 60,
		pings: 4,
		loss: 0,
		min: 0.01,
		median: 0.02,
		max: 0.02,
	};
	writeFileSync(`${served.baseDir}/output/d/far/@zrh/last_result`, lastResultText(result));
	writeFileSync(`${served.baseDir}/output/d/far/@gva/error`, errorText(now, 'it has no <i>icmp</i>'));
	const { page, troubles, close } = await browser.open();
	const rows = () => page.locator('table').first().locator('tbody tr').allInnerTexts();
	await vi.waitFor(async () => {
		await page.goto(`${served.address}/pops`);
		expect(
			(await rows()).map((row) => row.split('\t').slice(0, 1).concat(row.split('\t').slice(2, 4))),
		).toEqual([
			['gva', '■ 1 down', '-'],
			['fra', '▲ loss', '120 ms'],
			['zrh', '● no loss', '20 ms'],
			['syd', '○ unknown', '-'],
		]);
	}, patient);
	expect(await rows()).toContainEqual(
		expect.stringMatching(/^syd\t.* ago: lost\t.*\t1\t0\t1\tsite=<b>x<\/b>$/),
	);
	expect(await page.locator('svg.map').getAttribute('aria-label')).toContain('fra: 120 ms, 25% lost');
	expect(await page.locator('svg.map text').allTextContents()).toContain('syd unknown');
	expect(await violationsOf(page)).toEqual([]);
	// In the list it is one row, as the worst of them sees it.
	const listed = (await (await fetch(`${served.address}/api/v1/orders?orders=d/**`)).json()) as {
		orders: { id: string; last: { loss: number } }[];
	};
	expect(listed.orders).toMatchObject([{ id: 'd/far', last: { loss: 4 } }]);
	const overview = await fetch(`${served.address}/?q=d/far`, { headers: { accept: 'text/html' } });
	expect(await overview.text()).toMatch(/■<\/span> down[\s\S]*d%2Ffar/);
	expect(await (await fetch(served.address)).text()).toMatch(/\nd\/far +192\.0\.2\.7 +4 +0 +0\.00% 100\.00%/);
	await page.goto(`${served.address}/pops?orders=other/**`);
	expect(await rows()).toHaveLength(4);
	expect((await rows()).join()).not.toContain('no loss');
	await page.goto(`${served.address}/orders/d%2Ffar`);
	expect((await rows()).map((row) => row.split('\t').slice(0, 3))).toEqual([
		['fra', '○ unknown: it has told nothing lately', '-'],
		['gva', '○ it has no <i>icmp</i>', '-'],
		['syd', '○ unknown: nothing is heard of it', '-'],
		['zrh', '● measuring', '20 ms'],
	]);
	expect(await page.locator('#smoke').count()).toBe(0);
	expect(await violationsOf(page)).toEqual([]);
	await page.goto(`${served.address}/orders/d%2Ffar%2F%40zrh`);
	expect(await page.locator('#smoke').count()).toBe(1);
	expect(troubles).toEqual([]);
	await close();
	const metrics = await (await fetch(`${served.address}/metrics`)).text();
	expect(metrics).toContain('pingmachine_pop_info{pop="zrh",lat="47.4",lon="8.5"} 1');
	expect(metrics).toContain('pingmachine_pop_up{pop="syd"} 0');
	expect(metrics).toContain('pingmachine_pop_waiting{pop="zrh"} 0');
	expect(metrics).not.toContain('pingmachine_pop_waiting{pop="syd"}');
	expect(metrics).not.toMatch(/pingmachine_loss_ratio\{order="d\/far",pop="syd"/);
});
