/** `/top` and `/daemon` in a browser. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DaemonAnswer } from '../../../src/model/answers.ts';
import { measured } from '../../../src/model/outcome.ts';
import { deviationOf } from '../../../src/web/pages/board/deviation.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { orderOf, outcomeOf, type ServedPages, servePages } from '../support/served-pages.ts';

const orders = {
	slow: orderOf('a/slow', { title: '<b>slow</b>' }),
	lossy: orderOf('b/lossy'),
	steady: orderOf('c/steady'),
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

let browser: TestBrowser;
let served: ServedPages;
beforeAll(async () => {
	[browser, served] = await Promise.all([
		startBrowser(),
		servePages(Object.values(orders), { daemon: { sinks: [sink] } }),
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
