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
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type GraphSpec, graphArguments } from '../../../src/commands/graph/arguments.ts';
import { graphCommand } from '../../../src/commands/graph/index.ts';
import { graphNumbers, legendLine, percentText, secondsText } from '../../../src/commands/graph/numbers.ts';
import { type GraphOptions, readSpan, spanOf } from '../../../src/commands/graph/options.ts';
import { pictureProtocol, pictureText } from '../../../src/commands/graph/terminal.ts';
import type { SixelTerminal } from '../../../src/commands/terminal/terminal-answer.ts';
import { readSixels } from '../../support/sixels.ts';
import { makeOrder, randomNumbers, type Slot } from './rrds.ts';

const first = 1_795_000_000 - (1_795_000_000 % 300);
const now = first + 48 * 300;

let base: string;
let folder: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => {
	vi.unstubAllEnvs();
	for (const path of [base, folder]) rmSync(path, { recursive: true });
});

interface Run {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

async function graph(
	ids: readonly string[],
	options: Partial<GraphOptions> = {},
	terminal: Readonly<Record<string, string>> | null = null,
	askForSixels: () => Promise<SixelTerminal | null> = async () => null,
): Promise<Run> {
	let out = '';
	let err = '';
	const around = {
		probes: builtInProbes,
		stdout: {
			write: (text: string) => {
				out += text;
			},
			isTTY: terminal !== null,
		},
		stderr: {
			write: (text: string) => {
				err += text;
			},
		},
		env: terminal ?? {},
		cwd: () => folder,
		askForSixels,
	};
	const code = await graphCommand(ids, { basedir: base, ...options }, around, now);
	return { code, out, err };
}

/** Four hours: answers, some lost, all lost, not measured. */
function make(
	id: string,
	pings = 5,
	slotOf: (index: number) => Slot = usual(pings),
	root: 'output' | 'archive' = 'output',
) {
	const slots = Array.from({ length: 48 }, (_, index) => slotOf(index));
	makeOrder(base, { id, root, stepSeconds: 300, pings, firstSeconds: first, slots });
}

function usual(pings: number): (index: number) => Slot {
	const random = randomNumbers(pings);
	return (index) => {
		if (index >= 30 && index < 34) return null;
		const lost = index >= 10 && index < 14 ? pings : index % 5 === 0 ? Math.floor(pings / 2) : 0;
		return Array.from({ length: pings - lost }, () => 0.02 + 0.01 * random());
	};
}

const pngSignature = '89504e470d0a1a0a';

/** Width and height, from the header. */
function pngSize(png: Buffer): [number, number] {
	expect(png.subarray(0, 8).toString('hex')).toBe(pngSignature);
	return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

// ---- Drawing ----

test.each([1, 2, 5, 20, 300])('an order with %d pings is drawn in the size asked for', async (pings) => {
	make('me/one', pings);
	expect(await graph(['me/one'], { out: 'one.png', size: '640x320' })).toEqual({ code: 0, out: '', err: '' });
	expect(pngSize(readFileSync(join(folder, 'one.png')))).toEqual([640, 320]);
});

test.each<[string, Slot]>([
	['everything is lost', []],
	['nothing is known', null],
	['the answers took no time', [0, 0, 0, 0, 0]],
])('an order is drawn when %s', async (_, slot) => {
	make('odd', 5, () => slot);
	expect(await graph(['odd'], { out: 'odd.png' })).toEqual({ code: 0, out: '', err: '' });
	expect(pngSize(readFileSync(join(folder, 'odd.png')))).toEqual([800, 400]);
});

/** How often each colour fills something in an SVG, by its hexadecimal name. */
function fillsOf(svg: string): Map<string, number> {
	const fills = new Map<string, number>();
	for (const [, percents = ''] of svg.matchAll(/fill[:=]"?rgb\(([^)]*)\)/g)) {
		const parts = percents.split(',').map((part) => Math.round(Number.parseFloat(part) * 2.55));
		const colour = `#${Buffer.from(parts).toString('hex')}`;
		fills.set(colour, (fills.get(colour) ?? 0) + 1);
	}
	return fills;
}

async function drawnFills(slot: Slot): Promise<Map<string, number>> {
	rmSync(join(base, 'output'), { recursive: true, force: true });
	make('me/one', 20, () => slot);
	expect(await graph(['me/one'], { out: 'one.svg', period: '14400' })).toEqual({ code: 0, out: '', err: '' });
	const svg = readFileSync(join(folder, 'one.svg'), 'utf8');
	expect(svg).toMatch(/^<\?xml.*<svg.*<\/svg>\s*$/s);
	return fillsOf(svg);
}

test.each([
	[0, '#26ff00'],
	[1, '#00b8ff'],
	[2, '#0059ff'],
	[3, '#5e00ff'],
	[4, '#7e00ff'],
	[10, '#dd00ff'],
	[11, '#ff0000'],
	[19, '#ff0000'],
	[20, '#d8d8d8'],
])('%d of 20 pings lost are drawn in %s and no other colour of loss', async (lost, colour) => {
	// What the legend alone has.
	const legend = await drawnFills(null);
	const drawn = await drawnFills(Array.from({ length: 20 - lost }, () => 0.02));
	const added = lossColours.filter((each) => (drawn.get(each) ?? 0) > (legend.get(each) ?? 0));
	expect(added).toEqual([colour]);
});

const lossColours = '#26ff00 #00b8ff #0059ff #5e00ff #7e00ff #dd00ff #ff0000 #d8d8d8'.split(' ');

test('names and titles are drawn as they are, whatever is in them', async () => {
	const odd = 'me/a:b\\c\\n %s <b> é \x1b[31m\n';
	make(odd, 20, usual(20), 'archive');
	const options = { out: 'odd.png', title: ':\\:%s\\n\\\x1b]0;x\x07\u202e --start 1' };
	expect(await graph(['me/a'], options)).toEqual({ code: 0, out: '', err: '' });
	expect(await graph(['me/a'], { out: 'odd.png', title: '-' })).toEqual({ code: 0, out: '', err: '' });
	expect(await graph(['me/a'], { out: 'odd.png', title: '' })).toEqual({ code: 0, out: '', err: '' });
});

// ---- What rrdtool is told ----

function spec(pings: number, rows: readonly (readonly number[])[]): GraphSpec {
	return {
		title: 'title',
		subtitle: '',
		format: 'png',
		size: { width: 800, height: 400 },
		startSeconds: 1000,
		endSeconds: 2000,
		pings,
		series: {
			names: [],
			stepSeconds: 300,
			rows: rows.map((values, index) => ({ timeSeconds: 300 * index, values: Float64Array.from(values) })),
		},
	};
}

function after(args: readonly string[], flag: string): string | undefined {
	return args[args.indexOf(flag) + 1];
}

test('the arguments of rrdtool', () => {
	const args = graphArguments({
		...spec(5, [[1, 0.02, 0.01, 0.02, 0.02, 0.03, Number.NaN]]),
		title: 'a:b\\n\x1b',
	});
	expect(args.slice(0, 2)).toEqual(['graph', '-']);
	expect(after(args, '--title')).toBe('a:b\\\u2060n\\x1b');
	expect([after(args, '--start'), after(args, '--end')]).toEqual(['1000', '2000']);
	expect([after(args, '--width'), after(args, '--height')]).toEqual(['800', '400']);
	expect(args.filter((arg) => /^(DEF|CDEF:smoke|AREA:smoke|AREA:ping)/.test(arg))).toEqual([
		'DEF:loss=main.rrd:loss:AVERAGE',
		'DEF:median=main.rrd:median:AVERAGE',
		'DEF:ping1=main.rrd:ping1:AVERAGE',
		'DEF:ping5=main.rrd:ping5:AVERAGE',
		'CDEF:smoke1=ping5,ping1,-',
		'AREA:ping1',
		'AREA:smoke1#e1e1e1::STACK',
		'DEF:ping2=main.rrd:ping2:AVERAGE',
		'DEF:ping4=main.rrd:ping4:AVERAGE',
		'CDEF:smoke2=ping4,ping2,-',
		'AREA:ping2',
		'AREA:smoke2#b9b9b9::STACK',
	]);
	// The block of four pixels is in the middle of the median.
	expect(args.slice(args.indexOf('LINE1:median#202020'))).toEqual(
		expect.arrayContaining([
			'CDEF:below=median,0.000165,-',
			'CDEF:from1=loss,0.000001,GT,loss,0.250001,LE,*,below,UNKN,IF',
			'AREA:from1',
			'CDEF:block1=from1,UN,UNKN,0.00033,IF',
			'AREA:block1#00b8ff:to 5 %:STACK',
		]),
	);
	expect(args).toContain('AREA:all_lost#d8d8d8');
	expect(args.at(-2)).toBe('COMMENT:packet loss    20.0 % avg   20.0 % max   20.0 % min   20.0 % last\\l');
});

test.each([
	[1, 0],
	[2, 0],
	[3, 1],
	[20, 10],
	[10_000, 20],
])('%d pings give %d layers of smoke', (pings, layers) => {
	const args = graphArguments(spec(pings, []));
	expect(args.filter((arg) => arg.startsWith('AREA:smoke'))).toHaveLength(layers);
});

test('the axis holds all medians and most of the smoke', () => {
	const topOf = (rows: readonly (readonly number[])[]) =>
		Number(after(graphArguments(spec(3, rows)), '--upper-limit'));
	const unknown = Number.NaN;
	expect(topOf([])).toBe(0.1);
	expect(topOf([[3, unknown, unknown, unknown, unknown]])).toBe(0.1);
	expect(topOf([[0, 0.01, 0.01, 0.01, 0.01]])).toBeCloseTo(0.012, 9);
	expect(topOf([[0, 0.01, 0.01, 0.01, 0.02]])).toBeCloseTo(0.022, 9);
	expect(topOf([[0, 0.01, 0.01, 0.01, 5]])).toBeCloseTo(0.04, 9);
});

test('the numbers leave out what is not known', () => {
	const nothing = Number.NaN;
	const { series } = spec(4, [
		[0, 0.02, 0.01, 0.01, 0.03, 0.03],
		[nothing, nothing, nothing, nothing, nothing, nothing],
		[4, nothing, nothing, nothing, nothing, nothing],
		[3, 0.04, nothing, 0.04, nothing, nothing],
	]);
	const { median, jitter, loss } = graphNumbers(series, 4);
	expect(median).toEqual({ average: 0.03, max: 0.04, min: 0.02, last: 0.04 });
	expect(jitter.average).toBeCloseTo(0.01, 9);
	expect(loss).toEqual({ average: (0 + 100 + 75) / 3, max: 100, min: 0, last: 75 });
	const empty = { average: null, max: null, min: null, last: null };
	expect(graphNumbers({ ...series, rows: [] }, 4)).toEqual({ median: empty, jitter: empty, loss: empty });
	expect(legendLine('x', empty, secondsText)).toBe(
		'x                   - avg        - max        - min        - last',
	);
});

test('numbers have the unit that suits them', () => {
	expect([0, 2e-5, 0.0009996, 0.0234, 0.0999, 0.1, 0.9996, 12.34].map(secondsText)).toEqual([
		'0.0 ms',
		'20.0 us',
		'1.0 ms',
		'23.4 ms',
		'99.9 ms',
		'100 ms',
		'1.0 s',
		'12.3 s',
	]);
	expect([0, 9.994, 9.996, 100].map(percentText)).toEqual(['0.00 %', '9.99 %', '10.0 %', '100.0 %']);
});

// ---- Times ----

test('the span ends now unless it is said otherwise', () => {
	const span = (options: Partial<GraphOptions>, known = 0) =>
		spanOf(
			readSpan({ basedir: '', ...options }, now),
			now,
			({ startSeconds }) => startSeconds <= now - known,
		);
	expect(span({ period: 'week' })).toEqual({
		startSeconds: now - 604_800,
		endSeconds: now,
		name: 'last week',
	});
	expect(span({ period: '600', end: '-1h' })).toEqual({
		startSeconds: now - 4200,
		endSeconds: now - 3600,
		name: '',
	});
	expect(span({ period: '30h' })).toEqual({ startSeconds: now - 108_000, endSeconds: now, name: '' });
	expect(span({ start: '-2h', end: '-1h' })).toEqual({
		startSeconds: now - 7200,
		endSeconds: now - 3600,
		name: '',
	});
	expect(() => span({ start: '-1h', period: 'day' })).toThrow('--start and --period exclude each other');
	expect(() => span({ period: 'weak' })).toThrow('not "weak". Did you mean week?');
	expect(() => span({ period: '0' })).toThrow('--period: must be');
	expect(() => span({ period: '30x' })).toThrow('a span of time such as 90s, 15min, 2h');
	expect(() => span({ start: '-1h', end: '-2h' })).toThrow('the start is not before the end');
	expect(() => span({ period: '9999999999' })).toThrow('the start is before 1980');
	expect(() => span({ start: '-1h', end: '99999999999999' })).toThrow('the end is after the year 2999');
});

test.each([
	['hour', 0],
	['hour', 3600],
	['day', 3601],
	['week', 86_401],
	['month', 604_801],
	['year', 31 * 86_400],
	['day', 366 * 86_400],
])('the shortest usual period that reaches back to measurements is %s', (name, agoSeconds) => {
	const span = readSpan({ basedir: '' }, now);
	const times = spanOf(span, now, ({ startSeconds }) => startSeconds <= now - agoSeconds);
	expect(times.name).toBe(`last ${name}`);
});

test('an order of a few minutes is drawn in an hour, one that stopped in a day, one of long steps in a day', async () => {
	const dates = async (id: string) => {
		expect(await graph([id], { out: `${id}.html` })).toEqual({ code: 0, out: '', err: '' });
		return /<p>(last \w+): /.exec(readFileSync(join(folder, `${id}.html`), 'utf8'))?.[1];
	};
	make('new', 5, (index) => (index > 45 ? [0.02] : null));
	make('stopped', 5, (index) => (index < 30 ? [] : null));
	const slots: Slot[] = [[0.01], [0.01], [0.01], [0.01]];
	makeOrder(base, {
		id: 'slow',
		stepSeconds: 3600,
		pings: 5,
		firstSeconds: now - (now % 3600) - 4 * 3600,
		slots,
	});
	expect([await dates('new'), await dates('stopped'), await dates('slow')]).toEqual([
		'last hour',
		'last day',
		'last day',
	]);
});

// ---- Where to ----

test('without --out the file is named after the order, and never replaces one', async () => {
	make('me/one');
	expect(await graph(['me/o'])).toEqual({ code: 0, out: 'me_one.png\n', err: '' });
	writeFileSync(join(folder, 'me_one.png'), 'mine');
	const again = await graph(['me/o']);
	expect(again).toMatchObject({ code: 1, out: '' });
	expect(again.err).toMatch(/^pingmachine graph: .*me_one\.png: exists already. .*\n$/);
	expect(readFileSync(join(folder, 'me_one.png'), 'utf8')).toBe('mine');
});

test('--out replaces pictures and nothing else', async () => {
	make('me/one');
	const file = join(folder, 'one.png');
	for (const before of [Buffer.alloc(0), Buffer.from(`${pngSignature}00`, 'hex')]) {
		writeFileSync(file, before);
		expect(await graph(['me/one'], { out: 'one.png' })).toEqual({ code: 0, out: '', err: '' });
		expect(pngSize(readFileSync(file))).toEqual([800, 400]);
	}
	writeFileSync(file, 'my notes');
	expect((await graph(['me/one'], { out: 'one.png' })).err).toBe(
		`pingmachine graph: ${file}: is there and not a PNG file: move it away, or name another file\n`,
	);
	expect(readFileSync(file, 'utf8')).toBe('my notes');
	expect(readdirSync(folder)).toEqual(['one.png']);
});

test('a file that cannot be written is one line', async () => {
	make('me/one');
	mkdirSync(join(folder, 'folder.png'));
	const errorOf = async (out: string) => (await graph(['me/one'], { out })).err;
	expect(await errorOf('folder.png')).toMatch(
		/^pingmachine graph: .*folder\.png: is there and not a PNG file: .*\n$/,
	);
	expect(await errorOf('none/one.png')).toMatch(/^pingmachine graph: .*: there is no such file or folder\n$/);
	expect(await errorOf('one.gif')).toBe(
		'pingmachine graph: --out: must end in .png, .svg or .html: one.gif\n',
	);
	expect((await graph(['me/one'], { size: '10x10' })).err).toMatch(
		/^pingmachine graph: --size: must be .*\n$/,
	);
});

test('several orders make a page that needs no other file', async () => {
	make('me/one');
	make('me/<two>', 20, usual(20), 'archive');
	mkdirSync(join(base, 'output/norrd'));
	writeFileSync(join(base, 'output/norrd/last_result'), '');
	const { code, out, err } = await graph(['me/one', 'me/<', 'norrd', 'me/on'], { title: 'A & B' });
	expect({ code, out }).toEqual({ code: 1, out: 'overview.html\n' });
	expect(err).toMatch(/^pingmachine graph: norrd: has no main\.rrd in .*\n$/);
	const page = readFileSync(join(folder, 'overview.html'), 'utf8');
	expect(page).toContain('<h1>A &amp; B</h1>');
	expect(page).toContain('alt="graph of me/&lt;two&gt;"');
	expect(page).toMatch(/<figure class="problem" id="norrd">.*<p>norrd: has no main\.rrd/);
	const images = [...page.matchAll(/data:image\/png;base64,([^"]*)/g)];
	expect(images).toHaveLength(2);
	for (const [, data = ''] of images) expect(pngSize(Buffer.from(data, 'base64'))).toEqual([680, 300]);
	// A page of ours may be replaced, somebody's page not.
	expect(await graph(['me/one', 'me/<'], { out: 'overview.html' })).toMatchObject({ code: 0 });
	writeFileSync(join(folder, 'overview.html'), '<!doctype html>\n<p>mine');
	expect(await graph(['me/one', 'me/<'], { out: 'overview.html' })).toMatchObject({ code: 1 });
	expect((await graph(['me/one', 'me/<'], { out: 'two.png' })).err).toMatch(
		/name a file that ends in \.html/,
	);
});

test('a terminal that can show pictures shows them', async () => {
	make('me/one');
	const { code, out } = await graph(['me/one'], {}, { TERM: 'xterm-kitty' });
	expect(code).toBe(0);
	const parts = out.split('\x1b\\').filter((part) => part.startsWith('\x1b_G'));
	const data = parts.map((part) => part.slice(part.indexOf(';') + 1)).join('');
	expect(pngSize(Buffer.from(data, 'base64'))).toEqual([800, 400]);
	expect(readdirSync(folder)).toEqual([]);
	// One that cannot gets the file.
	expect(await graph(['me/one'], {}, { TERM: 'xterm' })).toMatchObject({ out: 'me_one.png\n' });
});

test('a terminal that says that it knows sixels shows the graph in as many colours as it has', async () => {
	make('me/one');
	for (const colours of [16, 256]) {
		const { code, out, err } = await graph(['me/one'], {}, { TERM: 'foot' }, async () => ({ colours }));
		expect({ code, err }).toEqual({ code: 0, err: '' });
		const { width, height, used } = readSixels(out.trimEnd());
		expect([width, height]).toEqual([800, 400]);
		expect(used.size).toBeGreaterThan(8);
		expect(used.size).toBeLessThanOrEqual(colours);
	}
	expect(readdirSync(folder)).toEqual([]);
});

test('only a terminal that could show the graph is asked for sixels', async () => {
	make('me/one');
	const ask = vi.fn(async () => null);
	expect(await graph(['me/one'], { out: 'one.png' }, { TERM: 'foot' }, ask)).toMatchObject({ code: 0 });
	expect(await graph(['me/one'], {}, { TERM: 'dumb' }, ask)).toMatchObject({ out: 'me_one.png\n' });
	rmSync(join(folder, 'me_one.png'));
	expect(await graph(['me/one'], {}, null, ask)).toMatchObject({ out: 'me_one.png\n' });
	expect(await graph(['me/one'], {}, { TERM: 'xterm-kitty' }, ask)).toMatchObject({ code: 0 });
	expect(ask).not.toHaveBeenCalled();
	rmSync(join(folder, 'me_one.png'));
	expect(await graph(['me/one'], {}, { TERM: 'xterm' }, ask)).toMatchObject({ out: 'me_one.png\n' });
	expect(ask).toHaveBeenCalledOnce();
});

test('what a terminal can do is told by its environment', () => {
	expect(pictureProtocol({ TERM: 'xterm-kitty' })).toBe('kitty');
	expect(pictureProtocol({ TERM: 'xterm-ghostty' })).toBe('kitty');
	expect(pictureProtocol({ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' })).toBe('iterm2');
	expect(pictureProtocol({ TERM: 'xterm-256color', LC_TERMINAL: 'iTerm2' })).toBe('iterm2');
	expect(pictureProtocol({ TERM: 'xterm-256color' })).toBeNull();
	expect(pictureProtocol({ TERM: 'tmux-256color', KITTY_WINDOW_ID: '1', TMUX: '/tmp/x' })).toBeNull();
	expect(pictureText('iterm2', Buffer.from('abc'))).toBe('\x1b]1337;File=inline=1;size=3:YWJj\x07\n');
	expect(pictureText('kitty', Buffer.from('abc'))).toBe('\x1b_Ga=T,f=100,m=0;YWJj\x1b\\\n');
	const long = pictureText('kitty', Buffer.alloc(6144));
	expect([...long.matchAll(/m=\d/g)].map(String)).toEqual(['m=1', 'm=0']);
});

test('an overview has headings, times, links, and what orders say of themselves', async () => {
	make('me/roof/one');
	make("it's <b>", 5, usual(5), 'archive');
	mkdirSync(join(base, 'orders/me/roof'), { recursive: true });
	writeFileSync(
		join(base, 'orders/me/roof/one'),
		'user: me\nstep: 300\npings: 5\nprobe: icmp\nicmp: {host: 192.0.2.7}\ntitle: "The <roof>"\nnote: 2nd floor\nlink: https://example.com/a?b&c\n',
	);
	writeFileSync(join(base, "archive/it's <b>/order"), 'title: [no title]\nlink: javascript:alert(1)\n');
	vi.stubEnv('TZ', 'UTC');
	expect(await graph(['me', "it's <b>"], { out: 'o.html', period: '30h', end: String(now) })).toMatchObject({
		code: 0,
	});
	const page = readFileSync(join(folder, 'o.html'), 'utf8').replaceAll(/base64,[^"]*/g, '');
	expect(page).toContain('<h1>me it&#39;s &lt;b&gt;</h1>');
	expect(page).toContain(`<p>2 orders, drawn <time datetime="${new Date(now * 1000).toISOString()}">`);
	expect(page).toContain('<p>me/roof/</p>\n<ul><li><a href="#me%2Froof%2Fone">one</a></li></ul>');
	expect(page).toContain('<h2>me/roof/</h2>\n<figure id="me%2Froof%2Fone"><h3><a href="#me%2Froof%2Fone">');
	expect(page).toContain(
		'The &lt;roof&gt;</a></h3><p>me/roof/one, icmp 192.0.2.7</p><p>2nd floor</p><p>2026-11-17 09:05 to 2026-11-18 15:05 (UTC)</p><p><a href="https://example.com/a?b&amp;c" rel="noreferrer">',
	);
	expect(page).toContain('id="it%27s%20%3Cb%3E"');
	expect(page).toContain('<p>archived</p>');
	expect(page).not.toContain('javascript');
});

test('the picture has the title of the order, its id, what it measures, and the dates', async () => {
	make('me/one');
	mkdirSync(join(base, 'orders/me'), { recursive: true });
	const order = 'user: me\nstep: 300\npings: 5\nprobe: icmp\nicmp: {host: 192.0.2.7}\n';
	const stub = join(folder, 'args');
	writeFileSync(join(folder, 'rrdtool'), `#!/bin/sh\nprintf '%s\\n' "$@" >${stub}\nexit 1\n`, {
		mode: 0o755,
	});
	vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
	vi.stubEnv('TZ', 'UTC');
	const told = async (text: string, options: Partial<GraphOptions> = {}) => {
		writeFileSync(join(base, 'orders/me/one'), text);
		await graph(['me/one'], { out: 'one.png', ...options });
		const lines = readFileSync(stub, 'utf8').trimEnd().split('\n');
		return [after(lines, '--title'), lines.at(-1)];
	};
	const dates = 'COMMENT:2026-11-18 14\\:05 to 15\\:05 (UTC)\\l';
	expect(await told(order)).toEqual(['me/one, last hour\\nicmp 192.0.2.7', dates]);
	expect(await told(`${order}title: Roof\n`)).toEqual(['Roof, last hour\\nme/one, icmp 192.0.2.7', dates]);
	expect(await told(order, { title: 'Mine' })).toEqual(['Mine\\nme/one, icmp 192.0.2.7', dates]);
	const [title] = await told(`${order}title: ${'x'.repeat(119)}\n`);
	expect(title?.split('\\n')[0]).toHaveLength(98);
});

// ---- Trouble ----

test('without rrdtool it says how to install it, once', async () => {
	make('me/one');
	make('me/two');
	vi.stubEnv('PATH', folder);
	const missing = 'pingmachine graph: rrdtool is not installed: apt-get install rrdtool\n';
	expect(await graph(['me/one'])).toEqual({ code: 1, out: '', err: missing });
	expect(await graph(['me/one', 'me/two'])).toEqual({ code: 1, out: '', err: missing });
	expect(existsSync(join(folder, 'overview.html'))).toBe(false);
});

test('what rrdtool complains about is one line', async () => {
	make('me/one');
	writeFileSync(join(folder, 'rrdtool'), '#!/bin/sh\necho "ERROR: no\x1b[31m" >&2\necho more >&2\nexit 1\n', {
		mode: 0o755,
	});
	vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
	expect(await graph(['me/one'])).toEqual({
		code: 1,
		out: '',
		err: 'pingmachine graph: me/one: rrdtool could not draw it: no\\x1b[31m\n',
	});
});

test('an unknown order and a damaged file are one line', async () => {
	make('me/one');
	expect((await graph(['me/oen'])).err).toBe(
		'pingmachine graph: me/oen: there is no such order. Did you mean me/one?\n',
	);
	writeFileSync(join(base, 'output/me/one/main.rrd'), 'RRD');
	expect((await graph(['me/one'])).err).toMatch(/^pingmachine graph: .*main\.rrd: .*\n$/);
});
