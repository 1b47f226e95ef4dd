import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartStanding } from '../../src/model/alert.ts';
import { House, outcomeOf, ruleOf, start } from './support/house.ts';

const failing = ruleOf('sinks', 'sink: {failing_for: 1min}\ntitle: results do not arrive');
const late = ruleOf('late', 'sink: {lag_over: 5min}');
const silent = ruleOf('silent', 'pop: {silent_for: 30s}');
const clocks = ruleOf('clocks', 'clock: {offset_over: 1s}\nnotify: [dev]');

function standing(more: Partial<PartStanding> & Pick<PartStanding, 'kind' | 'name'>): PartStanding {
	return { isKnown: true, badSinceSeconds: null, lagSeconds: 0, offsetSeconds: null, problem: null, ...more };
}

const broken = standing({
	kind: 'sink',
	name: 'influx',
	badSinceSeconds: start,
	problem: 'connection refused',
});
const well = standing({ kind: 'sink', name: 'influx' });

describe('sinks, places and clocks', () => {
	test('a sink that fails for long is one alert, and one that it is over', () => {
		const house = new House([failing]);
		house.room.standings([broken]);
		house.wait(55);
		expect(house.reported).toEqual([]);
		house.wait(10);
		expect(house.told()).toEqual(['raise ops sink influx']);
		expect(house.sent[0]?.notification.members[0]).toMatchObject({
			order: null,
			part: { kind: 'sink', name: 'influx' },
			what: 'has failed for 1 min: connection refused',
			ruleTitle: 'results do not arrive',
			sinceSeconds: start,
		});
		expect(house.reported.map(({ alert }) => alert.part?.name)).toEqual(['influx']);
		house.room.standings([well]);
		house.wait(10);
		expect(house.told()).toEqual(['raise ops sink influx', 'clear ops sink influx']);
	});

	test('what waits for long, who is silent, and whose clock is off', () => {
		const house = new House([late, silent, clocks]);
		house.notifiers = ['ops', 'dev'];
		house.room.standings([
			standing({ kind: 'sink', name: 'a', lagSeconds: 301 }),
			standing({ kind: 'sink', name: 'b', lagSeconds: 299 }),
			standing({ kind: 'pop', name: 'zrh', badSinceSeconds: start - 60 }),
			standing({ kind: 'pop', name: 'gva', badSinceSeconds: start }),
			standing({ kind: 'clock', name: 'zrh', offsetSeconds: -2 }),
			standing({ kind: 'clock', name: 'gva', offsetSeconds: 0.9 }),
			standing({ kind: 'clock', name: 'new' }),
		]);
		house.wait(5);
		const whats = house.sent.flatMap(({ notifier, notification: { members } }) =>
			members.map(({ part, what }) => `${notifier} ${part?.kind} ${part?.name} ${what}`),
		);
		expect(whats).toEqual([
			'ops sink a what waits there is 301 s old (over 5 min)',
			'ops pop zrh has not been heard of for 30 s',
			'dev clock zrh is 2 s behind (over 1 s)',
			'dev sink a what waits there is 301 s old (over 5 min)',
			'dev pop zrh has not been heard of for 30 s',
		]);
	});

	test('a value between the limit and half of it changes nothing', () => {
		const house = new House([clocks]);
		house.notifiers = ['dev'];
		const offsets = [0.9, 1.1, 0.9, 0.6, 1.1, 0.5, 0.9];
		for (const offsetSeconds of offsets) {
			house.room.standings([standing({ kind: 'clock', name: 'zrh', offsetSeconds })]);
			house.wait(5);
		}
		expect(house.told()).toEqual(['raise dev clock zrh', 'clear dev clock zrh']);
	});

	test('names: says which, and what is gone is over', () => {
		const house = new House([ruleOf('some', 'sink: {failing_for: 1s, names: [inf*]}')]);
		house.room.standings([broken, { ...broken, name: 'redis' }]);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops sink influx']);
		house.room.standings([]);
		house.wait(5);
		expect(house.told().slice(1)).toEqual(['clear ops sink influx']);
	});

	test('a restart neither tells it again nor forgets that it is over; a rule that cannot be read ends nothing', () => {
		const house = new House([failing]);
		house.room.standings([broken]);
		house.wait(70);
		house.restart();
		house.wait(10);
		house.room.rules([], ['sinks']);
		// Just after a start it has not failed yet.
		house.room.standings([{ ...well, isKnown: false }]);
		house.wait(10);
		house.room.rules([failing]);
		house.wait(10);
		expect(house.told()).toEqual(['raise ops sink influx']);
		house.room.standings([well]);
		house.wait(1);
		house.restart();
		house.wait(10);
		expect(house.told().slice(1)).toEqual(['clear ops sink influx']);
		house.restart();
		house.wait(10);
		expect(house.told()).toHaveLength(2);
	});
});

describe('a file that is damaged', () => {
	test('whatever is in it, the daemon starts and tells what it finds', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 5 }), (lines) => {
				const house = new House([failing]);
				house.ownFile.push(
					...lines,
					'{"about":"state","rule":"x","alert":{"part":{"kind":"q"}},"closing":[7]}',
					...lines.map((line) => `{"about":"state","rule":"|owed|x","owed":${line}}`),
				);
				house.restart();
				house.room.standings([broken]);
				house.wait(70);
				expect(house.told()).toEqual(['raise ops sink influx']);
			}),
			{ numRuns: 30 },
		);
	});
});

describe('this machine is cut off', () => {
	const loss = ruleOf('loss', 'loss: {over: 20%}');

	function cutOff() {
		const house = new House([loss]);
		const orders = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '10.0.0.1'].map((target) =>
			house.order(target, { target }),
		);
		const slot = (at: number, lost: number) => {
			house.at(at);
			for (const order of orders) house.room.accept(outcomeOf(order, at, lost));
		};
		slot(0, 0);
		slot(1, 5);
		house.wait(5);
		return { house, slot };
	}

	test('a restart does not tell it again, and holds what it held', () => {
		const { house, slot } = cutOff();
		expect(house.told()).toEqual(['raise ops isolated']);
		house.restart();
		for (let at = 2; at < 5; at++) slot(at, 5);
		expect(house.told()).toEqual(['raise ops isolated']);
		for (let at = 5; at < 8; at++) slot(at, 0);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops isolated', 'clear ops isolated']);
	});

	test('a kill as it ends does not lose that; and where nothing is measured any more it ends in the end', () => {
		const { house, slot } = cutOff();
		slot(2, 0);
		house.wait(1);
		house.restart();
		house.wait(5);
		expect(house.told()).toEqual(['raise ops isolated', 'clear ops isolated']);
		const other = cutOff().house;
		other.restart();
		other.wait(1000);
		expect(other.told()).toEqual(['raise ops isolated', 'clear ops isolated']);
	});
});

test('an order that goes while it fires: that it is over is told, over a kill too', () => {
	const house = new House([ruleOf('loss', 'loss: {over: 20%}')]);
	const order = house.order('o');
	house.feed(order, '55');
	house.room.gone('o');
	house.wait(1);
	house.restart();
	// Its file is gone with it: as an order that was never seen before.
	house.files.delete('o');
	house.wait(5);
	expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
	expect(house.sent[1]?.notification.members[0]?.order).toEqual(order);
	house.restart();
	house.wait(5);
	expect(house.told()).toHaveLength(2);
});

test('a rule that goes while it fires: that it is over is told, over a kill too', () => {
	const house = new House([ruleOf('loss', 'loss: {over: 20%}')]);
	house.feed(house.order('o'), '55');
	house.room.rules([]);
	house.wait(1);
	house.restart();
	house.room.rules([]);
	house.wait(5);
	house.restart();
	house.wait(5);
	expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
});
