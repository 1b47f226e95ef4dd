import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { browserProgram } from './browser-program.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface TestBrowser {
	/** A page of its own, with cookies of its own. */
	open(options?: BrowserContextOptions): Promise<WatchedPage>;
	close(): Promise<void>;
}

interface WatchedPage {
	readonly page: Page;
	/** What the console told as an error, exceptions, and what the policy of the page has refused. */
	readonly troubles: string[];
	close(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
	const home = mkdtempSync(join(tmpdir(), 'pingmachine-browser-'));
	const browser = await chromium.launch({
		executablePath: browserProgram,
		// Its sandbox is not for root.
		chromiumSandbox: process.getuid?.() !== 0,
		args: [
			...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
			...['--disable-component-update', '--disable-sync'],
		],
		env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } as Record<
			string,
			string
		>,
	});
	return {
		async open(options = {}) {
			const context = await browser.newContext({
				...{ viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Zurich' },
				...options,
			});
			const page = await context.newPage();
			const troubles: string[] = [];
			page.on('console', (message) => {
				if (message.type() === 'error') troubles.push(message.text());
			});
			page.on('pageerror', (error) => troubles.push(error.message));
			return { page, troubles, close: () => context.close() };
		},
		async close() {
			await browser.close();
			rmSync(home, { recursive: true, force: true });
		},
	};
}

/** What axe finds, by all its rules or by these: rule and elements. */
export async function violationsOf(page: Page, rules: readonly string[] = []): Promise<string[]> {
	await page.evaluate(axe);
	return page.evaluate(async (runOnly) => {
		const { axe } = globalThis as unknown as {
			axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
		};
		const { violations } = await axe.run(runOnly.length > 0 ? { runOnly } : {});
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
	}, rules);
}
