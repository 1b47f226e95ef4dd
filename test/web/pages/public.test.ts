/** The status page and badges: what strangers see, and what they do not; and every page on a phone and for everybody. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newToken } from '../../../src/web/access/tokens.ts';
import { badgeSvg } from '../../../src/web/public/badge-svg.ts';
import { outagesIn } from '../../../src/web/public/order-days.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { makeHistory } from '../support/made-history.ts';
import { orderOf, outcomeOf, type ServedPages, servePages } from '../support/served-pages.ts';

const hostile = `<img src=x onerror=alert(1)>"'&</svg>`;
const secret = { user: 'mallory', icmp: { host: '192.0.2.77' } };
const hour = 3600;
const day = 24 * hour;
const now = Math.floor(Date.now() / 1000);
/** The whole hour that began ten days ago, at noon. */
const first = Math.floor(now / day) * day - 10 * day + 12 * hour;

const orders = {
	gate: orderOf('core/cellar/gate', { ...secret, step: 300 }),
	site: orderOf('core/site', { ...secret, step: 300, title: hostile }),
	other: orderOf('lab/other', secret),
	hostile: orderOf(`lab/a"><img src=x onerror=alert(1)> ${'W'.repeat(90)}`, {
		...{ title: `${hostile} ${'W'.repeat(90)}`, note: hostile, tags: { [hostile]: hostile } },
	}),
};

let browser: TestBrowser;
let served: ServedPages;
let folder: string;
let token: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-tokens-'));
	const made = newToken('ann', ['read', 'order']);
	token = made.token;
	writeFileSync(join(folder, 'tokens'), made.line, { mode: 0o600 });
	const web = {
		...{ tokens_file: join(folder, 'tokens'), public: ['health', 'status', 'badges'] },
		status_page: { title: `Our network ${hostile}`, orders: ['core', 'lab/none'] },
	};
	[browser, served] = await Promise.all([startBrowser(), servePages(Object.values(orders), { web })]);
	const known = { stepSeconds: 300, pings: 4, firstSeconds: first };
	// Two hours: the first half an hour well, half an hour without answer, half an hour not measured, and well again.
	const slots = Array.from({ length: 24 }, (_, at) =>
		at >= 6 && at < 12 ? [] : at >= 12 && at < 18 ? null : [0.01, 0.01, 0.012, 0.012],
	);
	makeHistory(served.baseDir, { ...known, id: 'core/cellar/gate', slots });
	makeHistory(served.baseDir, { ...known, id: orders.hostile.id, slots });
	mkdirSync(join(served.baseDir, 'alerts'), { recursive: true });
	writeFileSync(
		join(served.baseDir, 'alerts/loss.yaml'),
		`title: ${JSON.stringify(`lossy ${hostile}`)}\nloss: {over: 5%}\n`,
	);
	const alert = (about: string, rule: string, sinceSeconds: number, more: object = {}) => ({
		...{ time: now - 1800, about, id: `${rule}|core/cellar/gate|${sinceSeconds}`, rule, severity: 'warning' },
		...{ what: 'loss of 192.0.2.77', sinceSeconds, raisedSeconds: sinceSeconds, pops: [], ...more },
	});
	const over = { time: now - 1800, clearedSeconds: now - 1800 };
	const lines = [
		alert('raise', 'loss', now - 3600),
		alert('clear', 'loss', now - 3600, over),
		alert('raise', 'core/secret', now - 7200),
		alert('clear', 'old', now - 40 * day, { time: now - 39 * day, clearedSeconds: now - 39 * day }),
	];
	mkdirSync(join(served.baseDir, 'output/core/cellar/gate'), { recursive: true });
	writeFileSync(
		join(served.baseDir, 'output/core/cellar/gate/alerts'),
		lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
	);
	const hops = [
		{ addresses: ['<b>hop</b>'], names: [hostile] },
		null,
		{ addresses: ['192.0.2.7'], names: [] },
	];
	const routes = join(served.baseDir, 'output', orders.hostile.id);
	mkdirSync(routes, { recursive: true });
	writeFileSync(join(routes, 'routes'), `${JSON.stringify({ time: now - 60, reached: true, hops })}\n`);
	for (const order of [orders.gate, orders.other, orders.hostile])
		served.stream.outcomes([outcomeOf(order, [0.01, 0.01, null, 0.012])]);
	served.stream.outcomes([outcomeOf(orders.site, [null, null, null, null])]);
	const headers = { authorization: `Bearer ${token}`, accept: 'text/html' };
	await vi.waitFor(async () => {
		const text = await (await fetch(`${served.address}/?state=down`, { headers })).text();
		expect(text).toContain('core%2Fsite');
	}, patient);
});
afterAll(async () => {
	await browser.close();
	served.close();
	rmSync(folder, { recursive: true });
});

describe('the status page', () => {
	test('tells how the chosen orders do, and nothing that is nobody’s business', async () => {
		const answer = await fetch(`${served.address}/public`);
		expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
		const text = await answer.text();
		expect(text).not.toMatch(/192\.0\.2|mallory|cellar|core\/|lab\/|<img|Log in|href="\/top"/);
		const { page, troubles, close } = await browser.open();
		await page.goto(`${served.address}/public`);
		const shown = await page.locator('main').innerText();
		expect(shown).toContain(`Our network ${hostile}`);
		expect(shown).toMatch(/1 down, 1 loss of 2/);
		expect(shown).toMatch(/gate\s+▲ loss[\s\S]*66\.666% uptime/);
		expect(shown).toMatch(/had no answer for 30 min: /);
		// Alerts by the title of their rule alone.
		expect(shown).toContain(`gate had trouble, lossy ${hostile}, for 30 min: `);
		expect(shown).toMatch(/had trouble since [^\n]*: 2 h[^\n]*, and it goes on/);
		expect(shown.split('had trouble')).toHaveLength(3);
		// Of 18 measured slots 6 had no answer: a third of the bar hangs from the top, in words for those who cannot see it.
		const bars = page.getByRole('img', { name: /1 of 90 days measured, 1 with outages/ });
		expect(await bars.locator('.down').getAttribute('height')).toBe('10');
		expect(await bars.locator('.none').count()).toBe(89);
		expect(await bars.getAttribute('aria-label')).toContain('66.666%, 88% not measured');
		expect(troubles).toEqual([]);
		await close();
	});

	test('is not there without its setting, and says how it gets there', async () => {
		const other = await servePages([]);
		const answer = await fetch(`${other.address}/public`);
		expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('status_page')]);
		other.close();
	});

	test('runs of slots without answer are outages; what was not measured in between belongs to them', () => {
		const slots = [0, 4, 4, null, 4, 1, null, 4].map((loss, at) => ({ timeSeconds: at * 60, loss }));
		expect(outagesIn(slots, { stepSeconds: 60, pings: 4 })).toEqual([
			{ startSeconds: 60, endSeconds: 300 },
			{ startSeconds: 420, endSeconds: null },
		]);
	});
});

describe('a badge', () => {
	const badge = (id: string, name: string) =>
		fetch(`${served.address}/badge/${encodeURIComponent(id)}/${name}`);

	test.each([
		['state.svg', 'gate: ▲ loss'],
		['uptime.svg?period=month', 'gate: uptime 66.666% (month)'],
		['median.svg?period=30d', 'gate: median 10'],
		['loss.svg?period=quarter', 'gate: loss 33.3% (quarter)'],
		['uptime.svg', 'gate: uptime - (day)'],
	])('%s says %s', async (name, words) => {
		const answer = await badge('core/cellar/gate', name);
		expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
		expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
		expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
		expect(await answer.text()).toContain(`aria-label="${words}`);
	});

	test('has the title, escaped, and neither target nor user nor folder', async () => {
		const text = await (await badge('core/site', 'state.svg')).text();
		expect(text).toContain('&#60;img');
		expect(text).not.toMatch(/192\.0\.2|mallory|core|<img/);
	});

	test('is none for a wrong period, and says so of an order that there is not', async () => {
		for (const period of ['5', '1000d', '-1d', 'fortnight', '__proto__'])
			expect((await badge('core/site', `uptime.svg?period=${period}`)).status).toBe(400);
		const none = await badge(hostile, 'state.svg');
		expect([none.status, await none.text()]).toEqual([404, expect.not.stringContaining('img src')]);
		expect((await badge('core/site', 'user.svg')).status).toBe(404);
	});

	test('stays one picture, whatever the name', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
				expect(badgeSvg(name, 'up', 'good').match(/<(?!\/)/g)).toHaveLength(10);
			}),
			{ numRuns: 50 },
		);
	});
});

test('every page is for everybody: on a phone, dark and light, without a script of anybody else', async () => {
	const { page, troubles, close } = await browser.open({
		...{ viewport: { width: 375, height: 700 }, colorScheme: 'dark' },
		extraHTTPHeaders: { authorization: `Bearer ${token}` },
	});
	const order = encodeURIComponent(orders.hostile.id);
	const found: Record<string, unknown> = {};
	const pages = [
		'/',
		'/top',
		'/daemon',
		'/network',
		'/alerts',
		'/add?probe=http',
		'/public',
		'/login',
		'/nothing',
	];
	for (const path of [...pages, `/orders/${order}`, `/orders/${order}/edit`, `/compare?order=${order}`]) {
		await page.goto(served.address + path);
		// What is folded is looked at, too: further options, the order as text, its removal.
		await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
		const violations = await violationsOf(page);
		await page.emulateMedia({ colorScheme: 'light' });
		violations.push(...(await violationsOf(page, ['color-contrast'])));
		await page.emulateMedia({ colorScheme: 'dark' });
		const width = await page.evaluate('document.documentElement.scrollWidth');
		const unnamed = await page.evaluate(
			'document.querySelectorAll("[style], [onerror], main img[src=x]").length',
		);
		found[path] = { violations, width, unnamed };
	}
	for (const [path, what] of Object.entries(found))
		expect({ path, ...(what as object) }).toEqual({
			path,
			violations: [],
			width: 375,
			unnamed: expect.anything(),
		});
	// The page that there is not.
	expect(troubles.filter((one) => !one.includes('404'))).toEqual([]);
	await close();
}, 120_000);
