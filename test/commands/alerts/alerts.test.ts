import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { backtestCommand } from '../../../src/commands/alerts/backtest.ts';
import { historyCommand } from '../../../src/commands/alerts/history.ts';
import { muteCommand } from '../../../src/commands/alerts/mute.ts';
import type { AlertsPlace } from '../../../src/commands/alerts/place.ts';
import { suggestCommand } from '../../../src/commands/alerts/suggest.ts';
import { commandLine } from '../../../src/commands/command-line.ts';
import { readMute } from '../../../src/reading/mute.ts';
import { writeSlots } from '../../../src/store/history-files.ts';
import { makeOrder, type Slot } from '../graph/rrds.ts';

const step = 60;
const pings = 5;
const now = 1_796_000_040;
const first = Math.floor((now - 900 * step) / step) * step;

let base: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	for (const name of ['orders', 'output', 'alerts']) mkdirSync(join(base, name));
});
afterEach(() => rmSync(base, { recursive: true }));

async function run(act: (place: AlertsPlace) => Promise<0 | 1>) {
	let [out, err] = ['', ''];
	const code = await act({
		...{ probes: builtInProbes, nowSeconds: now },
		stdout: { write: (text) => (out += text) },
		stderr: { write: (text) => (err += text) },
	});
	return { code, out, err };
}

const testRule = (rule: string, ids: string[] = [], since?: string) =>
	run((place) => backtestCommand(rule, ids, { basedir: base, since, json: true }, place));

const jsonOf = (out: string) =>
	out
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);

const answered = (seconds: number, lost = 0): Slot => Array(pings - lost).fill(seconds);

/** 200 slots in main.rrd: answered in 20 ms, but for what is named by its place. */
function makeMeasured(id: string, others: Readonly<Record<number, Slot>>, more: object = {}): void {
	writeFileSync(
		join(base, 'orders', id),
		JSON.stringify({ user: 'me', step, pings, probe: 'icmp', icmp: { host: '192.0.2.7' }, ...more }),
	);
	makeOrder(base, {
		...{ id, stepSeconds: step, pings, firstSeconds: first },
		slots: Array.from({ length: 200 }, (_, at) => (at in others ? (others[at] ?? null) : answered(0.02))),
	});
}

const timeOf = (slot: number) => first + slot * step;

const lossRule = 'loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}\n';
const lossy = { 50: answered(0.02, 2), 51: answered(0.02, 3), 52: null, 53: answered(0.02, 5) };

describe('alerts test', () => {
	test('it tells raises and clears with their counts, and how far back it could look', async () => {
		makeMeasured('a', lossy);
		makeMeasured('b', {});
		writeFileSync(join(base, 'alerts', 'loss.yaml'), lossRule);
		const { code, out } = await testRule('loss');
		expect(code).toBe(0);
		const [raise, clear, a, b] = jsonOf(out);
		expect(raise).toMatchObject({ about: 'raise', order: 'a', time: timeOf(54), since: timeOf(50) });
		expect(clear).toMatchObject({ about: 'clear', order: 'a', time: timeOf(59) });
		expect(a).toMatchObject({ raises: 1, clears: 1, firing: 300, slots: 200, unknown: 1, from: timeOf(0) });
		expect(b).toMatchObject({ order: 'b', raises: 0, clears: 0, matches: true });
		const text = await run((place) => backtestCommand('loss', [], { basedir: base }, place));
		expect(text.out).toMatch(/ {2}raise {2}a {2}loss 100 % \(over 20 %\) in 3 of 5 slots\n/);
		expect(text.out).toMatch(/ {2}clear {2}a {2}after 5m\n/);
		expect(text.out).toMatch(
			/^a: 1 raise, 1 clear, .*looked back to .*200 slots, 1 of them unknown; of main\.rrd/m,
		);
		expect(text.out).toMatch(/^2 orders: 1 raise, 1 clear/m);
	});

	test('slots come from the file slots, and those before it from main.rrd', async () => {
		makeMeasured('a', lossy);
		const shape = { stepSeconds: step, pings, capacity: 1000 };
		const records = Array.from({ length: 100 }, (_, at) => ({
			...{ timeSeconds: timeOf(at + 100), loss: at >= 20 && at < 23 ? 5 : 0, medianSeconds: 0.02 },
		}));
		writeSlots(join(base, 'output', 'a'), shape, records, 'x');
		const file = join(base, 'my-rule.yaml');
		writeFileSync(file, lossRule);
		const all = jsonOf((await testRule(file)).out);
		expect(all.filter(({ about }) => about === 'raise').map(({ time }) => time)).toEqual([
			timeOf(54),
			timeOf(123),
		]);
		expect(all.at(-1)).toMatchObject({ from: timeOf(0), slots_file_from: timeOf(100) });
		const late = jsonOf((await testRule(file, [], String(timeOf(60)))).out);
		expect(late.filter(({ about }) => about === 'raise').map(({ time }) => time)).toEqual([timeOf(123)]);
	});

	test('parents that were down, and being cut off, hold as they would have', async () => {
		const lost = (from: number, until: number) =>
			Object.fromEntries(Array.from({ length: until - from }, (_, at) => [from + at, answered(0, 5)]));
		makeMeasured('gw', lost(10, 15));
		makeMeasured('between', {}, { parents: ['gw'] });
		// With the parent and longer; by itself; and while this machine was cut off.
		const own = { ...lost(10, 18), ...lost(60, 63), ...lost(100, 103) };
		makeMeasured('child', own, { parents: ['between', 'nobody'] });
		writeFileSync(join(base, 'alerts', 'loss.yaml'), 'loss: {over: 20%}');
		mkdirSync(join(base, 'state'));
		const isolated = { id: 'isolated||1', rule: 'isolated', severity: 'critical', what: 'cut off', pops: [] };
		const at = { sinceSeconds: timeOf(99), raisedSeconds: timeOf(99), clearedSeconds: timeOf(140) };
		const line = { time: timeOf(140), about: 'clear', ...isolated, ...at };
		writeFileSync(join(base, 'state/alerts'), `${JSON.stringify(line)}\n`);
		const raises = jsonOf((await testRule('loss', ['child'])).out).filter(({ about }) => about === 'raise');
		expect(raises).toMatchObject([
			{ time: timeOf(11), told: timeOf(16), held: 'gw' },
			{ time: timeOf(61), told: timeOf(61), held: null },
			{ time: timeOf(101), told: null, held: 'isolated' },
		]);
		const { out } = await run((place) => backtestCommand('loss', ['child'], { basedir: base }, place));
		expect(out).toContain('(held by gw, told 5m later)');
		expect(out).toContain('(held by isolated, not told)');
		expect(out).toMatch(/2 of 3 raises held; mutes and dead hops are not looked at: .*\n$/);
	});

	test('an average is never taken for a slot: beyond the single slots there is nothing', async () => {
		makeOrder(base, {
			...{ id: 'old', stepSeconds: step, pings, firstSeconds: now - (now % step) - 2000 * step },
			// All is lost in the first half, of which averages are left.
			slots: Array.from({ length: 2000 }, (_, at) => answered(0.02, at < 1000 ? 5 : 0)),
		});
		writeFileSync(join(base, 'alerts', 'loss.yaml'), lossRule);
		const [told] = jsonOf((await testRule('loss', ['old'])).out);
		expect(told).toMatchObject({ about: 'order', raises: 0, slots: 900, matches: false });
	});

	test.each([
		['los', /los: there is no such rule\. Did you mean loss\?/],
		['../secret', /there is no such rule/],
		['jitter', /jitter cannot be replayed: of past slots loss and median are kept/],
		['broken', /broken\.yaml: loss\.over: must be a percentage/],
	])('rule %s: says what is wrong', async (name, message) => {
		makeMeasured('a', {});
		writeFileSync(join(base, 'alerts', 'loss.yaml'), lossRule);
		writeFileSync(join(base, 'alerts', 'jitter.yaml'), 'jitter: {over: 20ms}');
		writeFileSync(join(base, 'alerts', 'broken.yaml'), 'loss: {over: much}');
		const { code, out, err } = await testRule(name);
		expect({ code, out }).toEqual({ code: 1, out: '' });
		expect(err).toMatch(message);
	});

	test('a damaged file of one order is told, and the others are tried', async () => {
		makeMeasured('a', {});
		makeMeasured('b', {});
		writeFileSync(join(base, 'output', 'a', 'main.rrd'), 'nothing of the kind');
		writeFileSync(join(base, 'alerts', 'loss.yaml'), lossRule);
		const { code, out, err } = await testRule('loss');
		expect(code).toBe(1);
		expect(err).toMatch(/a: .*main\.rrd/);
		expect(jsonOf(out)).toMatchObject([{ order: 'b' }]);
	});
});

test('alerts suggest tells quantiles, and what rules with limits there would have done', async () => {
	makeMeasured('a', { ...lossy, 100: answered(0.2) });
	const { code, out } = await run((place) => suggestCommand(['*'], { basedir: base, json: true }, place));
	expect(code).toBe(0);
	const [loss, median] = jsonOf(out);
	expect(loss).toMatchObject({ kind: 'loss', quantiles: { 0.5: 0, 1: 1 } });
	const rules = (loss?.['candidates'] ?? []) as { rule: string; fired: number; proposed: boolean }[];
	expect(rules.find(({ rule }) => rule === lossRule.trim())).toMatchObject({
		fired: 1,
		orders: 1,
		firing: 300,
	});
	expect(rules.filter(({ proposed }) => proposed)).toHaveLength(1);
	expect(median).toMatchObject({ kind: 'median', quantiles: { 1: 0.2 } });
	const text = await run((place) => suggestCommand(['a'], { basedir: base }, place));
	expect(text.out).toMatch(/^1 order, 199 known slots/);
	expect(await run((place) => suggestCommand(['x*'], { basedir: base }, place))).toMatchObject({
		code: 1,
		out: '',
	});
});

describe('alerts mute', () => {
	const mute = (orders: string[], options: Record<string, unknown>) =>
		run((place) => muteCommand(orders, { basedir: base, ...options }, place));

	test('it writes a file that holds until then', async () => {
		expect(await mute(['core/**'], { for: '2h', why: 'new "cards"', by: 'tobi' })).toMatchObject({ code: 0 });
		await mute(['core/**'], { for: '2h', why: 'again', rule: ['loss'] });
		const names = readdirSync(join(base, 'mutes'));
		expect(names).toHaveLength(2);
		const mutes = names.map((name) => {
			expect(statSync(join(base, 'mutes', name)).mode & 0o777).toBe(0o664);
			return readMute(name, readFileSync(join(base, 'mutes', name), 'utf8'), now);
		});
		expect(mutes).toContainEqual({
			mute: expect.objectContaining({
				...{ orders: ['core/**'], rules: null, untilSeconds: now + 7200, why: 'new "cards"', by: 'tobi' },
			}),
		});
		expect(mutes).toContainEqual({ mute: expect.objectContaining({ rules: ['loss'], why: 'again' }) });
	});

	test.each<[Record<string, unknown>, RegExp]>([
		[{}, /write either --for, such as --for 2h, or --until/],
		[{ for: 'soon' }, /--for: must be a span of time/],
		[{ for: '2h', until: '2030-01-01' }, /either/],
		[{ until: '2001-01-01' }, /must be in the future/],
		[{ for: '2h', why: 'two\nlines' }, /why: must be one line/],
	])('%j: says what is wrong, and writes nothing', async (options, message) => {
		const { code, err } = await mute(['a'], options);
		expect(code).toBe(1);
		expect(err).toMatch(message);
		expect(() => readdirSync(join(base, 'mutes'))).toThrow(/ENOENT/);
	});
});

test('alerts history tells raises and clears by time, and leaves out what it does not understand', async () => {
	const line = (about: string, time: number, rule = 'loss') =>
		JSON.stringify({
			...{ time, about, id: `${rule}|a|${first}`, rule, severity: 'warning', what: 'loss 60 %' },
			...{ sinceSeconds: first, raisedSeconds: first + 60, pops: ['local'] },
		});
	for (const [id, lines] of [
		['a', [line('raise', first), '{"about":"state","rule":"loss"}', 'torn {', line('clear', first + 600)]],
		['b', [line('raise', first + 300, 'slow'), '{"time":1,"about":"raise","rule":5}']],
	] as const) {
		makeMeasured(id, {});
		writeFileSync(join(base, 'output', id, 'alerts'), `${lines.join('\n')}\n`);
	}
	const history = (words: string[], since?: string) =>
		run((place) => historyCommand(words, { basedir: base, since, json: true }, place));
	const all = jsonOf((await history([])).out);
	expect(all.map(({ about, order }) => [about, order])).toEqual([
		['raise', 'a'],
		['raise', 'b'],
		['clear', 'a'],
	]);
	expect(jsonOf((await history([], String(first + 500))).out)).toHaveLength(1);
	expect(jsonOf((await history(['b'])).out)).toMatchObject([{ rule: 'slow' }]);
	expect(await history(['c'])).toMatchObject({ code: 1, err: expect.stringContaining('no such order') });
});

test('options behind the name of a command are its own, though alerts has the same', async () => {
	const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	const complain = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	try {
		const line = (words: string[]) =>
			commandLine(builtInProbes).parseAsync(['node', 'pingmachine', 'alerts', ...words]);
		await line(['mute', 'core/**', '--for', '2h', '--basedir', base]);
		expect(readdirSync(join(base, 'mutes'))).toHaveLength(1);
		await line(['history', '--json', '--basedir', base]);
		expect(complain).not.toHaveBeenCalled();
		await line(['--basedir', base]);
		expect(complain).toHaveBeenCalledWith(expect.stringContaining(`the daemon of ${base} does not answer`));
	} finally {
		write.mockRestore();
		complain.mockRestore();
		process.exitCode = undefined;
	}
});
