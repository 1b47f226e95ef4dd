/** The file `events`: what happens to an order, and nothing too often. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addEvents, type EventsMark, readEvents } from '../../src/store/events-file.ts';
import { base, useHistory, work } from './support/history-rig.ts';
import { order, startSeconds } from './support/tree-fixture.ts';

useHistory();

const one = order('a');
const at = (slot: number) => startSeconds + 60 * slot;

interface Told {
	readonly time: number;
	readonly event: string;
	readonly [key: string]: unknown;
}

function events(folder = 'output/a'): Told[] {
	return readEvents(base.path(folder)).map((line) => JSON.parse(line) as Told);
}

const names = (folder?: string) => events(folder).map(({ event }) => event);

function address(slot: number, text: string): void {
	base.record(one, at(slot), [0.01, 0.02], { address: text });
}

const fail = (slot: number) => base.tree.fail(['a'], 'no way', 'no_route', at(slot));

test('all that can happen to an order is told', () => {
	base.enrol(one);
	address(0, '192.0.2.1');
	address(1, '192.0.2.2');
	// It was met a minute ago: names with many addresses are no news.
	address(2, '192.0.2.1');
	fail(3);
	fail(4);
	address(5, '192.0.2.1');
	base.tree.history.edited('a', ['step', 'tags']);
	work();
	expect(events()).toMatchObject([
		{ time: at(1), event: 'address', from: '192.0.2.1', to: '192.0.2.2' },
		{ time: at(3), event: 'failing', code: 'no_route', reason: 'no way' },
		{ time: at(5), event: 'recovered' },
		{ event: 'edited', keys: ['step', 'tags'] },
	]);
	base.enrol(order('a', { pings: 3 }));
	work();
	expect(events().at(-1)).toMatchObject({
		event: 'set_aside',
		file: 'main.rrd',
		reason: 'the order was changed',
	});
});

test('an order that expires takes them along, and goes on with them when it comes back', () => {
	base.enrol(one);
	fail(0);
	base.tree.expire('a', base.writeOrder('a', 'step: 60\n', 7208), 3_660_000);
	expect(base.toldOf('archived')).toEqual(['a']);
	expect(names('archive/a')).toEqual(['failing', 'expired']);
	base.enrol(one);
	work();
	expect(names()).toEqual(['failing', 'expired', 'revived']);
});

test('an outage that lasts over a restart is told once', () => {
	base.enrol(one);
	fail(0);
	work();
	base.restart();
	base.enrol(one);
	fail(1);
	base.record(one, at(2), [0.01, null]);
	work();
	expect(names()).toEqual(['failing', 'recovered']);
});

test('a torn end is cut off, and what is none is left out', () => {
	base.enrol(one);
	fail(0);
	work();
	appendFileSync(base.path('output/a/events'), '[]\n{"time":1,"event":"edi');
	expect(names()).toEqual(['failing']);
	base.record(one, at(1), [0.01, null]);
	work();
	expect(names()).toEqual(['failing', 'recovered']);
	expect(base.read('output/a/events')).not.toContain('"edi');
});

test('what cannot be written is told, and what is in the way is not touched', () => {
	base.enrol(one);
	mkdirSync(base.path('output/a/events'));
	fail(0);
	work();
	expect(base.toldOf('problem')).toEqual([expect.stringContaining('output/a/events')]);
	rmSync(base.path('output/a/events'), { recursive: true });
	base.record(one, at(1), [0.01, null]);
	work();
	// What was in the way is gone: nothing is lost.
	expect(names()).toEqual(['failing', 'recovered']);
});

test('of an order that flaps all day the file is written anew once a day, and has an end', () => {
	const folder = base.path('x');
	mkdirSync(folder);
	const anewAt: number[] = [];
	let [inode, longest] = [0, 0];
	let mark: EventsMark | null = null;
	const end = startSeconds + 2.5 * 86_400;
	for (let time = startSeconds; time < end; time += 20) {
		const reason = `no way ${time}`;
		const lines = [
			{ time, event: 'failing', code: 'no_route', reason },
			{ time: time + 10, event: 'recovered' },
		];
		mark = addEvents(
			folder,
			lines.map((line) => JSON.stringify(line)),
			time,
			mark,
		);
		// As after a restart.
		if (time % 20_000 < 20) mark = null;
		const stats = statSync(`${folder}/events`);
		if (stats.ino !== inode) anewAt.push(time);
		inode = stats.ino;
		longest = Math.max(longest, stats.size);
	}
	const gaps = anewAt.slice(1).map((time, index) => time - (anewAt[index] ?? 0));
	expect(gaps.length).toBeGreaterThan(0);
	expect(Math.min(...gaps)).toBeGreaterThanOrEqual(86_400);
	expect(longest).toBeLessThan(600_000);
	expect(readEvents(folder)).toHaveLength(1000);
	expect(readFileSync(`${folder}/events`, 'utf8').match(/"event":"muted"/g)).toHaveLength(1);
});

test('a file that a clock was ahead in, or that was never written anew, is no longer than others', () => {
	base.enrol(one);
	const line = (time: number) => `${JSON.stringify({ time, event: 'edited', keys: ['x'.repeat(40)] })}\n`;
	writeFileSync(base.path('output/a/events'), line(startSeconds - 200_000).repeat(3000));
	fail(0);
	work();
	expect(events()).toHaveLength(1000);
	expect(base.read('output/a/events').split('\n')).toHaveLength(1001);
	expect(names().at(-1)).toBe('failing');
});
