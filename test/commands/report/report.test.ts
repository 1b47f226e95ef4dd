import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type ReportOptions, reportCommand } from '../../../src/commands/report/index.ts';
import { lineOf, sinceLineOf } from '../../../src/history/histogram-lines.ts';
import { Tally } from '../../../src/history/tally.ts';
import { makeOrder } from '../graph/rrds.ts';

const november = Date.UTC(2026, 10) / 1000;
const december = Date.UTC(2026, 11) / 1000;
const daySeconds = 86_400;

let base: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => rmSync(base, { recursive: true }));

function run(ids: readonly string[], options: Partial<ReportOptions> = {}, nowSeconds = december + 100) {
	let [out, err] = ['', ''];
	const code = reportCommand(
		ids,
		{ basedir: base, ...options },
		{
			probes: builtInProbes,
			stdout: { write: (text) => (out += text) },
			stderr: { write: (text) => (err += text) },
		},
		nowSeconds,
	);
	return { code, out, err };
}

function tallyOf(counts: Partial<Tally>, rtts: readonly number[] = []): Tally {
	const tally = new Tally();
	Object.assign(tally, counts);
	for (const rtt of rtts) tally.histogram.add(rtt);
	return tally;
}

/** 30 days of slots of 300 s, of which 4 have no answer and 40 were not measured. */
function makeNovember(id: string, more: string | null = null): void {
	const rrd = makeOrder(base, {
		...{ id, root: 'output', stepSeconds: 300, pings: 2 },
		...{ firstSeconds: december - 300, slots: [[0.02, 0.02]] },
	});
	const days = Array.from({ length: 30 }, (_, at) => ({
		timeSeconds: november + at * daySeconds,
		spanSeconds: daySeconds,
		tally:
			at === 0
				? tallyOf({ slots: 248, down: 4, unknown: 40, sent: 496, lost: 18 }, [0.1])
				: tallyOf({ slots: 288, sent: 576, lost: 0, min: 0.02, max: 0.02 }, Array(100).fill(0.02)),
	}));
	const since = sinceLineOf({ timeSeconds: november - daySeconds, spanSeconds: 0, tally: new Tally() });
	writeFileSync(join(rrd, '../histograms'), [since, ...days.map(lineOf)].join(''));
	if (more === null) return;
	mkdirSync(join(base, 'orders', id, '..'), { recursive: true });
	writeFileSync(
		join(base, 'orders', id),
		`user: me\nstep: 300\npings: 2\nprobe: fping\nfping: {host: 192.0.2.1}\n${more}`,
	);
}

test('a month, worked out by hand', () => {
	makeNovember('core/a', 'title: The roof\nobjective: 99.9\n');
	// 29 * 288 + 248 = 8600 measured; 8596/8600 = 99.953488 %; 40/8640 = 0.462962 %; 18/17200 = 0.104651 %.
	// Allowed: 8.6 slots; left: 4.6 of 300 s = 23 min.
	const { code, out, err } = run([], { month: '2026-11' });
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
		['2026-11 (UTC)'],
		[
			'ORDER',
			'UPTIME',
			'DOWN',
			'UNKNOWN',
			'LOSS',
			'MEDIAN ms',
			'90% ms',
			'99% ms',
			'MAX ms',
			'OBJECTIVE',
			'REACHED',
			'LEFT',
		],
		[
			'core/a (The roof)',
			'99.953%',
			'20m',
			'0.462%',
			'0.104%',
			expect.stringMatching(/^(19|2\d)\.\d$/),
			expect.anything(),
			expect.anything(),
			'20.0',
			'99.9%',
			'met',
			'23m',
		],
		[''],
	]);
});

test('csv has the numbers themselves', () => {
	makeNovember('core/a', 'title: "=1+1, \\"x\\""\nobjective: 99.99\n');
	const { out } = run(['core/a'], { month: '2026-11', format: 'csv' });
	const [head = '', line = ''] = out.split('\n');
	const cells = line.replace(`"'=1+1, ""x"""`, 'TITLE').split(',');
	const row = Object.fromEntries(head.split(',').map((name, at) => [name, cells[at]]));
	expect(row).toMatchObject({
		...{ order: 'core/a', title: 'TITLE', month: '2026-11', step: '300', slots: '8600', down: '4' },
		...{ unknown: '40', uptime: '0.999534883721', sent: '17200', lost: '18', objective: '99.99' },
		...{ reached: 'no', allowed_slots: '0.86', left_slots: '-3.14' },
	});
});

test('html shows hostile titles as they are', () => {
	makeNovember('core/<a>', 'title: "<script>alert(1)</script>"\n');
	const { out } = run([], { month: '2026-11', format: 'html', objective: '99.99' });
	expect(out).toContain('&lt;script&gt;alert(1)&lt;/script&gt; <small>core/&lt;a&gt;</small>');
	expect(out).not.toContain('<script>');
	expect(out).toContain('<td class="text missed">missed</td>');
});

test('of orders without an objective --objective tells, alone it leaves them out', () => {
	makeNovember('core/a', 'objective: 99\n');
	makeNovember('core/b', '');
	expect(run([], { month: '2026-11', objective: true }).out).not.toContain('core/b');
	const lines = run([], { month: '2026-11', objective: '99.99' }).out.split('\n');
	expect(lines[2]).toMatch(/^core\/a .* 99% +met /);
	expect(lines[3]).toMatch(/^core\/b .* 99\.99% +missed +15m 42s over$/);
});

test('a running month counts what is to come, and what was not measured up to now', () => {
	makeNovember('core/a', 'objective: 99.9\n');
	const lines = run([], { month: true }, december + daySeconds).out.split('\n');
	// Nothing in December but the slots of a day that are missing; 30 days to come allow 8.64 slots.
	expect(lines[0]).toBe('2026-12 (UTC)');
	expect(lines[2]).toMatch(/^core\/a +- +- +100\.000% +- .* 99\.9% +- +43m 12s$/);
});

test.each([
	['2026-13', '--month: must be this, last, or a year and a month'],
	['2026', '--month: must be'],
	['core/none', 'no such order'],
])('%s for a month is refused, or taken for an order', (month, why) => {
	makeNovember('core/a');
	const { code, out, err } = run([], { month });
	expect({ code, out }).toEqual({ code: 1, out: '' });
	expect(err).toContain(why);
});

test('wrong options are told', () => {
	makeNovember('core/a');
	expect(run([], { objective: '101' }).err).toMatch(/--objective: must be percent/);
	expect(run([], { format: 'htm' }).err).toMatch(/Did you mean html/);
	expect(run([], { month: 'core/a' }).code).toBe(0);
});

test('a damaged main.rrd is told, and the others are in the report', () => {
	makeNovember('core/a', '');
	makeNovember('core/b', '');
	writeFileSync(join(base, 'output/core/b/main.rrd'), 'no RRD');
	const { code, out, err } = run([], { month: '2026-11' });
	expect(code).toBe(1);
	expect(out).toContain('core/a');
	expect(err).toMatch(/core\/b/);
});
