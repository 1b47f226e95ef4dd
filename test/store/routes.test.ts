/** The file `routes` of an order: a line when its route has changed in two slots. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { measured } from '../../src/model/outcome.ts';
import { readRoutes } from '../../src/store/routes-file.ts';
import { base, useFreshTree } from './support/fresh-tree.ts';
import { storedOf } from './support/stored.ts';
import { startSeconds } from './support/tree-fixture.ts';

useFreshTree();

const order = { id: 'me/a', stepSeconds: 10, pings: 1, rrdTemplate: 'norrd', pathFact: 'path' } as const;
const identity = { id: 'me/a', user: 'me', probe: 'traceroute', target: 'x', tags: {} };
let slots = 0;

/** A slot in which the hops were these; `T` at the end: the target answered. */
function trace(...path: readonly (string | null)[]): void {
	const slot = { startSeconds: startSeconds + slots++ * 10, stepSeconds: 10 };
	const isReached = path.at(-1)?.endsWith(' target') === true;
	const sample = { sentAtSeconds: slot.startSeconds, rttSeconds: isReached ? 0.01 : null };
	base.tree.record(storedOf(measured(identity, slot, 1, [sample], { path })));
}

const folder = () => `${base.dir}/output/me/a`;
const ways = () =>
	readRoutes(folder()).map(({ hops }) => hops.map((hop) => hop?.addresses.join(' ') ?? null).join(' - '));

function enrol(): void {
	base.tree.enrol(order, startSeconds);
}

test('the first route is the first line, and another one is written when it was seen in two slots', () => {
	slots = 0;
	enrol();
	trace('a', 'b', 't target');
	expect(ways()).toEqual(['a - b - t']);
	trace('a', 'c', 't target');
	trace('a', 'b', 't target');
	trace('a', 'c', 't target');
	expect(ways()).toEqual(['a - b - t']);
	trace('a', 'c', 't target');
	expect(ways()).toEqual(['a - b - t', 'a - c - t']);
	expect(readRoutes(folder()).map(({ time }) => time - startSeconds)).toEqual([0, 30]);
});

test('a load balancer is a set, and a hop that does not answer says nothing', () => {
	slots = 0;
	enrol();
	trace('a', null, 't target');
	trace('a', 'b', 't target');
	trace('a', 'b,c', 't target');
	trace('a', 'c', 't target');
	trace('a', 'c', 't target');
	trace('a', null, 't target');
	trace('a', 'b', 't target');
	expect(ways()).toEqual(['a - b c - t']);
	base.restart();
	enrol();
	trace('a', 'c', 't target');
	trace('a', 'c', 't target');
	expect(ways()).toEqual(['a - b c - t']);
});

test('a target that is not reached any more is a change, after a restart too', () => {
	slots = 0;
	enrol();
	trace('a', 'b', 't target');
	trace('a', null);
	base.restart();
	enrol();
	trace('a', null);
	trace('a', null);
	expect(readRoutes(folder()).map(({ reached }) => reached)).toEqual([true, false]);
});

test('a torn end is cut off, and the next line is whole', () => {
	slots = 0;
	enrol();
	trace('a', 't target');
	appendFileSync(`${folder()}/routes`, '{"time":17');
	base.restart();
	enrol();
	trace('b', 't target');
	trace('b', 't target');
	expect(ways()).toEqual(['a - t', 'b - t']);
	expect(readFileSync(`${folder()}/routes`, 'utf8').split('\n')).toHaveLength(3);
});

test('of thousands the first, the last good one and the last thousand are kept', () => {
	slots = 0;
	enrol();
	const line = (time: number, reached: boolean) =>
		JSON.stringify({ time, reached, hops: [{ addresses: [`h${time}`] }] });
	trace('h0', 't target');
	const lines = [...Array(1200).keys()].map((time) => line(time, time === 0 || time === 100));
	writeFileSync(`${folder()}/routes`, lines.map((one) => `${one}\n`).join(''));
	base.restart();
	enrol();
	trace('new', 't target');
	trace('new', 't target');
	const routes = readRoutes(folder());
	expect(routes.length).toBe(1002);
	expect(routes.slice(0, 2).map(({ time }) => time)).toEqual([0, 100]);
	expect(routes.at(-1)?.hops[0]?.addresses).toEqual(['new']);
});

test('they go to the archive and come back', () => {
	slots = 0;
	enrol();
	trace('a', 't target');
	base.tree.archive('me/a');
	expect(readRoutes(`${base.dir}/archive/me/a`)).toHaveLength(1);
	enrol();
	expect(ways()).toEqual(['a - t']);
});
