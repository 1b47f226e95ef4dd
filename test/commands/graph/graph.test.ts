import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GraphSpec, graphArguments } from '../../../src/commands/graph/arguments.ts';
import { graphNumbers, legendLine, percentText, secondsText } from '../../../src/commands/graph/numbers.ts';
import { type GraphOptions, readSpan, spanOf } from '../../../src/commands/graph/options.ts';
import { after, base, folder, graph, make, now, pngSize, useGraph, usual } from './graph-rig.ts';
import { makeOrder, type Slot } from './rrds.ts';

useGraph();

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

test('changes of the route are marked within the picture, and named once', () => {
	const { startSeconds, endSeconds } = spec(3, []);
	const marks = [startSeconds - 5, startSeconds + 10, startSeconds + 20, endSeconds + 5];
	const args = graphArguments({ ...spec(3, []), routeChanges: marks });
	expect(args.filter((arg) => arg.startsWith('VRULE'))).toEqual([
		`VRULE:${startSeconds + 10}#7b5cc4:route changed (2)\\l:dashes=3,3`,
		`VRULE:${startSeconds + 20}#7b5cc4::dashes=3,3`,
	]);
});
