/** The page of an order, in a real browser, over what a real daemon measures and what stands in the files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newToken } from '../../../src/web/access/tokens.ts';
import { patient } from '../../support/web-daemon.ts';
import { type TestBrowser, violationsOf } from '../support/browser.ts';
import { makeHistory } from '../support/made-history.ts';
import {
	drawn,
	hostile,
	hostileId,
	hour,
	type OrderRig,
	pixel,
	span,
	start,
	startOrderRig,
} from '../support/order-rig.ts';
import { orderOf, servePages } from '../support/served-pages.ts';

let rig: OrderRig;
let browser: TestBrowser;
let address: string;
let at: OrderRig['at'];
const startedSeconds = Date.now() / 1000;
beforeAll(async () => {
	rig = await startOrderRig();
	({ browser, address, at } = rig);
}, 120_000);
afterAll(() => rig?.close());

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
		const focus = 'getComputedStyle(document.activeElement).outlineStyle';
		expect(await page.evaluate(focus)).toBe('solid');
		// Keys zoom around the middle.
		const middle = start + hour / 4;
		for (const [key, length] of [
			['+', 2880],
			['-', 3600],
			['ArrowUp', 2880],
			['ArrowDown', 3600],
		] as const) {
			await page.keyboard.press(key);
			await expect.poll(bounds, patient).toEqual([middle - length / 2, middle + length / 2]);
		}
		await page.keyboard.press('PageDown');
		await expect.poll(bounds, patient).toEqual([start + 0.75 * hour, start + 1.75 * hour]);
		await page.keyboard.press('End');
		await expect.poll(() => new URL(page.url()).search, patient).toBe('?range=1h');
		await page.getByRole('link', { name: '10d' }).click();
		await expect.poll(() => new URL(page.url()).search, patient).toBe('?range=10d');
		expect(await page.getByRole('link', { name: '10d' }).getAttribute('aria-current')).toBe('true');
		await close();
	});

	test('begins with what there is: a young order shows minutes, an older one thirty hours', async () => {
		const textOf = async (id: string) => (await fetch(at(id), { headers: { accept: 'text/html' } })).text();
		for (const [id, range] of [
			['lab/live', '10min'],
			['core/known', '30h'],
		] as const) {
			await expect.poll(() => textOf(id), patient).toContain('data-measured="yes"');
			const text = await textOf(id);
			expect(/data-range="([^"]*)"\s+data-start/.exec(text)?.[1]).toBe(range);
		}
		// Once something is written of it: by its first slot, not by the hour.
		const since = async () => Number(/data-since="(\d+)"/.exec(await textOf('lab/live'))?.[1] ?? 0);
		await expect.poll(since, patient).toBeGreaterThan(startedSeconds - 10);
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

	test('reads times and numbers of her own zone and way', async () => {
		const { page, close } = await browser.open({ locale: 'de-DE', timezoneId: 'Asia/Tokyo' });
		await page.goto(at('core/known', span));
		await drawn(page);
		const style = { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'Asia/Tokyo' } as const;
		const time = new Intl.DateTimeFormat('de-DE', style).format(start * 1000);
		const readout = page.locator('#readout');
		await expect.poll(() => readout.textContent(), patient).toContain(`${time} to `);
		expect(await readout.textContent()).toContain('loss 41,7%');
		expect(await page.locator('#uptime time').first().textContent()).toBe(time);
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

describe('several orders', () => {
	const both = (more: string) => `${address}/compare?order=core/known&order=core/other&${more}`;

	test('are compared over the same time, in lines and in numbers', async () => {
		const { page, troubles, close } = await browser.open();
		await page.goto(both(span));
		await expect.poll(() => pixel(page, '#compare-graph', 0.1, 1 - 0.03 / 0.099), patient).toBe('0,114,178');
		// Nothing was measured, and no answer came, in the second half.
		expect(await pixel(page, '#compare-graph', 0.61, 1 - 0.03 / 0.099)).toBe('0,0,0');
		expect(await pixel(page, '#compare-loss', 0.9, 0.3)).toBe('122,0,16');
		const rows = page.locator('#numbers tbody tr');
		expect(await rows.first().textContent()).toMatch(/1The roof25 ms20 ms30 ms20 ms41.7%100%25%/);
		expect(await rows.last().textContent()).toMatch(/2core\/other75 ms/);
		await page.locator('#compare-graph .u-over').hover({ position: { x: 30, y: 20 } });
		expect(await page.locator('#readout').textContent()).toMatch(
			/1 The roof: 30 ms, loss 0%; 2 core\/other: 90 ms, loss 0%/,
		);
		await page.locator('#compare-graph').focus();
		await page.keyboard.press('ArrowLeft');
		await expect
			.poll(() => new URL(page.url()).searchParams.get('start'), patient)
			.toBe(String(start - hour / 4));
		expect(new URL(page.url()).searchParams.getAll('order')).toEqual(['core/known', 'core/other']);
		expect(await violationsOf(page)).toEqual([]);
		expect(troubles).toEqual([]);
		await close();
	});

	test('are a picture without JavaScript; those that there are not are told', async () => {
		const { page, close } = await browser.open({ javaScriptEnabled: false });
		await page.goto(both(`${span}&order=none&order=`));
		expect((await page.locator('noscript img').boundingBox())?.height).toBeGreaterThan(200);
		expect(await page.locator('#compared').textContent()).toContain('none: there is no such order');
		await close();
		const nine = Array.from({ length: 9 }, (_, at) => `order=${at}`).join('&');
		expect((await fetch(`${address}/compare?${nine}`)).status).toBe(400);
		expect((await fetch(`${address}/compare`)).status).toBe(200);
		expect((await fetch(`${address}/compare.svg?order=none`)).status).toBe(404);
	});
});

test('whoever may see pages alone is shown the graph, and not how it is measured', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-tokens-'));
	writeFileSync(join(folder, 'tokens'), newToken('me', ['read']).line, { mode: 0o600 });
	const web = { public: ['pages', 'health'], tokens_file: join(folder, 'tokens') };
	const served = await servePages([orderOf('core/a', { title: 'The roof' })], { web });
	try {
		makeHistory(served.baseDir, {
			...{ id: 'core/a', stepSeconds: 60, pings: 4, firstSeconds: start },
			slots: [[0.01, 0.02, 0.03, 0.04]],
		});
		const { page, troubles, close } = await browser.open();
		await page.goto(`${served.address}/orders/core%2Fa?start=${start}&end=${start + 600}`);
		await drawn(page);
		expect(await page.locator('#readout').textContent()).toMatch(/median 30 ms/);
		expect(await page.locator('#explain').count()).toBe(0);
		expect((await fetch(`${served.address}/api/v1/orders/core%2Fa/series`)).status).toBe(401);
		expect(troubles).toEqual([]);
		// The web server is killed, and comes back: the page says so, and goes on.
		served.stopWeb();
		await expect.poll(() => page.locator('#link-state').getAttribute('data-state'), patient).toBe('away');
		await served.startWeb();
		await expect.poll(() => page.locator('#link-state').getAttribute('data-state'), patient).toBe('live');
		await close();
	} finally {
		served.close();
		rmSync(folder, { recursive: true });
	}
});
