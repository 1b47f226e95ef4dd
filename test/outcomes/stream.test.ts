import { expect, test } from 'vitest';
import { identityOf, measured } from '../../src/model/outcome.ts';
import { OutcomeStream } from '../../src/outcomes/stream.ts';
import type { StreamEvent } from '../../src/outcomes/subscriber.ts';
import { fullOrder } from '../delivery/support/results.ts';

function outcome(id: string, slot = 0) {
	const startSeconds = 1_795_240_000 + 10 * slot;
	const samples = [{ sentAtSeconds: startSeconds, rttSeconds: 0.001 }];
	return measured(identityOf(fullOrder(id)), { startSeconds, stepSeconds: 10 }, 1, samples);
}

function outcomes(count: number, id = 'a', first = 0) {
	return Array.from({ length: count }, (_, index) => outcome(id, first + index));
}

/** What was told, in short. */
function told(events: readonly StreamEvent[]): string[] {
	return events.flatMap((event) => {
		if (event.about === 'changed') return [`changed ${event.order.id}`];
		if (event.about === 'gone') return [`gone ${event.id} ${event.why}`];
		if (event.about === 'missed') return [`missed ${event.count} of ${event.ids.join(',')}`];
		if (event.about === 'early') return [`early ${event.order.id}`];
		return event.outcomes.map(({ order, slot }) => `${order.id} ${(slot.startSeconds - 1_795_240_000) / 10}`);
	});
}

/** Takes one lot of events at a time, and then waits until it is let go. */
function slowSubscriber() {
	const events: StreamEvent[] = [];
	let letGo: () => void = () => {};
	return {
		name: 'slow',
		events,
		next: async () => {
			letGo();
			await new Promise(setImmediate);
		},
		take(lot: readonly StreamEvent[]) {
			events.push(...lot);
			return new Promise<void>((resolve) => {
				letGo = resolve;
			});
		},
	};
}

function streamAndFaults() {
	const faults: string[] = [];
	const stream = new OutcomeStream((name, error) => faults.push(`${name}: ${(error as Error).message}`));
	return { stream, faults };
}

test('who subscribes late is told of every order first, then of what happens', () => {
	const { stream } = streamAndFaults();
	for (const id of ['a', 'b', 'c']) stream.changed(fullOrder(id));
	stream.gone('b', 'deleted');
	stream.outcomes([outcome('a', 1)]);
	const events: StreamEvent[] = [];
	const end = stream.subscribe({ name: 'late', take: (lot) => void events.push(...lot) });
	stream.outcomes([outcome('a', 2), outcome('c', 2)]);
	stream.changed(fullOrder('a', { user: 'other' }));
	stream.gone('a', 'expired');
	expect(told(events)).toEqual(['changed a', 'changed c', 'a 2', 'c 2', 'changed a', 'gone a expired']);
	end();
	stream.outcomes([outcome('c', 3)]);
	expect(told(events)).toHaveLength(6);
});

test('an order that nobody was told of is not told to be gone', () => {
	const { stream } = streamAndFaults();
	const events: StreamEvent[] = [];
	stream.subscribe({ name: 'one', take: (lot) => void events.push(...lot) });
	stream.gone('a', 'deleted');
	stream.changed(fullOrder('a'));
	stream.gone('a', 'deleted');
	stream.gone('a', 'deleted');
	expect(told(events)).toEqual(['changed a', 'gone a deleted']);
});

test('one that throws, at once or later, is told and harms nobody', async () => {
	const { stream, faults } = streamAndFaults();
	const events: StreamEvent[] = [];
	stream.subscribe({
		name: 'bad',
		take: () => {
			throw new Error('at once');
		},
	});
	stream.subscribe({ name: 'worse', take: () => Promise.reject(new Error('later')) });
	stream.subscribe({ name: 'good', take: (lot) => void events.push(...lot) });
	stream.changed(fullOrder('a'));
	await new Promise(setImmediate);
	stream.outcomes([outcome('a')]);
	await new Promise(setImmediate);
	expect(told(events)).toEqual(['changed a', 'a 0']);
	expect(faults.toSorted()).toEqual(['bad: at once', 'bad: at once', 'worse: later', 'worse: later']);
});

test('for a slow one 20,000 outcomes wait; then the oldest go, and it is told of which orders', async () => {
	const { stream } = streamAndFaults();
	const slow = slowSubscriber();
	const quick: StreamEvent[] = [];
	stream.subscribe(slow);
	stream.subscribe({ name: 'quick', take: (lot) => void quick.push(...lot) });
	stream.changed(fullOrder('first'));
	expect(told(slow.events)).toEqual(['changed first']);

	stream.outcomes(outcomes(3, 'old'));
	stream.changed(fullOrder('kept'));
	stream.gone('first', 'deleted');
	stream.outcomes(outcomes(2, 'older', 10));
	stream.outcomes(outcomes(19_999, 'new'));
	expect(stream.stats()).toEqual([
		{ name: 'slow', waiting: 20_000, dropped: 4 },
		{ name: 'quick', waiting: 0, dropped: 0 },
	]);
	expect(told(quick)).toHaveLength(3 + 3 + 2 + 19_999);

	slow.events.length = 0;
	await slow.next();
	const heard = told(slow.events);
	expect(heard.slice(0, 4)).toEqual([
		'missed 4 of old,older',
		'changed kept',
		'gone first deleted',
		'older 11',
	]);
	expect(heard).toHaveLength(4 + 19_999);

	// What was missed is told once.
	stream.outcomes(outcomes(1, 'more'));
	slow.events.length = 0;
	await slow.next();
	expect(told(slow.events)).toEqual(['more 0']);
});

test('changes are never dropped; only the last one of an order counts for one that is stuck for ages', async () => {
	const { stream } = streamAndFaults();
	const stuck = slowSubscriber();
	stream.subscribe(stuck);
	stream.changed(fullOrder('first'));
	stuck.events.length = 0;
	stream.outcomes(outcomes(1, 'a'));
	const [a, b] = [fullOrder('a'), fullOrder('b')];
	for (let turn = 0; turn < 120_000; turn++) {
		stream.changed(a);
		stream.changed(b);
	}
	stream.gone('b', 'deleted');
	await stuck.next();
	const heard = told(stuck.events);
	expect(heard[0]).toBe('missed 1 of a');
	expect(heard).toContain('changed a');
	expect(heard.at(-1)).toBe('gone b deleted');
	expect(heard.length).toBeLessThan(201_000);
});

test('pings are told early to those who want them, of orders that are watched', () => {
	const { stream } = streamAndFaults();
	const events: StreamEvent[] = [];
	const others: StreamEvent[] = [];
	stream.subscribe({ name: 'watcher', wantsEarly: true, take: (lot) => void events.push(...lot) });
	stream.subscribe({ name: 'other', take: (lot) => void others.push(...lot) });
	const [endFirst, endSecond] = [stream.watch('a'), stream.watch('a')];
	expect(stream.isWatched('a')).toBe(true);
	expect(stream.isWatched('b')).toBe(false);
	const slot = { startSeconds: 1_795_240_000, stepSeconds: 10 };
	const early = [{ index: 0, sentAtSeconds: slot.startSeconds, rttSeconds: 0.001 }];
	stream.early({ order: identityOf(fullOrder('a')), slot, pings: 5, early });
	expect(told(events)).toEqual(['early a']);
	expect(others).toEqual([]);
	endFirst();
	endFirst();
	expect(stream.isWatched('a')).toBe(true);
	endSecond();
	expect(stream.isWatched('a')).toBe(false);
});
