/** `/` in a browser: rows, folders, filters, live updates, and what the daemon or the server does meanwhile. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Order } from '../../../src/model/order.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { failureOf, orderOf, outcomeOf, type ServedPages, servePages } from '../support/served-pages.ts';

const hostile = '"><img src=x onerror=alert(1)><b id=broken>\u202e';
const orders = {
	well: orderOf('core/zurich/a', { title: 'Uplink to Basel', tags: { site: 'zurich' } }),
	lossy: orderOf('core/basel/b', { user: 'other' }),
	down: orderOf('core/basel/c'),
	failing: orderOf('edge/d', { probe: 'fping', fping: { host: '192.0.2.9' } }),
	hostile: orderOf(`edge/${hostile.replaceAll('/', '')}`, {
		...{ title: `<script>alert(2)</script>${'x'.repeat(200)}`, user: "<i>'" },
		tags: { '<b>': '"&' },
	}),
};

let browser: TestBrowser;
let served: ServedPages;
beforeAll(async () => {
	[browser, served] = await Promise.all([startBrowser(), servePages(Object.values(orders))]);
	served.stream.outcomes([
		outcomeOf(orders.well, [0.01, 0.011, 0.012, 0.02]),
		outcomeOf(orders.lossy, [0.03, null, 0.032, 0.033]),
		outcomeOf(orders.down, [null, null, null, null]),
		failureOf(orders.failing, 'the name does not exist: correct fping.host'),
	]);
	await vi.waitFor(async () => {
		if (!(await pageText()).includes('correct fping.host')) throw new Error('it is not told yet');
	}, patient);
});
afterAll(async () => {
	await browser.close();
	served.close();
});

async function pageText(path = '/'): Promise<string> {
	return (await fetch(served.address + path, { headers: { accept: 'text/html' } })).text();
}

async function opened(path = '/', options = {}) {
	const watched = await browser.open(options);
	await watched.page.goto(served.address + path);
	await watched.page.locator('#order-table[role=treegrid] tbody tr[aria-level]').first().waitFor();
	return watched;
}

/** State, name, loss and median of all rows that there are. */
function linesOf(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const { document } = globalThis as unknown as {
			document: { querySelectorAll(selector: string): Iterable<{ cells: Iterable<{ innerText: string }> }> };
		};
		return [...document.querySelectorAll('#order-table tbody:not(.space) tr')].map((row) =>
			[...row.cells]
				.map(({ innerText }) => innerText.replace(/\s+/g, ' ').trim())
				.join(' | ')
				.replaceAll('|  |', '| |'),
		);
	});
}

const named = (lines: readonly string[], part: string) => lines.find((line) => line.includes(part)) ?? '';

describe('the table', () => {
	test('says by folders what came of every order', async () => {
		const { page, troubles, close } = await opened();
		const lines = await linesOf(page);
		expect(named(lines, 'core/ 3')).toMatch(/^■ down \|.*\| 41\.7% \| \| ■ 1 down, ▲ 1 loss/);
		expect(named(lines, 'Uplink to Basel')).toMatch(
			/^● measuring \| a Uplink to Basel \| 192\.0\.2\.7 \| 0% \| 12\.0 ms/,
		);
		expect(named(lines, 'b | ')).toMatch(/^▲ loss \| b \| 192\.0\.2\.7 \| 25% \| 32\.0 ms/);
		expect(named(lines, 'c | ')).toMatch(/^■ down \| c \| 192\.0\.2\.7 \| 100% \| –/);
		expect(named(lines, 'd | ')).toMatch(
			/^✕ failing \| d \| 192\.0\.2\.9 \| – \| – \| the name does not exist/,
		);
		expect(await page.locator('#totals').innerText()).toMatch(/5\s+orders/);
		expect(await page.locator('#troubles').innerText()).toContain(
			'the name does not exist: correct fping.host',
		);
		expect(await violationsOf(page)).toEqual([]);
		expect(troubles).toEqual([]);
		await close();
	});

	test('says the same without JavaScript', async () => {
		const { page, close } = await browser.open({ javaScriptEnabled: false });
		await page.goto(`${served.address}/?sort=worst`);
		const text = await page.locator('#order-table').innerText();
		expect(text.indexOf('core/basel/c')).toBeGreaterThan(text.indexOf('edge/d'));
		expect(text.indexOf('core/zurich/a')).toBeGreaterThan(text.indexOf('core/basel/b'));
		expect(text).toMatch(/loss\s+core\/basel\/b\s+192\.0\.2\.7\s+25%\s+32\.0 ms/);
		await page.goto(served.address);
		await page.getByRole('link', { name: 'core/' }).first().click();
		expect(page.url()).toContain('folder=core/');
		expect(await page.locator('#order-table').innerText()).not.toContain('edge');
		await close();
	});

	test.each([
		['?q=uplink', 1],
		['?q=basel', 3],
		['?user=other', 1],
		['?probe=fping', 1],
		['?tag=site', 1],
		['?tag=site=zurich', 1],
		['?tag=site=bern', 0],
		['?state=down,failing', 2],
		['?folder=core/basel', 2],
		['?sort=nonsense&page=-4&state=x', 5],
	])('%s finds %s', async (query, count) => {
		expect(await pageText(`/${query}`)).toContain(`>${count} of 5 orders<`);
	});

	test('is filtered while somebody types, sorted by its heads, and its address can be shared', async () => {
		const { page, troubles, close } = await opened();
		await page.getByLabel('Text').fill('edge');
		await expect.poll(() => page.locator('#found').innerText(), patient).toBe('2 of 5 orders');
		expect(page.url()).toContain('?q=edge');
		await page.getByLabel('Text').fill('');
		await page.getByRole('link', { name: 'Loss', exact: true }).click();
		await expect.poll(() => page.url(), patient).toContain('?sort=loss');
		await expect.poll(async () => (await linesOf(page))[0], patient).toContain('core/basel/c');
		const [shared] = [page.url()];
		await page.goBack();
		await expect.poll(async () => (await linesOf(page))[0], patient).toContain('core/ 3');
		const other = await opened(shared.slice(served.address.length));
		expect((await linesOf(other.page))[0]).toContain('core/basel/c');
		expect([...troubles, ...other.troubles]).toEqual([]);
		await other.close();
		await close();
	});

	test('has numbers as the reader writes them', async () => {
		const { page, close } = await opened('/', { locale: 'de-DE' });
		const lines = await linesOf(page);
		expect(named(lines, 'core/ 3')).toContain('| 41,7 % |');
		expect(named(lines, 'Uplink to Basel')).toContain('| 12,0 ms |');
		await close();
	});

	test('is gone through by keyboard', async () => {
		const { page, close } = await opened();
		const focused = () => page.evaluate('document.activeElement.innerText.replace(/\\s+/g, " ")');
		await page.locator('#order-table tbody tr[tabindex="0"]').focus();
		expect(await focused()).toContain('core/');
		await page.keyboard.press('ArrowDown');
		// Whoever cannot see where the focus is cannot go anywhere.
		const outline = 'getComputedStyle(document.activeElement).outlineStyle';
		expect(await page.evaluate(outline)).toBe('solid');
		expect(await focused()).toContain('basel/');
		await page.keyboard.press('ArrowLeft');
		await expect.poll(async () => (await linesOf(page)).length, patient).toBe(7);
		expect(await page.evaluate('document.activeElement.ariaExpanded')).toBe('false');
		await page.keyboard.press('End');
		expect(await page.evaluate('document.activeElement.ariaRowIndex')).toBe('8');
		await page.keyboard.press('ArrowUp');
		await page.keyboard.press('Enter');
		await expect.poll(() => page.url(), patient).toMatch(/\/orders\/edge%2F/);
		await close();
	});

	test('shows hostile names as they are, and runs none of them', async () => {
		const { page, troubles, close } = await opened('/?sort=order');
		expect(await page.locator('#order-table').innerText()).toContain('<img src=x onerror=alert(1)>');
		expect(await page.locator('#broken, #order-table img, #order-table script').count()).toBe(0);
		expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
		expect(troubles).toEqual([]);
		await close();
	});
});

test('results, new and removed orders come by themselves, and rejected ones with their reasons', async () => {
	const { page, troubles, close } = await opened('/?sort=order');
	served.stream.outcomes([outcomeOf(orders.well, [0.5, 0.6, null, null], -1)]);
	await expect
		.poll(async () => named(await linesOf(page), 'core/zurich/a'), patient)
		.toMatch(/loss \|.*\| 50% \| 600 ms/);
	const added: Order = orderOf('core/added');
	served.stream.changed(added);
	await expect.poll(async () => named(await linesOf(page), 'core/added'), patient).toContain('waiting');
	served.stream.gone(added.id, 'deleted');
	await expect.poll(async () => named(await linesOf(page), 'core/added'), patient).toBe('');
	expect(troubles).toEqual([]);
	await close();
});

test('a daemon that goes away, and a web server that is killed, are told calmly, and the page goes on', async () => {
	const { page, close } = await opened();
	const state = page.locator('#link-state');
	await expect.poll(() => state.innerText(), patient).toBe('Live');
	served.stopDaemon();
	await expect.poll(() => state.innerText(), patient).toMatch(/^The daemon does not answer/);
	expect((await linesOf(page)).length).toBeGreaterThan(5);
	await served.startDaemon();
	await expect.poll(() => state.innerText(), patient).toBe('Live');
	served.stopWeb();
	await expect.poll(() => state.innerText(), patient).toBe('pingmachine does not answer. Trying again');
	expect((await linesOf(page)).length).toBeGreaterThan(5);
	await served.startWeb();
	await expect.poll(() => state.innerText(), patient).toBe('Live');
	served.stream.outcomes([outcomeOf(orders.well, [0.7, 0.8, 0.9, 0.9], -2)]);
	await expect.poll(async () => named(await linesOf(page), 'Uplink'), patient).toContain('900 ms');
	await close();
});
