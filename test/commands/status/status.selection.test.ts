/** Which orders are shown, and in which order. */
import { expect, test } from 'vitest';
import { everyKind, ids, json, now, order, status } from './status-rig.ts';

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
