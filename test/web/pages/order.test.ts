/** The page of an order, in a real browser, over what a real daemon measures and what stands in the files. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heightOf } from '../../../src/web/browser/smoke-model.ts';
import { heatPlaces } from '../../../src/web/pages/order/heat-svg.ts';
import { smokePlaces } from '../../../src/web/pages/order/smoke-svg.ts';
import { Daemon } from '../../support/daemon.ts';
import { icmpOrder, patient, startWebDaemon } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { makeHistory } from '../support/made-history.ts';

const step = 60;
/** An hour of slots, with their answers in seconds: of each quarter of an hour the same. */
const hour = 3600;
const quarters = [[0.01, 0.02, 0.03, 0.04], [0.01, 0.02, 0.03], null, []] as const;
/** Of the 44 ms that the graph is high: 1.1 times the longest. */
const heightSeconds = 0.044;
const hostileId = `lab/a"><img src=x onerror=alert(1)>`;
const hostile = `<script>hacked=1</script>"'><svg onload=hacked=1> ${'W'.repeat(60)}`;

const daemon = new Daemon();
let browser: TestBrowser;
let address: string;
/** When the known hour begins; nothing was measured since. */
const start = Math.floor(Date.now() / 1000 / hour) * hour - 4 * hour;
const span = `start=${start}&end=${start + hour}`;

const at = (id: string, query = '') =>
	`${address}/orders/${encodeURIComponent(id)}${query === '' ? '' : `?${query}`}`;

beforeAll(async () => {
	const slots = quarters.flatMap((slot) => Array.from({ length: 15 }, () => slot));
	const made = { stepSeconds: step, pings: 4, firstSeconds: start, slots };
	makeHistory(daemon.baseDir, {
		...{ ...made, id: 'core/known' },
		more: { title: 'The roof', note: 'on top', link: 'https://me:secret@wiki.example/1', objective: 99.9 },
	});
	makeHistory(daemon.baseDir, {
		...made,
		id: 'core/other',
		slots: slots.map((slot) => slot?.map((rtt) => rtt * 3) ?? null),
	});
	makeHistory(daemon.baseDir, {
		...made,
		id: hostileId,
		more: { title: hostile, note: hostile, tags: { [hostile]: hostile } },
	});
	daemon.order('lab/live', icmpOrder({ step: 4, pings: 4, icmp: { host: '127.0.0.1', interval: 400 } }));
	[browser, { address }] = await Promise.all([startBrowser(), startWebDaemon(daemon)]);
}, 120_000);
afterAll(async () => {
	await browser?.close();
	await daemon[Symbol.asyncDispose]();
});

/** Waits until what is shown was loaded. */
async function drawn(page: Page): Promise<void> {
	await expect.poll(() => page.locator('#readout').textContent(), patient).toMatch(/median|nothing/);
}

/** The colour of a plot's canvas at a share of its width and height. */
function pixel(page: Page, plot: string, x: number, y: number): Promise<string> {
	return page.evaluate<string>(`(() => {
		const canvas = document.querySelector('${plot} canvas');
		const over = document.querySelector('${plot} .u-over').getBoundingClientRect();
		const box = canvas.getBoundingClientRect();
		const ratio = canvas.width / box.width;
		const left = (over.left - box.left + over.width * ${x}) * ratio;
		const top = (over.top - box.top + over.height * ${y}) * ratio;
		return [...canvas.getContext('2d').getImageData(left, top, 1, 1).data.slice(0, 3)].join();
	})()`);
}

const height = (seconds: number) => 1 - seconds / heightSeconds;

describe('the pictures', () => {
	test('have smoke, medians by loss, and nothing where nothing was measured', async () => {
		const { page, troubles, close } = await browser.open();
		await page.goto(at('core/known', span));
		await drawn(page);
		const smoke = (x: number, seconds: number) => pixel(page, '#smoke-graph', x, height(seconds));
		// Outer and inner band, nothing above, and the median in the colour of no loss.
		expect(await smoke(0.1, 0.015)).toBe('161,161,161');
		expect(await smoke(0.1, 0.025)).toBe('96,96,96');
		expect(await smoke(0.1, 0.0425)).toMatch(/^(255,255,255|0,0,0)$/);
		expect(await smoke(0.1, 0.03)).toBe('26,138,60');
		// One of four lost: between the first and the last answer, median 20 ms, and a ground behind.
		expect(await smoke(0.4, 0.02)).toBe('0,145,213');
		expect(await smoke(0.4, 0.0375)).toBe('238,247,253');
		// Not measured, then everything lost.
		expect(await smoke(0.6, 0.025)).toBe('0,0,0');
		expect(await smoke(0.9, 0.025)).toBe('239,211,214');
		const loss = (x: number, share: number) => pixel(page, '#loss-graph', x, 1 - share);
		expect(await loss(0.1, 0.1)).toBe('0,0,0');
		expect(await loss(0.4, 0.1)).toBe('0,145,213');
		expect(await loss(0.4, 0.35)).toBe('0,0,0');
		expect(await loss(0.6, 0.04)).toBe('201,206,212');
		expect(await loss(0.9, 0.9)).toBe('122,0,16');
		expect(troubles).toEqual([]);
		await close();
	});

	test('the heatmap is dark where most answers were', async () => {
		const { page, close } = await browser.open();
		await page.goto(at('core/known', `${span}&heat=hour`));
		await drawn(page);
		// 30 of 105 answers took 10 ms, which is in the bucket up to 10.04 ms; of 8 to 9 ms there is none.
		const shade = await page.evaluate<string[]>(`(() => {
			const canvas = document.querySelector('#heat-graph canvas');
			const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, 0, 1, canvas.height);
			return Array.from({ length: canvas.height }, (_, row) => [...data.slice(row * 4, row * 4 + 3)].join());
		})()`);
		// The share of 10, 20 and 30 ms is 30/105 each, of 40 ms 15/105.
		const most = `rgb(${[0, 72, 150].map((hue) => Math.round(255 * (1 - ((0.12 + 0.88 * Math.sqrt(60 / 105)) * (255 - hue)) / 255)))})`;
		expect(shade).toContain(most.slice(4, -1));
		await close();
	});

	test("the server's are the same", async () => {
		const { page, close } = await browser.open({ javaScriptEnabled: false });
		const { plot, strip, width } = smokePlaces();
		const read = async (name: string) => {
			await page.goto(`${address}/orders/${encodeURIComponent('core/known')}/${name}?${span}&heat=hour`);
			return PNG.sync.read(await page.screenshot());
		};
		const colour = ({ data, width: wide }: PNG, x: number, y: number) => {
			const from = 4 * (Math.round(y) * wide + Math.round(x));
			return [...data.subarray(from, from + 3)].join();
		};
		const smoke = await read('smoke.svg');
		const x = (share: number) => plot.left + share * (plot.right - plot.left);
		const y = (seconds: number) => plot.bottom - (seconds / heightSeconds) * (plot.bottom - plot.top);
		expect(colour(smoke, x(0.1), y(0.015))).toBe('161,161,161');
		expect(colour(smoke, x(0.1), y(0.025))).toBe('96,96,96');
		expect(colour(smoke, x(0.1), y(0.03))).toBe('26,138,60');
		expect(colour(smoke, x(0.4), y(0.0375))).toBe('238,247,253');
		expect(colour(smoke, x(0.6), y(0.0253))).toBe('255,255,255');
		expect(colour(smoke, x(0.9), strip.top + 3)).toBe('122,0,16');
		expect(colour(smoke, x(0.6), strip.bottom - 3)).toBe('201,206,212');
		expect(width).toBe(960);
		const heat = await read('heat.svg');
		const { left, right, top, bottom } = heatPlaces();
		const column = Array.from({ length: bottom - top }, (_, row) =>
			colour(heat, (left + right) / 2, top + row),
		);
		expect(new Set(column).size).toBeGreaterThanOrEqual(3);
		await close();
	});

	test('are shown without JavaScript, with the tables', async () => {
		const { page, troubles, close } = await browser.open({ javaScriptEnabled: false });
		await page.goto(at('core/known', span));
		const widths = await page.locator('noscript img').count();
		expect(widths).toBe(2);
		for (const picture of await page.locator('noscript img').all())
			expect((await picture.boundingBox())?.height).toBeGreaterThan(200);
		expect(await page.locator('#uptime tbody tr').count()).toBe(4);
		expect(await page.locator('#uptime').textContent()).toContain('66.666%');
		expect(await page.locator('#about a').getAttribute('href')).toBe('https://wiki.example/1');
		expect(await page.locator('#smoke-graph').isVisible()).toBe(false);
		expect(troubles).toEqual([]);
		await close();
	});

	test('can be had as PNG and CSV', async () => {
		const { page, close } = await browser.open();
		await page.goto(at('core/known', span));
		await drawn(page);
		const [png] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'PNG' }).click(),
		]);
		const saved = PNG.sync.read(readFileSync(await png.path()));
		expect(saved.width).toBeGreaterThan(600);
		expect(png.suggestedFilename()).toBe('The_roof.png');
		const csv = await fetch(
			new URL((await page.getByRole('link', { name: 'CSV' }).getAttribute('href')) ?? '', address),
		);
		expect(csv.headers.get('content-disposition')).toBe('attachment; filename="core_known.csv"');
		const lines = (await csv.text()).split('\n');
		expect(lines.slice(0, 2)).toEqual([
			'time,step,loss,median,ping1,ping2,ping3,ping4',
			`${start},60,0,0.03,0.01,0.02,0.03,0.04`,
		]);
		expect(lines[32]).toBe(`${start + 31 * step},60,,,,,,`);
		await close();
	});
});

describe('time', () => {
	test('is chosen by drag, wheel, keys and links, kept in the address, and shared with it', async () => {
		const { page, close } = await browser.open();
		await page.goto(at('core/known', span));
		await drawn(page);
		const box = await page.locator('#smoke-graph .u-over').boundingBox();
		if (box === null) throw new Error('there is no graph');
		const [x, y] = [(share: number) => box.x + share * box.width, box.y + box.height / 2];
		const bounds = () => {
			const query = new URL(page.url()).searchParams;
			return [Number(query.get('start')), Number(query.get('end'))] as const;
		};
		await page.mouse.move(x(0.25), y);
		await page.mouse.down();
		await page.mouse.move(x(0.5), y, { steps: 5 });
		await page.mouse.up();
		await expect.poll(() => bounds()[0] - start, patient).toBeGreaterThan(800);
		const dragged = bounds();
		expect(dragged[0]).toBeCloseTo(start + 0.25 * hour, -2);
		expect(dragged[1]).toBeCloseTo(start + 0.5 * hour, -2);
		// Whoever gets the address sees the same.
		const other = await browser.open();
		await other.page.goto(page.url());
		await drawn(other.page);
		expect(await pixel(other.page, '#smoke-graph', 0.5, 0)).toBe(await pixel(page, '#smoke-graph', 0.5, 0));
		expect(await other.page.locator('#readout').textContent()).toBe(
			await page
				.locator('#readout')
				.textContent()
				.then(async () => {
					await page.mouse.move(1, 1);
					return page.locator('#readout').textContent();
				}),
		);
		await other.close();
		await page.goBack();
		await expect.poll(bounds, patient).toEqual([start, start + hour]);
		// The wheel zooms around the pointer.
		await page.mouse.move(x(0), y);
		await page.mouse.wheel(0, -100);
		await expect.poll(() => bounds()[1], patient).toBe(start + hour / 1.25);
		expect(bounds()[0]).toBe(start);
		// Shift and the mouse pan.
		await page.keyboard.down('Shift');
		await page.mouse.move(x(0.5), y);
		await page.mouse.down();
		await page.mouse.move(x(1), y, { steps: 5 });
		await page.mouse.up();
		await page.keyboard.up('Shift');
		await expect.poll(() => bounds()[0], patient).toBeLessThan(start - 1200);
		await page.locator('#smoke-graph').focus();
		await page.keyboard.press('Home');
		await expect.poll(bounds, patient).toEqual([start, start + hour]);
		await page.keyboard.press('ArrowLeft');
		await expect.poll(bounds, patient).toEqual([start - hour / 4, start + 0.75 * hour]);
		await page.getByRole('link', { name: '10d' }).click();
		await expect.poll(() => new URL(page.url()).search, patient).toBe('?range=10d');
		expect(await page.getByRole('link', { name: '10d' }).getAttribute('aria-current')).toBe('true');
		await close();
	});

	test.each([
		['range=3x', 400],
		['start=yesterday', 400],
		['start=200&end=100', 400],
		['start=1e99', 400],
		['range=', 400],
		['start=-2h&end=now', 200],
		['heat=year&fit=x&with=&with=none', 200],
	])('?%s answers %i', async (query, status) => {
		expect((await fetch(at('core/known', query), { headers: { accept: 'text/html' } })).status).toBe(status);
	});

	test('an order that there is not has no page and no pictures', async () => {
		for (const id of ['none', '../core/known', '%00', 'core'])
			for (const more of ['', '/smoke.svg', '/heat.svg', '/series.csv'])
				expect((await fetch(`${address}/orders/${encodeURIComponent(id)}${more}`)).status).toBe(404);
	});
});

describe('an order that is measured', () => {
	test('is followed ping by ping, slot by slot', async () => {
		const { page, troubles, close } = await browser.open();
		await page.goto(at('lab/live'));
		const newest = () => page.locator('#last-slots tbody tr').first().getAttribute('data-slot');
		await expect.poll(newest, patient).toMatch(/^\d+$/);
		await expect
			.poll(() => page.locator('#slot-pings li[data-state=answered]').count(), patient)
			.toBeGreaterThan(0);
		const before = Number(await newest());
		await expect.poll(async () => Number(await newest()), patient).toBeGreaterThan(before);
		expect(await page.locator('#last-slots tbody tr').first().textContent()).toMatch(/0 of 4/);
		await expect.poll(() => page.locator('#readout').textContent(), patient).toMatch(/median .*loss 0%/);
		await page.reload();
		expect(await page.locator('#facts [data-fact=address]').textContent()).toBe('127.0.0.1');
		expect(await page.locator('#explain').textContent()).toMatch(/slots.* measured/);
		expect(troubles).toEqual([]);
		await close();
	});
});

describe('whoever looks', () => {
	test('is shown hostile names as they are, and nothing of them runs', async () => {
		const { page, troubles, close } = await browser.open();
		let dialogs = 0;
		page.on('dialog', (dialog) => {
			dialogs++;
			void dialog.dismiss();
		});
		await page.goto(at(hostileId, span));
		await drawn(page);
		expect(await page.locator('h1').textContent()).toBe(hostile);
		expect(await page.locator('#about').textContent()).toContain(hostileId);
		expect(await page.evaluate('"hacked" in globalThis')).toBe(false);
		expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
		await page.goto(`${at(hostileId)}/smoke.svg?${span}`);
		expect(await page.locator('text').first().textContent()).toBe(hostile);
		expect(dialogs).toBe(0);
		expect(troubles).toEqual([]);
		await close();
	});

	test.each([
		['light', 1280],
		['dark', 1280],
		['light', 390],
	] as const)('finds no fault with axe: %s, %i wide', async (colorScheme, width) => {
		const { page, close } = await browser.open({ colorScheme, viewport: { width, height: 800 } });
		await page.goto(at('core/known', `${span}&with=core/other`));
		await drawn(page);
		expect(await violationsOf(page)).toEqual([]);
		expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
		await close();
	});
});

test('the height is that of the numbers above', () => {
	const data = {
		...{ startSeconds: 0, stepSeconds: step, rows: 1, pings: 4, loss: [0], median: [0.03] },
		rtts: [[0.01], [0.02], [0.03], [0.04]],
	};
	expect(heightOf(data, 0, 1)).toBeCloseTo(heightSeconds, 9);
});
