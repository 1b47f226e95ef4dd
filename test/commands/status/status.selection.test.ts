/** Which orders are shown, and in which order. */
import { expect, test } from 'vitest';
import type { StatusRow } from '../../../src/commands/shared/status-row.ts';
import { summaryOf } from '../../../src/commands/status/show-summary.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { makeOrder } from '../graph/rrds.ts';
import {
	baseDir,
	everyKind,
	ids,
	json,
	measuredBy,
	now,
	order,
	status,
	useStatus,
	write,
} from './status-rig.ts';

useStatus();

test('ids, folders and patterns select; each order is shown once', () => {
	for (const id of ['a/x1', 'a/x2', 'b/x1', 'b[1]*']) order(id, { result: {} });
	expect(ids(json(['a']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['a/', 'a/x1']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['*x1']))).toEqual([]);
	expect(ids(json(['*/x1']))).toEqual(['a/x1', 'b/x1']);
	expect(ids(json(['**x1']))).toEqual(['a/x1', 'b/x1']);
	expect(ids(json(['a/x?']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['b[1]*']))).toEqual(['b[1]*']);
	expect(ids(json(['b[*']))).toEqual(['b[1]*']);
});

test('what there is not is told with the nearest there is, and the rest is shown', () => {
	order('office/router', { result: {} });
	const { exitCode, out, err } = status(['office/ruoter', 'offce', 'zz*', 'office']);
	expect(exitCode).toBe(1);
	expect(err).toBe(
		'there is no order office/ruoter. Did you mean office/router?\n' +
			'there is no order offce. Did you mean office?\nno order matches zz*\n',
	);
	expect(out).toContain('1 order: 1 measuring');
	expect(status(['nothing-like-it'])).toMatchObject({ exitCode: 1, out: '' });
	expect(status([], { user: 'mee' }).err).toBe('--user: unknown user "mee". Did you mean me? Known: me\n');
});

test('--failing, --user and --probe filter; the summary counts all that were asked for', () => {
	everyKind();
	expect(ids(json([], { failing: true, user: 'lab' }))).toEqual(['lab/name', 'lab/wrong']);
	expect(status([], { failing: true, user: 'lab' }).out).toMatch(
		/\n5 orders: 1 measuring, 1 waiting, 1 expiring, 1 failing, 1 rejected\n$/,
	);
	expect(json([], { probe: 'fping' })).toHaveLength(12);
});

test('--summary has a line for each order, and none for what was rejected', () => {
	everyKind();
	const [head, ...lines] = summaryOf(baseDir, json(['lab']) as unknown as StatusRow[], now);
	expect(head).toMatch(/^Target {20}Address {20}Sent {2}Recv/);
	expect(lines.map((line) => line.split(' ')[0])).toEqual(['lab/name', 'lab/new', 'lab/old', 'lab/東京']);
});

test('--summary has of an order that others measure what the one says that has lost most, and passes over those that measured nothing', () => {
	const text = 'user: me\nstep: 10\npings: 4\nprobe: icmp\nicmp: {host: 127.0.0.1}\nwhere: {all: true}\n';
	order('a', { text });
	write('output/a/@fra/error', errorText(now - 5, 'it has no such probe'));
	const firstSeconds = Math.floor(now / 10) * 10 - 100;
	const known = { stepSeconds: 10, pings: 4, firstSeconds };
	makeOrder(baseDir, { ...known, id: 'a/@nyc', slots: [[0.01, 0.01, 0.01, 0.01]] });
	makeOrder(baseDir, { ...known, id: 'a/@zrh', slots: [[0.02], [0.02, 0.02, 0.02, 0.02]] });
	const rows = json() as unknown as StatusRow[];
	expect(rows.map(({ pop, state }) => [pop, state])).toEqual([['fra', 'failing']]);
	const [, line] = summaryOf(baseDir, rows, now);
	expect(line).toMatch(/^a +127\.0\.0\.1 +8 +5 +62\.50% +37\.50% +20\.00 /);
});

test('addresses sort by number, names as people sort them, and the worst comes first for the rest', () => {
	const hosts = [
		'10.0.0.10',
		'10.0.0.9',
		'eth10.example',
		'eth9.example',
		'2001:db8::10',
		'2001:db8::9',
		'::1',
	];
	for (const [index, host] of hosts.entries())
		order(`o${index}`, { host, result: { loss: index % 4, updated: now - index } });
	const targets = json([], { sort: 'target' }).map(({ target }) => target);
	expect(targets).toEqual([
		'10.0.0.9',
		'10.0.0.10',
		'::1',
		'2001:db8::9',
		'2001:db8::10',
		'eth9.example',
		'eth10.example',
	]);
	expect(ids(json([], { sort: 'loss' }))).toEqual(['o3', 'o2', 'o6', 'o1', 'o5', 'o0', 'o4']);
	expect(ids(json([], { sort: 'age' }))[0]).toBe('o6');
	order('o10', { error: 'x' });
	expect(ids(json([], { sort: 'state' }))[0]).toBe('o10');
	expect(ids(json()).slice(-2)).toEqual(['o6', 'o10']);
});

test('an order that others measure has the row of the worst of them, and each its own on demand', () => {
	const where = (places: string) =>
		`user: me\nstep: 10\npings: 5\nprobe: fping\nfping: {host: 127.0.0.1}\nwhere: ${places}\n`;
	order('a', { text: where('{all: true}') });
	order('b', { text: where('{all: true, here: true}'), result: { loss: 1 } });
	order('c', { result: {} });
	order('d', { text: where('{pops: [zrh]}') });
	measuredBy('a/@fra', { loss: 0 });
	measuredBy('a/@zrh', { loss: 2 });
	measuredBy('a/@nyc', { loss: 5, updated: now - 1000 });
	measuredBy('b/@zrh', { loss: 5 });
	write('output/d/@zrh/error', errorText(now - 5, 'it has no such probe'));
	const rows = (words: string[], pop?: string) =>
		json(words, pop === undefined ? {} : { pop }).map(({ id, pop: by, state, result }) => [
			...[id, by, state],
			(result as { loss: number } | null)?.loss ?? null,
		]);
	expect(rows([])).toEqual([
		['a', 'nyc', 'failing', 5],
		['b', null, 'measuring', 1],
		['c', null, 'measuring', 0],
		['d', 'zrh', 'failing', null],
	]);
	expect(json(['a'])[0]?.['reason']).toMatch(/^nyc: no result for 16m.*unknown/);
	expect(json(['d'])[0]?.['reason']).toBe('zrh: it has no such probe');
	expect(rows([], '*').map(([id]) => id)).toEqual(['a/@fra', 'a/@nyc', 'a/@zrh', 'b/@zrh', 'd/@zrh']);
	expect(rows(['**/@zrh', 'c'])).toEqual([
		['a/@zrh', 'zrh', 'measuring', 2],
		['b/@zrh', 'zrh', 'down', 5],
		['c', null, 'measuring', 0],
		['d/@zrh', 'zrh', 'failing', null],
	]);
	expect(rows(['a'], 'f*')).toEqual([['a/@fra', 'fra', 'measuring', 0]]);
	expect(status(['c/@zrh'])).toMatchObject({ exitCode: 1, err: expect.stringContaining('no order c/@zrh') });
	expect(status([], { pop: 'gva' }).err).toBe('--pop: no order is measured by gva. See pingmachine pops\n');
	expect(status([]).out).toContain('POP');
	expect(status(['c']).out).not.toContain('POP');
});
