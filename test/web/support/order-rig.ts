/** Orders whose history is known, measured by a real daemon, and a browser that looks at them. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { Daemon } from '../../support/daemon.ts';
import { icmpOrder, patient, startWebDaemon } from '../../support/web-daemon.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { makeHistory } from './made-history.ts';

export const step = 60;
/** An hour of slots, with their answers in seconds: of each quarter of an hour the same. */
export const hour = 3600;
const quarters = [[0.01, 0.02, 0.03, 0.04], [0.01, 0.02, 0.03], null, []] as const;
/** Of the 44 ms that the graph is high: 1.1 times the longest. */
export const heightSeconds = 0.044;
export const hostileId = `lab/a"><img src=x onerror=alert(1)>`;
export const hostile = `<script>hacked=1</script>"'><svg onload=hacked=1> ${'W'.repeat(60)}`;

/** When the known hour begins; nothing was measured since. */
export const start = Math.floor(Date.now() / 1000 / hour) * hour - 4 * hour;
export const span = `start=${start}&end=${start + hour}`;

export interface OrderRig {
	readonly browser: TestBrowser;
	/** Of the web server. */
	readonly address: string;
	/** The page of an order. */
	at(id: string, query?: string): string;
	close(): Promise<void>;
}

export async function startOrderRig(): Promise<OrderRig> {
	const daemon = new Daemon();
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
	const [browser, { address }] = await Promise.all([startBrowser(), startWebDaemon(daemon)]);
	return {
		...{ browser, address },
		at: (id, query = '') => `${address}/orders/${encodeURIComponent(id)}${query === '' ? '' : `?${query}`}`,
		close: async () => {
			await browser.close();
			await daemon[Symbol.asyncDispose]();
		},
	};
}

/** Waits until what is shown was loaded. */
export async function drawn(page: Page): Promise<void> {
	await expect.poll(() => page.locator('#readout').textContent(), patient).toMatch(/median|nothing/);
	// A plot that finds its size changed is drawn once more, in the frame after.
	await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The colour of a plot's canvas at a share of its width and height. */
export function pixel(page: Page, plot: string, x: number, y: number): Promise<string> {
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
