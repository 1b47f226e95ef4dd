/** What every page has: escaping, the frame, static files, the theme, and who may see it. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { html } from '../../../src/web/pages/html.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { orderOf, type ServedPages, servePages } from '../support/served-pages.ts';

describe('html', () => {
	test('escapes all but what is HTML already', () => {
		const inner = html`<b>${'<&>"\''}</b>`;
		expect(`${html`<p title="${'"x'}">${[inner, null, false, undefined, 0]}</p>`}`).toBe(
			'<p title="&#34;x"><b>&#60;&#38;&#62;&#34;&#39;</b>0</p>',
		);
	});

	test('lets nothing out of a text or an attribute, whatever it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				expect(`${html`${text}`}`).not.toMatch(/[<>"'\0]|&(?!#\d+;)/);
			}),
		);
	});
});

describe('the frame', () => {
	let browser: TestBrowser;
	let served: ServedPages;
	beforeAll(async () => {
		[browser, served] = await Promise.all([startBrowser(), servePages([orderOf('a')])]);
	});
	afterAll(async () => {
		await browser.close();
		served.close();
	});

	test('a page loads its files once, by a name that changes with them, and nothing from elsewhere', async () => {
		const page = await fetch(served.address, { headers: { accept: 'text/html' } });
		const text = await page.text();
		expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'; style-src 'self';/);
		expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
		const urls = [...text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, url = '']) => url);
		// Modules that are imported by others are named, too: a browser need not find them one by one.
		expect(urls).toContainEqual(expect.stringMatching(/\/row-ring\.js$/));
		for (const url of urls) expect((await fetch(served.address + url)).status).toBe(200);
		const [first = ''] = urls;
		const file = await fetch(served.address + first);
		expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
		const etag = file.headers.get('etag') ?? '';
		const again = await fetch(served.address + first, { headers: { 'if-none-match': etag } });
		expect(again.status).toBe(304);
		const plot = first.replace(/[^/]+$/, 'uplot.js');
		expect((await fetch(served.address + plot)).headers.get('content-type')).toContain('javascript');
		for (const wrong of [plot.replace('uplot', 'none'), '/static/0123456789abcdef/page.css'])
			expect((await fetch(served.address + wrong)).status).toBe(404);
	});

	test("the theme is the system's, or what the reader chose", async () => {
		const { page, troubles, close } = await browser.open({ colorScheme: 'dark' });
		await page.goto(served.address);
		const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
		const dark = await ground();
		await page.getByRole('button', { name: 'Theme: system' }).click();
		const light = await ground();
		expect(light).not.toBe(dark);
		await page.reload();
		expect(await ground()).toBe(light);
		await page.getByRole('button', { name: 'Theme: light' }).click();
		await page.getByRole('button', { name: 'Theme: dark' }).click();
		expect(await ground()).toBe(dark);
		expect(troubles).toEqual([]);
		await close();
	});

	test('works by keyboard, and axe finds nothing', async () => {
		const { page, troubles, close } = await browser.open();
		await page.goto(served.address);
		await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		expect(await page.evaluate('document.activeElement.id')).toBe('main');
		expect(await violationsOf(page)).toEqual([]);
		expect(troubles).toEqual([]);
		await close();
	});
});

test('who may not see a page gets the form for a token, with status 401, and comes back to the page', async () => {
	const tokensFile = '/nonexistent/tokens';
	const served = await servePages([orderOf('a')], { web: { tokens_file: tokensFile, public: ['health'] } });
	try {
		const accept = 'text/html';
		const page = await fetch(`${served.address}/?q=%3Cb%3E`, { headers: { accept } });
		expect(page.status).toBe(401);
		const text = await page.text();
		expect(text).toContain('<input type="hidden" name="to" value="/?q=%3Cb%3E">');
		expect(text).not.toContain('Orders');
		expect((await fetch(served.address)).headers.get('content-type')).toContain('json');
		const none = await fetch(`${served.address}/nothing/here`, { headers: { accept } });
		expect([none.status, none.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
	} finally {
		served.close();
	}
});

test('public: status opens the status page alone, and nothing that names orders; pages and api open the summary', async () => {
	const paths = { public: '/public', page: '/', text: '/', map: '/network.svg', badge: '/badge/a/state.svg' };
	for (const [word, open] of [
		['pages', ['page', 'text', 'map']],
		['api', ['text', 'map']],
		['status', ['public']],
		['badges', ['badge']],
		['sd', []],
	] as const) {
		const served = await servePages([orderOf('a')], {
			web: {
				...{ tokens_file: '/nonexistent', public: [word, 'health'] },
				status_page: { title: 'Ours', orders: ['a'] },
			},
		});
		try {
			const statuses = Object.entries(paths).map(async ([name, path]) => {
				const accept = ['page', 'public'].includes(name) ? 'text/html' : '*/*';
				const answer = await fetch(`${served.address}${path}`, { headers: { accept } });
				const text = await answer.text();
				// Who may not see the overview is told where the status page is, if that is open.
				if (name === 'page') expect(text.includes('href="/public"')).toBe(word === 'status');
				return [name, answer.status];
			});
			const expected = Object.keys(paths).map((name) => [name, open.some((one) => one === name) ? 200 : 401]);
			expect(await Promise.all(statuses)).toEqual(expected);
		} finally {
			served.close();
		}
	}
});
