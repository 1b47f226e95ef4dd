/** Adding, changing and removing orders in the browser, with and without the right to it. */
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { load } from 'js-yaml';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { newToken } from '../../../src/web/access/tokens.ts';
import { optionFields, typedFor, valueTyped } from '../../../src/web/pages/add/option-fields.ts';
import { targetsIn } from '../../../src/web/pages/add/targets.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser, violationsOf } from '../support/browser.ts';
import { orderOf, type ServedPages, servePages } from '../support/served-pages.ts';

const hostile = `<img src=x onerror=alert(1)>"'`;

let browser: TestBrowser;
let served: ServedPages;
let folder: string;
const tokens = { ann: newToken('ann', ['read', 'order']), bob: newToken('bob', ['read']) };

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-tokens-'));
	const file = join(folder, 'tokens');
	writeFileSync(file, tokens.ann.line + tokens.bob.line, { mode: 0o600 });
	const web = { tokens_file: file, public: ['health'] };
	[browser, served] = await Promise.all([startBrowser(), servePages([orderOf('core/a')], { web })]);
});
afterAll(async () => {
	await browser.close();
	served.close();
	rmSync(folder, { recursive: true });
});

function file(id: string): string {
	return join(served.baseDir, 'orders', id);
}

function writeOrder(id: string, text: string): void {
	mkdirSync(join(file(id), '..'), { recursive: true });
	writeFileSync(file(id), text);
}

async function logIn(page: Page, to: string, token: string): Promise<void> {
	await page.goto(served.address + to);
	await page.getByLabel('Token').fill(token);
	await page.getByRole('button', { name: 'Log in' }).click();
	await page.waitForURL(served.address + to);
}

describe('somebody with the scope order', () => {
	let page: Page;
	let troubles: string[];
	beforeAll(async () => {
		({ page, troubles } = await browser.open());
		await logIn(page, '/add', tokens.ann.token);
	});

	test('is told what is wrong at its field, and adds one order', async () => {
		expect(await page.locator('#add').innerText()).toMatch(/does not expire.*belongs to ann/);
		await page.getByLabel('Targets').fill('127.0.0.1');
		await page.getByLabel('Name', { exact: true }).fill('core/../gateway');
		await page.getByLabel('Step').fill('a while');
		await page.getByText('Options of icmp').click();
		await page.getByLabel('ttl').fill('300');
		await page.getByLabel('Tags').fill('no tag at all');
		await page.getByRole('button', { name: 'Add' }).click();
		const fault = (name: string) => page.locator(`[id="fault-${name}"]`);
		await expect.poll(() => page.getByRole('alert').innerText(), patient).toContain('Nothing was written');
		expect(await fault('tags').innerText()).toContain('no tag at all: is no tag. Write name: value');
		await page.getByLabel('Tags').fill('site: zrh');
		await page.getByRole('button', { name: 'Add' }).click();
		await expect.poll(() => fault('name').innerText(), patient).toContain('must not have ..');
		await page.getByLabel('Name', { exact: true }).fill('core/gateway');
		await page.getByRole('button', { name: 'Add' }).click();
		await expect
			.poll(() => fault('step').innerText(), patient)
			.toContain('must be a whole number of seconds');
		expect(await fault('option.ttl').innerText()).toContain('255');
		expect(await page.getByLabel('ttl').getAttribute('aria-describedby')).toContain('fault-option.ttl');
		expect(await violationsOf(page)).toEqual([]);
		expect(existsSync(file('core'))).toBe(false);
		await page.getByLabel('Step').fill('5min');
		await page.getByLabel('ttl').fill('64');
		await page.getByLabel('Title').fill(hostile);
		served.stream.changed(orderOf('core/gateway'));
		await page.getByRole('button', { name: 'Add' }).click();
		await expect.poll(() => page.url(), patient).toBe(`${served.address}/orders/core%2Fgateway`);
		expect(load(readFileSync(file('core/gateway'), 'utf8'))).toEqual({
			...{ step: '5min', pings: 20, title: hostile, tags: { site: 'zrh' }, probe: 'icmp' },
			...{ icmp: { host: '127.0.0.1', ttl: 64 }, user: 'ann', expires: 'never', made_by: 'pingmachine web' },
		});
	});

	test('adds those of a pasted list, all or none', async () => {
		await page.goto(`${served.address}/add?probe=http`);
		await page
			.getByLabel('Targets')
			.fill(`https://one.example/\n# not this\n${hostile} two\nhttps://three.example last`);
		await page.getByLabel('Name', { exact: true }).fill('sites');
		await page.getByRole('button', { name: 'Add' }).click();
		await expect.poll(() => page.locator('#fault-targets').innerText(), patient).toMatch(/line 3: .*http/);
		expect(existsSync(file('sites'))).toBe(false);
		await page.getByLabel('Targets').fill('https://one.example/\nhttps://three.example last');
		await page.getByRole('button', { name: 'Add' }).click();
		await expect.poll(() => page.url(), patient).toBe(`${served.address}/?folder=sites`);
		expect(readdirSync(file('sites')).sort()).toEqual(['last', 'one.example']);
		await page.goto(`${served.address}/add?probe=http&name=sites/last&targets=https://other.example`);
		await page.getByRole('button', { name: 'Add' }).click();
		await expect.poll(() => page.locator('#fault-name').innerText(), patient).toContain('sites/last already');
	});

	test('changes an order by its fields and as text, but none that has changed meanwhile, and removes it', async () => {
		const text =
			'user: bob\nstep: 60\npings: 5\nprobe: fping\nfping:\n  host: 127.0.0.1\nown: [1, "007"] # mine\nexpires: 7d\n';
		writeOrder('lab/x', text);
		const url = `${served.address}/orders/lab%2Fx/edit`;
		await page.goto(url);
		expect(await page.locator('#edit').innerText()).toMatch(
			/belongs to bob[\s\S]*expires: 7d[\s\S]*Comments in its file/,
		);
		expect(await violationsOf(page)).toEqual([]);
		await page.getByLabel('host').fill('not a host');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect.poll(() => page.locator('[id="fault-option.host"]').innerText(), patient).not.toBe('');
		expect(readFileSync(file('lab/x'), 'utf8')).toBe(text);
		await page.getByLabel('host').fill('127.0.0.2');
		served.stream.changed(orderOf('lab/x'));
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect.poll(() => page.url(), patient).toBe(`${served.address}/orders/lab%2Fx`);
		expect(load(readFileSync(file('lab/x'), 'utf8'))).toEqual({
			...{ step: 60, pings: 5, probe: 'fping', fping: { host: '127.0.0.2' }, own: [1, '007'], expires: '7d' },
			...{ user: 'ann', made_by: 'pingmachine web' },
		});
		await page.getByRole('link', { name: 'Edit or remove' }).click();
		await page.getByText('As text').click();
		await page.getByLabel('The file, as YAML').fill('user: ann\nstep: [');
		writeOrder('lab/x', text);
		await page.getByRole('button', { name: 'Save the text' }).click();
		await expect.poll(() => page.getByRole('alert').innerText(), patient).toContain('Nothing was written');
		await page.getByLabel('The file, as YAML').fill(text.replace('user: bob\n', ''));
		await page.getByRole('button', { name: 'Save the text' }).click();
		await expect.poll(() => page.getByRole('alert').innerText(), patient).toContain('another one by now');
		await page.goto(url);
		await page.locator('summary').filter({ hasText: 'Remove' }).click();
		await page.getByRole('button', { name: 'Remove lab/x' }).click();
		await expect.poll(() => page.url(), patient).toBe(`${served.address}/`);
		expect(existsSync(file('lab/x'))).toBe(false);
		expect(troubles.filter((one) => !/status of 4(?:01|22)/.test(one))).toEqual([]);
	});
});

test('without the right, the page says how one gets it, and nothing is written', async () => {
	const accept = { accept: 'text/html' };
	const bearer = (token: string) => ({ ...accept, authorization: `Bearer ${token}` });
	const body = new URLSearchParams({
		probe: 'icmp',
		targets: '127.0.0.1',
		name: 'no',
		step: '60',
		pings: '5',
	});
	const reader = await fetch(`${served.address}/add`, { headers: bearer(tokens.bob.token) });
	expect(await reader.text()).toMatch(/for read, [\s\S]*pingmachine web token NAME --scope read,order/);
	const edit = await fetch(`${served.address}/orders/core%2Fsecret/edit`, {
		headers: bearer(tokens.bob.token),
	});
	expect(await edit.text()).not.toContain('<textarea');
	const sent = await fetch(`${served.address}/add`, {
		method: 'POST',
		body,
		headers: bearer(tokens.bob.token),
	});
	expect([sent.status, await sent.text()]).toEqual([403, expect.stringContaining('needs the scope order')]);
	expect((await fetch(`${served.address}/add`, { method: 'POST', body, headers: accept })).status).toBe(401);
	// With a session, but from a page of another site, which does not know the second value.
	const { page, close } = await browser.open();
	await logIn(page, '/add', tokens.ann.token);
	const status = `fetch('/add', { method: 'POST', body: new URLSearchParams(${JSON.stringify(body.toString())}) }).then((answer) => answer.status)`;
	expect(await page.evaluate(status)).toBe(403);
	await close();
	expect(existsSync(file('no'))).toBe(false);
	const open = await servePages([]);
	const text = await (await fetch(`${open.address}/add`, { headers: accept })).text();
	expect(text).toMatch(/tokens_file:[\s\S]*pingmachine web token NAME/);
	open.close();
});

test('works without JavaScript, and on a phone', async () => {
	const viewport = { width: 375, height: 700 };
	const { page, close } = await browser.open({ javaScriptEnabled: false, viewport });
	await logIn(page, '/add', tokens.ann.token);
	for (const probe of builtInProbes.keys()) {
		await page.getByLabel('Probe').selectOption(probe);
		await page.getByRole('button', { name: 'Choose' }).click();
		await expect.poll(() => page.url(), patient).toContain(`probe=${probe}`);
		expect((await page.locator('main').boundingBox())?.width).toBeLessThanOrEqual(375);
	}
	await page.goto(`${served.address}/add?targets=127.0.0.9&name=phone`);
	await page.getByRole('button', { name: 'Add' }).click();
	await expect.poll(() => existsSync(file('phone')), patient).toBe(true);
	await close();
});

describe('fields', () => {
	test('of every probe have its target first, and take what they show', () => {
		for (const probe of builtInProbes.values()) {
			const fields = optionFields(probe);
			expect(fields[0]).toMatchObject({ key: probe.target, isRequired: true });
			expect(fields.filter(({ isRequired }) => isRequired).length).toBeLessThanOrEqual(2);
			for (const field of fields.filter(({ kind }) => kind === 'lines' || kind === 'block')) {
				const value = field.kind === 'lines' ? ['a: b', 'c'] : { a: 'x: y', b: '"' };
				expect(valueTyped(probe, field, typedFor(field, value))).toEqual(value);
			}
		}
	});

	test('say the bounds of numbers, where there are some', () => {
		const dns = builtInProbes.get('dns');
		const fields = dns === undefined ? [] : optionFields(dns);
		const hints = Object.fromEntries(fields.map(({ key, hint }) => [key, hint]));
		expect(hints).toMatchObject({ port: '1 to 65535', edns_size: 'at most 65535', interval: 'at least 10' });
		for (const hint of Object.values(hints)) expect(hint).not.toMatch(/9007199254740991/);
	});

	test.each([
		['192.0.2.1', 'core/gateway', ['core/gateway']],
		['192.0.2.1', '', ['192.0.2.1']],
		['192.0.2.1 gw', 'core/', ['core/gw']],
		['https://a.example/x?y=1', 'web/', ['web/a.example-x-y-1']],
		['a\n\n# no\n::1\tsix\n', 'lab', ['lab/a', 'lab/six']],
		['.hidden', '', ['hidden']],
	])('%j called %j is %j', (text, name, ids) => {
		expect(targetsIn(text, name).map(({ id }) => id)).toEqual(ids);
	});

	test('every line has a name that can be one', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (text) => {
				for (const { id } of targetsIn(text, 'f/')) expect(id).toMatch(/^f\/[^\s]+$/u);
			}),
			{ numRuns: 50 },
		);
	});
});
