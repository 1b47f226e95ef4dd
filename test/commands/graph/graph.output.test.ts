import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { GraphOptions } from '../../../src/commands/graph/options.ts';
import { pictureProtocol, pictureText } from '../../../src/commands/graph/terminal.ts';
import { readSixels } from '../../support/sixels.ts';
import {
	after,
	base,
	folder,
	graph,
	make,
	now,
	pngSignature,
	pngSize,
	useGraph,
	usual,
} from './graph-rig.ts';

useGraph();

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

test('points of presence are compared in one graph: where they alone measure, or on demand', async () => {
	make('me/far/@fra', 5, (index) => (index < 40 ? [0.1, 0.1, 0.1, 0.1, 0.1] : null));
	make('me/far/@zrh', 3, () => [0.02, 0.02]);
	make('me/both');
	make('me/both/@zrh');
	mkdirSync(join(base, 'output/me/none/@zrh'), { recursive: true });
	const stub = join(folder, 'args');
	writeFileSync(
		join(folder, 'rrdtool'),
		`#!/bin/sh\nprintf '%s\\n' "$@" >${stub}\nPATH=${process.env['PATH']} exec rrdtool "$@"\n`,
		{ mode: 0o755 },
	);
	vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
	const linesOf = async (ids: string[], options: Partial<GraphOptions> = {}) => {
		expect(await graph(ids, { out: 'far.svg', ...options })).toEqual({ code: 0, out: '', err: '' });
		const args = readFileSync(stub, 'utf8').split('\n');
		return args.filter((arg) => arg.startsWith('LINE1.5')).map((arg) => arg.replace(/^[^:]*:[^:]*:/, ''));
	};
	expect(await linesOf(['me/far'])).toEqual([
		expect.stringMatching(/^fra +100 ms avg +100 ms max +0\.00 % lost\\l$/),
		expect.stringMatching(/^zrh +20\.0 ms avg +20\.0 ms max +33\.3 % lost\\l:dashes=8,3$/),
	]);
	expect(await linesOf(['me/both'], { pops: true })).toEqual([
		expect.stringMatching(/^here /),
		expect.stringMatching(/^zrh /),
	]);
	expect(await linesOf(['me/both'])).toEqual([]);
	expect(await linesOf(['me/far/@zrh'])).toEqual([]);
	expect(await graph(['me/none'], { out: 'x.png' })).toMatchObject({
		code: 1,
		err: 'pingmachine graph: me/none: no point of presence has measured anything yet\n',
	});
	const { code } = await graph(['me/far/@*'], { out: 'both.html' });
	expect(code).toBe(0);
	expect(readFileSync(join(folder, 'both.html'), 'utf8').match(/<h3>/g)).toHaveLength(2);
});

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
