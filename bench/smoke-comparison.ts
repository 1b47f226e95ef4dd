/** bench: draws docs/smoke-comparison.png: the same measurements by SmokePing, by rrdtool and on our page */
/*
 * Options: [--out FILE]
 *
 * Makes 30 hours of slots of 300 s with 20 pings, writes them into our main.rrd and into an RRD as SmokePing has them,
 * draws both, and tells the numbers that each has for them. Needs rrdtool, chromium and Debian's smokeping, which is
 * only asked for its page: no daemon of it runs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';
import { createRrd, updateRrd } from '../src/rrd/index.ts';
import { mainRrdShape, smokepingRow, unknownRow } from '../src/store/main-rrd-shape.ts';
import { browserProgram } from '../test/web/support/browser-program.ts';
import { DaemonUnderTest, sleep } from './daemon-under-test.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/smoke-comparison.png' } } });
const [step, pings, hours] = [300, 20, 30];
const end = Math.floor(Date.now() / 1000 / step) * step;
const start = end - hours * 3600;
/** Of each picture: SmokePing's words need no less. */
const width = 664;

/** The same numbers each time: from 0 to 1. */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/** A line that is busy for some hours, then loses some, then is away, and was not measured once. */
function slots(): (number[] | null)[] {
	const random = randomNumbers(18);
	return Array.from({ length: (hours * 3600) / step }, (_, at) => {
		const hour = (at * step) / 3600;
		if (hour > 8 && hour < 9.5) return null;
		const busy = Math.exp(-(((hour - 16) / 3) ** 2));
		const lossShare = hour > 22 && hour < 23 ? 1 : hour > 17 && hour < 19 ? 0.15 : random() < 0.05 ? 0.07 : 0;
		const answers = Array.from({ length: pings }, () => {
			const rtt = 0.018 + 0.012 * busy - Math.log(1 - random()) * (0.0004 + 0.008 * busy);
			return random() < lossShare ? null : rtt;
		});
		return answers.filter((rtt) => rtt !== null).sort((a, b) => a - b);
	});
}

function writeRrd(path: string, measured: readonly (number[] | null)[], hasUptime: boolean): void {
	mkdirSync(dirname(path), { recursive: true });
	const shape = mainRrdShape('smokeping', step, pings);
	const [loss] = shape.dataSources;
	if (loss === undefined) throw new Error('main.rrd has no data sources');
	const uptime = { ...loss, name: 'uptime', min: 0, max: Number.NaN };
	createRrd(path, hasUptime ? { ...shape, dataSources: [uptime, ...shape.dataSources] } : shape, start);
	for (const [at, rtts] of measured.entries()) {
		const median = rtts?.[Math.floor(rtts.length / 2)] ?? null;
		const row = rtts === null ? unknownRow(pings) : smokepingRow(pings, pings - rtts.length, median, rtts);
		updateRrd(path, start + (at + 1) * step, hasUptime ? [Number.NaN, ...row] : row);
	}
}

/** What rrdtool says of a file: mean and most of medians, in ms, and mean loss in percent. */
function numbersIn(path: string): string {
	const told = execFileSync('rrdtool', [
		...[
			'graph',
			'/dev/null',
			'--start',
			String(start),
			'--end',
			String(end),
			'--width',
			String((end - start) / step),
		],
		...[`DEF:median=${path}:median:AVERAGE`, `DEF:loss=${path}:loss:AVERAGE`],
		...[`CDEF:ms=median,1000,*`, `CDEF:percent=loss,${pings},/,100,*`],
		...['VDEF:mean=ms,AVERAGE', 'VDEF:most=ms,MAXIMUM', 'VDEF:lost=percent,AVERAGE'],
		...['PRINT:mean:%.3lf', 'PRINT:most:%.3lf', 'PRINT:lost:%.3lf'],
	]);
	const [, mean, most, lost] = told.toString().split('\n');
	return `median ${mean} ms on average, ${most} ms at most, loss ${lost} %`;
}

function smokepingPicture(folder: string): Buffer {
	const images = join(folder, 'images');
	const config = join(folder, 'config');
	for (const name of ['images', 'state']) mkdirSync(join(folder, name), { recursive: true });
	const template = join(folder, 'page.html');
	writeFileSync(template, '<##body##>');
	for (const name of ['smokemail', 'tmail']) writeFileSync(join(folder, name), 'x\n');
	writeFileSync(config, smokepingConfig(folder, images, template));
	const env = {
		...process.env,
		REQUEST_METHOD: 'GET',
		QUERY_STRING: 'target=World.uplink',
		SCRIPT_NAME: '/smokeping.cgi',
	};
	const run = spawnSync('/usr/share/smokeping/smokeping.cgi', [config], { env, encoding: 'utf8' });
	const found = readdirSync(images, { recursive: true, encoding: 'utf8' }).filter((name) =>
		name.endsWith('.png'),
	);
	const picture =
		found.find((name) => name.includes('navcache')) ?? found.find((name) => name.includes('uplink'));
	if (picture === undefined) throw new Error(`smokeping drew nothing: ${run.stdout}${run.stderr}`);
	return readFileSync(join(images, picture));
}

function smokepingConfig(folder: string, images: string, template: string): string {
	const { archives: all } = mainRrdShape('smokeping', step, pings);
	const archives = all.map(
		({ consolidation, stepsPerRow, rows }) => `${consolidation} 0.5 ${stepsPerRow} ${rows}`,
	);
	return `*** General ***
owner = me
contact = me@example.org
imgcache = ${images}
imgurl = images
datadir = ${folder}/data
dyndir = ${folder}/state
piddir = ${folder}
cgiurl = http://127.0.0.1/smokeping.cgi
smokemail = ${folder}/smokemail
tmail = ${folder}/tmail
*** Database ***
step = ${step}
pings = ${pings}
${archives.join('\n')}
*** Presentation ***
template = ${template}
+ overview
width = ${width}
height = 50
range = ${hours}h
+ detail
width = ${width - 97}
height = 260
unison_tolerance = 2
"Last 30 Hours" ${hours}h
*** Probes ***
+ FPing
binary = /usr/bin/fping
*** Targets ***
probe = FPing
menu = Top
title = Top
+ World
menu = World
title = World
++ uplink
menu = uplink
title = Uplink
host = 127.0.0.1
`;
}

async function ourPicture(address: string): Promise<{ picture: Buffer; numbers: string }> {
	const browser = await chromium.launch({
		executablePath: browserProgram,
		chromiumSandbox: process.getuid?.() !== 0,
		args: ['--disable-gpu'],
	});
	try {
		const page = await browser.newPage({
			...{ viewport: { width: width + 24, height: 900 }, locale: 'en-GB', colorScheme: 'light' },
			timezoneId: process.env['TZ'] ?? 'UTC',
		});
		await page.goto(`${address}/orders/uplink?start=${start}&end=${end}`);
		const readout = page.locator('#readout');
		for (let tries = 0; tries < 50 && !/median/.test((await readout.textContent()) ?? ''); tries++)
			await sleep(200);
		const numbers = (await readout.textContent()) ?? '';
		return { picture: await page.locator('#smoke').screenshot(), numbers };
	} finally {
		await browser.close();
	}
}

/** Side by side, with a gap. */
function besideEachOther(pictures: readonly Buffer[]): Buffer {
	const all = pictures.map((picture) => PNG.sync.read(picture));
	const [gap, height] = [16, Math.max(...all.map((one) => one.height))];
	const whole = new PNG({ width: all.reduce((sum, one) => sum + one.width + gap, -gap), height });
	whole.data.fill(255);
	let left = 0;
	for (const one of all) {
		PNG.bitblt(one, whole, 0, 0, one.width, one.height, left, 0);
		left += one.width + gap;
	}
	return PNG.sync.write(whole);
}

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-smoke-'));
const daemon = new DaemonUnderTest();
try {
	const measured = slots();
	const [ours, theirs] = [
		join(daemon.baseDir, 'output/uplink/main.rrd'),
		join(folder, 'data/World/uplink.rrd'),
	];
	writeRrd(ours, measured, false);
	writeRrd(theirs, measured, true);
	const order = { user: 'me', title: 'Uplink', step, pings, probe: 'fping', fping: { host: '127.0.0.1' } };
	daemon.order('uplink', JSON.stringify(order));
	const config = join(folder, 'config.yaml');
	writeFileSync(config, 'web: {listen: 127.0.0.1:0}\n');
	const listening = daemon.logged(({ message }) => message.startsWith('web: listens on'));
	await daemon.start(['--config', config]);
	const address = (await listening).message.replace('web: listens on ', '');
	const drawn = join(folder, 'rrdtool.png');
	const cli = new URL('../src/cli.js', import.meta.url).pathname;
	const graph = [
		'graph',
		'uplink',
		'--basedir',
		daemon.baseDir,
		'--start',
		String(start),
		'--end',
		String(end),
	];
	execFileSync(process.execPath, [cli, ...graph, '--size', `${width}x400`, '--out', drawn]);
	const page = await ourPicture(address);
	writeFileSync(values.out, besideEachOther([smokepingPicture(folder), readFileSync(drawn), page.picture]));
	console.log(`SmokePing's file  ${numbersIn(theirs)}`);
	console.log(`main.rrd          ${numbersIn(ours)}`);
	console.log(`our page          ${page.numbers}`);
	console.log(values.out);
} finally {
	await daemon.end();
	rmSync(folder, { recursive: true, force: true });
}
