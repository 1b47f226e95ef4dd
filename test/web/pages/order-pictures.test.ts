/** The pictures of an order, read at pixels where it is known what must be there. */
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heightOf } from '../../../src/web/browser/smoke-model.ts';
import { heatPlaces } from '../../../src/web/pages/order/heat-svg.ts';
import { smokePlaces } from '../../../src/web/pages/order/smoke-svg.ts';
import type { TestBrowser } from '../support/browser.ts';
import {
	drawn,
	heightSeconds,
	type OrderRig,
	pixel,
	span,
	start,
	startOrderRig,
	step,
} from '../support/order-rig.ts';

let rig: OrderRig;
let browser: TestBrowser;
let address: string;
let at: OrderRig['at'];
beforeAll(async () => {
	rig = await startOrderRig();
	({ browser, address, at } = rig);
}, 120_000);
afterAll(() => rig?.close());

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
		// A slot that is measured meanwhile counts, too.
		expect(await page.locator('#uptime').textContent()).toMatch(/day6[67]\.\d{3}%/);
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

test('the height is that of the numbers above', () => {
	const data = {
		...{ startSeconds: 0, stepSeconds: step, rows: 1, pings: 4, loss: [0], median: [0.03] },
		rtts: [[0.01], [0.02], [0.03], [0.04]],
	};
	expect(heightOf(data, 0, 1)).toBeCloseTo(heightSeconds, 9);
});
