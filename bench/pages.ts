/** bench: the overview with many orders in Chromium: first paint, scrolling, live updates, memory */
/*
 * Options: [--orders 10000] [--minutes 3] [--json]
 *
 * The real daemon measures so many orders by icmp on the loopback, once a minute; Debian's Chromium shows them. Told are
 * the first paint, when the table is live, every frame while it scrolls through all rows, how long after a result the
 * row that is seen says it, and the memory of page and web server over so many minutes. Beside the frames stand those of
 * a page that does nothing: what a busy machine takes is no fault of ours. Ends with exit code 1 when the first paint
 * takes more than 1.5 s, a frame more than 50 ms, an update more than 2 s, or the memory grows by a tenth.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { browserProgram } from '../test/web/support/browser-program.ts';
import { DaemonUnderTest, quantile, sleep } from './daemon-under-test.ts';

const { values: options } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		minutes: { type: 'string', default: '3' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(options.orders);
const minutes = Number(options.minutes);
const stepSeconds = 60;
const limits = { paintMs: 1500, frameMs: 50, updateMs: 2000, growth: 0.1 };

const daemon = new DaemonUnderTest();
const home = mkdtempSync(join(tmpdir(), 'pingmachine-bench-browser-'));
const say = (line: string) => void (options.json || console.log(line));

async function startDaemon(): Promise<string> {
	for (let at = 0; at < orders; at++) {
		const host = `127.${1 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
		const order = {
			user: 'bench',
			step: stepSeconds,
			pings: 2,
			probe: 'icmp',
			rrd_template: 'norrd',
			icmp: { host },
		};
		daemon.order(idOf(at), JSON.stringify(order));
	}
	const config = join(daemon.baseDir, 'config.yaml');
	writeFileSync(config, JSON.stringify({ web: { listen: '127.0.0.1:0' } }));
	const listening = daemon.logged(({ message }) => message.startsWith('web: listens on '));
	await daemon.start(['--config', config], 'info');
	const address = /http:\S+/.exec((await listening).message)?.[0] ?? '';
	while ((await fetch(`${address}/-/ready`)).status !== 200) await sleep(200);
	return address;
}

function idOf(at: number): string {
	return `core/rack-${at % 40}/o${at}`;
}

/** Runs in the page: what the browser took for frames while all rows went by. */
const scrollThrough = `new Promise((resolve) => {
	const box = document.getElementById('lines');
	const long = [];
	new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
	const frames = [];
	let last = performance.now();
	let step = 0;
	const steps = 600;
	requestAnimationFrame(function frame(now) {
		if (step > 0) frames.push(now - last);
		last = now;
		// Slowly, then faster and faster: through all of them.
		box.scrollTop = step < 200 ? step * 40 : (box.scrollHeight * (step - 200)) / (steps - 200);
		if (step++ < steps) requestAnimationFrame(frame);
		else resolve({ frames, long });
	});
})`;

/** Runs in a page that has nothing to do: what the machine itself takes for as many frames. */
const doNothing = `new Promise((resolve) => {
	const frames = [];
	let last = performance.now();
	requestAnimationFrame(function frame(now) {
		frames.push(now - last);
		last = now;
		document.body.style.background = frames.length % 2 ? 'white' : 'silver';
		if (frames.length < 600) requestAnimationFrame(frame);
		else resolve(frames.slice(1));
	});
})`;

/** Runs in the page: notes when the row of an order says something else. */
const noteUpdates = `(() => {
	window.updates = [];
	const seen = new Map();
	const look = () => {
		for (const row of document.querySelectorAll('#order-table tbody:not(.space) tr')) {
			const id = row.querySelector('.c-order a').title;
			const text = row.querySelector('.c-median').textContent;
			if (seen.has(id) && seen.get(id) !== text) window.updates.push([id, Date.now()]);
			seen.set(id, text);
		}
		requestAnimationFrame(look);
	};
	look();
})()`;

/** When the web server heard of each outcome, by order. */
function listen(address: string, wanted: ReadonlySet<string>): { heard: Map<string, number[]>; end(): void } {
	const heard = new Map<string, number[]>();
	const asking = get(`${address}/api/v1/events?about=outcome`, (response) => {
		response.on('error', () => {});
		createInterface({ input: response })
			.on('error', () => {})
			.on('line', (line) => {
				if (!line.startsWith('data: ')) return;
				const { order } = JSON.parse(line.slice(6)) as { order: { id: string } };
				if (wanted.has(order.id)) heard.set(order.id, [...(heard.get(order.id) ?? []), Date.now()]);
			});
	});
	asking.on('error', () => {});
	return { heard, end: () => asking.destroy() };
}

async function updateDelays(page: Page, address: string): Promise<number[]> {
	await page.goto(`${address}/?q=rack-7/&sort=order`);
	await page.locator('#order-table[role=treegrid] tr[aria-level]').first().waitFor();
	await page.evaluate(noteUpdates);
	const ids = await page.locator('#order-table tbody:not(.space) .c-order a').evaluateAll((links) => {
		return (links as unknown as { title: string }[]).map(({ title }) => title);
	});
	const { heard, end } = listen(address, new Set(ids));
	await sleep((stepSeconds + 15) * 1000);
	const updates = (await page.evaluate('window.updates')) as [string, number][];
	end();
	return updates.flatMap(([id, at]) => {
		const before = (heard.get(id) ?? []).filter((ms) => ms <= at).at(-1);
		return before === undefined ? [] : [at - before];
	});
}

/** Of the process of the web server, in megabytes. */
function webMemory(): number {
	for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
		try {
			const status = readFileSync(`/proc/${name}/status`, 'utf8');
			if (!new RegExp(`^PPid:\\s+${daemon.pid}$`, 'm').test(status)) continue;
			if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('\0web\0')) continue;
			return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
		} catch {
			// It has ended.
		}
	}
	return Number.NaN;
}

async function memory(page: Page): Promise<{ page: number[]; web: number[] }> {
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable');
	const samples = { page: [] as number[], web: [] as number[] };
	const every = Math.max(10, (minutes * 60) / 30);
	for (let at = 0; at * every <= minutes * 60; at++) {
		await session.send('HeapProfiler.collectGarbage');
		const { metrics } = await session.send('Performance.getMetrics');
		samples.page.push((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1e6);
		samples.web.push(webMemory());
		await sleep(every * 1000);
	}
	return samples;
}

/** What the page has spent so far, seconds. */
async function workOf(session: CDPSession): Promise<Record<string, number>> {
	const { metrics } = await session.send('Performance.getMetrics');
	const names = {
		script: 'ScriptDuration',
		style: 'RecalcStyleDuration',
		layout: 'LayoutDuration',
		all: 'TaskDuration',
	};
	const spent = Object.entries(names).map(([name, metric]) => {
		return [name, metrics.find((one) => one.name === metric)?.value ?? Number.NaN] as const;
	});
	return Object.fromEntries(spent);
}

/** Of the last third against the first. */
function growthOf(samples: readonly number[]): number {
	const third = Math.max(1, Math.floor(samples.length / 3));
	const [first, last] = [quantile(samples.slice(0, third), 0.5), quantile(samples.slice(-third), 0.5)];
	return last / first - 1;
}

async function measure(page: Page, address: string) {
	await page.goto(`${address}/?sort=order`);
	const isLive = `document.querySelector('#order-table[role=treegrid]')?.ariaRowCount === '${orders + 1}'`;
	await page.waitForFunction(isLive);
	const paintMs = (await page.evaluate(
		"performance.getEntriesByName('first-contentful-paint')[0].startTime",
	)) as number;
	const liveMs = (await page.evaluate('performance.now()')) as number;
	say(`first paint ${paintMs.toFixed(0)} ms, all ${orders} rows live after ${liveMs.toFixed(0)} ms`);
	await sleep(2000);
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable');
	const before = await workOf(session);
	const { frames, long } = (await page.evaluate(scrollThrough)) as { frames: number[]; long: number[] };
	const work = await workOf(session);
	const each = Object.entries(work).map(([name, seconds]) => {
		return `${name} ${((1000 * (seconds - (before[name] ?? 0))) / frames.length).toFixed(1)}`;
	});
	say(`a frame while scrolling, ms: ${each.join(', ')}`);
	const frameMs = Math.max(...frames);
	say(
		`scrolling: ${frames.length} frames, median ${quantile(frames, 0.5).toFixed(1)} ms, 99 % ${quantile(frames, 0.99).toFixed(1)} ms, ` +
			`longest ${frameMs.toFixed(1)} ms; work that held up the page for more than 50 ms: ${long.length}`,
	);
	await page.goto('about:blank');
	const idle = (await page.evaluate(doNothing)) as number[];
	say(
		`beside it, a page that does nothing: 99 % ${quantile(idle, 0.99).toFixed(1)} ms, longest ${Math.max(...idle).toFixed(1)} ms`,
	);
	const delays = await updateDelays(page, address);
	const updateMs = Math.max(...delays);
	say(
		`live: ${delays.length} rows seen to change, median ${quantile(delays, 0.5)} ms after the result, latest ${updateMs} ms`,
	);
	await page.goto(`${address}/?sort=order`);
	await page.waitForFunction(isLive);
	await sleep(5000);
	const samples = await memory(page);
	const growth = { page: growthOf(samples.page), web: growthOf(samples.web) };
	const told = (of: readonly number[]) => `${(of[0] ?? 0).toFixed(1)} to ${(of.at(-1) ?? 0).toFixed(1)} MB`;
	say(`memory over ${minutes} minutes: page ${told(samples.page)}, web server ${told(samples.web)}`);
	const idleFrameMs = Math.max(...idle);
	return {
		paintMs,
		liveMs,
		frameMs,
		idleFrameMs,
		longTasks: long.length,
		updates: delays.length,
		updateMs,
		growth,
	};
}

async function run(): Promise<void> {
	say(`${orders} orders, once in ${stepSeconds} s`);
	const address = await startDaemon();
	await sleep((stepSeconds + 10) * 1000);
	const browser = await chromium.launch({
		...{ executablePath: browserProgram, chromiumSandbox: process.getuid?.() !== 0 },
		args: [
			'--disable-gpu',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
		],
		env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } as Record<
			string,
			string
		>,
	});
	try {
		const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
		const found = await measure(page, address);
		const { paintMs, frameMs, updates, updateMs, growth } = found;
		const isWell =
			paintMs <= limits.paintMs && frameMs <= limits.frameMs && updates > 0 && updateMs <= limits.updateMs;
		const isFlat = growth.page <= limits.growth && growth.web <= limits.growth;
		if (options.json) console.log(JSON.stringify(found));
		if (!isWell || !isFlat) process.exitCode = 1;
	} finally {
		await browser.close();
	}
}

try {
	await run();
} finally {
	await daemon.end();
	rmSync(home, { recursive: true, force: true });
}
