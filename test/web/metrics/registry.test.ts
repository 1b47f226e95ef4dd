import { describe, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { Tally } from '../../../src/history/tally.ts';
import { declaredFacts, type Facts } from '../../../src/model/facts.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, measured } from '../../../src/model/outcome.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { MetricsRegistry, type ServedFilter } from '../../../src/web/metrics/registry.ts';
import { prometheusText } from '../../../src/web/metrics/text-formats.ts';
import { parseText } from './parse-exposition.ts';

function orderOf(id: string, more: Record<string, unknown> = {}): Order {
	const written = { user: 'me', step: 60, pings: 2, probe: 'icmp', icmp: { host: '192.0.2.7' }, ...more };
	const read = readOrder(id, JSON.stringify(written), builtInProbes);
	if (!('order' in read)) throw new Error(JSON.stringify(read));
	return read.order;
}

function registryOf({ seriesMax = 1_000_000 } = {}) {
	return new MetricsRegistry({
		...{ labels: ['site'], buckets: [0.01, 0.1], seriesMax, compat: [] },
		facts: new Map([['icmp', declaredFacts()]]),
		commonFacts: new Set(declaredFacts().map(({ name }) => name)),
	});
}

function outcomeOf(order: Order, at: number, pop?: string) {
	const slot = { startSeconds: 1_795_240_800 + at * 60, stepSeconds: 60 };
	const samples = [{ sentAtSeconds: slot.startSeconds, rttSeconds: 0.02 }];
	return measured(identityOf(order), slot, 2, samples, {}, pop === undefined ? {} : { pop });
}

function scrape(registry: MetricsRegistry, filter?: ServedFilter) {
	const slices = [...registry.write(prometheusText, [], filter)];
	const samples = parseText(Buffer.concat(slices).toString());
	const sent = samples
		.filter(({ name }) => name === 'pingmachine_pings_sent_total')
		.map(({ labels, value }) => [labels['order'], labels['pop'] ?? '', value]);
	return { samples, sent, slices: slices.length };
}

describe('what points of presence measure', () => {
	const order: Order = { ...orderOf('a'), where: { here: false, all: true }, pops: ['fra', 'zrh'] };

	test('has series of its own, and the order none where they alone measure it', () => {
		const registry = registryOf();
		registry.take([
			{ about: 'changed', order },
			{ about: 'outcomes', outcomes: [outcomeOf(order, 0, 'zrh'), outcomeOf(order, 0, 'nyc')] },
		]);
		const { sent, samples } = scrape(registry);
		expect(sent).toEqual([['a', 'zrh', 1]]);
		expect(samples.filter(({ name }) => name === 'pingmachine_order_info')).toHaveLength(1);
		expect(scrape(registry, (_, pop) => pop === 'fra').sent).toEqual([]);
		registry.take([{ about: 'changed', order: { ...order, pops: ['fra'] } }]);
		expect(scrape(registry).sent).toEqual([]);
	});

	test('is unknown, not loss, when one has fallen silent: no last loss and median, and not the worst', () => {
		const registry = registryOf();
		const at = Math.floor(Date.now() / 60_000 - 1_795_240_800 / 60) - 1;
		registry.take([
			{ about: 'changed', order },
			{ about: 'outcomes', outcomes: [outcomeOf(order, at, 'zrh'), outcomeOf(order, at - 60, 'fra')] },
		]);
		const popsOf = (wanted: string) =>
			scrape(registry).samples.flatMap(({ name, labels }) => (name === wanted ? [labels['pop']] : []));
		expect(popsOf('pingmachine_loss_ratio')).toEqual(['zrh']);
		expect(popsOf('pingmachine_rtt_median_seconds')).toEqual(['zrh']);
		expect(popsOf('pingmachine_pings_sent_total').sort()).toEqual(['fra', 'zrh']);
		const start = 1_795_240_800 + at * 60;
		expect(registry.lastOf('a')?.startSeconds).toBe(start);
		expect(registry.lastOf('a', 'fra')?.startSeconds).toBe(start - 3600);
	});
});

describe('the series of orders', () => {
	test('are there from the start of an order to its end, and go on when it is edited', () => {
		const registry = registryOf();
		const order = orderOf('a');
		registry.take([{ about: 'outcomes', outcomes: [outcomeOf(order, 0)] }]);
		expect(scrape(registry).sent).toEqual([]);
		registry.take([{ about: 'changed', order }]);
		expect(scrape(registry).sent).toEqual([['a', '', 0]]);
		registry.take([{ about: 'outcomes', outcomes: [outcomeOf(order, 0), outcomeOf(order, 1)] }]);
		const edited = orderOf('a', { tags: { site: 'zrh' } });
		registry.take([{ about: 'changed', order: edited }]);
		const { samples, sent } = scrape(registry);
		expect(sent).toEqual([['a', '', 2]]);
		expect(samples.find(({ name }) => name === 'pingmachine_pings_lost_total')?.labels).toEqual({
			order: 'a',
			site: 'zrh',
		});
		registry.take([{ about: 'gone', id: 'a', why: 'deleted' }]);
		expect(scrape(registry).samples).toEqual([]);
	});

	test('go on from what was counted before', () => {
		const before = new Tally();
		before.addMeasured([{ sentAtSeconds: 0, rttSeconds: 0.5 }]);
		const registry = registryOf();
		registry.take([
			{ about: 'changed', order: orderOf('a') },
			{ about: 'changed', order: orderOf('b') },
		]);
		const from = { counts: null, last: null, recent: [] };
		registry.begin('a', { ...from, before: { tally: before, untilSeconds: 0, unexplained: before.unknown } });
		expect(scrape(registry).sent).toEqual([
			['a', '', 1],
			['b', '', 0],
		]);
	});

	test('of points of presence stand beside those of this machine', () => {
		const registry = registryOf();
		const order = orderOf('a');
		registry.take([
			{ about: 'changed', order },
			{
				about: 'outcomes',
				outcomes: [outcomeOf(order, 0, 'zrh'), outcomeOf(order, 0), outcomeOf(order, 1, 'zrh')],
			},
		]);
		const { samples, sent } = scrape(registry);
		expect(sent).toEqual([
			['a', '', 1],
			['a', 'zrh', 2],
		]);
		expect(samples.filter(({ name }) => name === 'pingmachine_order_info')).toHaveLength(1);
	});

	test('have the buckets that the order wants', () => {
		const registry = registryOf();
		registry.take([{ about: 'changed', order: orderOf('a', { buckets: [0.25] }) }]);
		const bounds = scrape(registry).samples.filter(({ name }) => name === 'pingmachine_rtt_seconds_bucket');
		expect(bounds.map(({ labels }) => labels['le'])).toEqual(['0.25', '+Inf']);
	});

	test('can be asked for in part', () => {
		const registry = registryOf();
		const orders = [orderOf('core/a'), orderOf('core/b', { user: 'tmon' }), orderOf('lab/c')];
		registry.take(orders.map((order) => ({ about: 'changed', order }) as const));
		expect(scrape(registry, ({ id }) => id.startsWith('core/')).sent.map(([id]) => id)).toEqual([
			'core/a',
			'core/b',
		]);
		expect(scrape(registry, ({ user }) => user === 'tmon').sent.map(([id]) => id)).toEqual(['core/b']);
	});

	test('are no more than the limit admits, and what is left out is counted', () => {
		const registry = registryOf({ seriesMax: 60 });
		registry.take(['a', 'b', 'c', 'd'].map((id) => ({ about: 'changed', order: orderOf(id) }) as const));
		const { samples, sent } = scrape(registry);
		expect(samples.length).toBeLessThanOrEqual(60);
		expect(sent.length).toBeGreaterThan(0);
		expect(registry.leftOut).toBe(4 - sent.length);
	});

	test('are written in slices, however many orders there are', () => {
		const registry = registryOf();
		const order = orderOf('a');
		registry.take(
			Array.from(
				{ length: 2000 },
				(_, at) => ({ about: 'changed', order: { ...order, id: `o${at}` } }) as const,
			),
		);
		// Each look at the clock is 10 ms after the one before.
		let nowMs = 0;
		const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
			nowMs += 10;
			return nowMs;
		});
		const { sent, slices } = scrape(registry);
		const none = scrape(registry, () => false);
		clock.mockRestore();
		expect(none.sent).toEqual([]);
		expect(none.slices).toBeGreaterThanOrEqual(40);
		expect(sent).toHaveLength(2000);
		expect(slices).toBeGreaterThanOrEqual(9 * 40);
	});
});

test('what a program says that nobody has declared is a gauge of its own as long as it is served', () => {
	const registry = new MetricsRegistry({
		...{ labels: [], buckets: [0.1], seriesMax: 1000, compat: [] },
		facts: new Map([['command', declaredFacts(builtInProbes.get('command')?.facts)]]),
		commonFacts: new Set(declaredFacts().map(({ name }) => name)),
	});
	const order = orderOf('tank', { probe: 'command', command: { program: 'level', target: 'x' } });
	registry.take([{ about: 'changed', order }]);
	const told = (facts: Facts, at: number) => {
		const slot = { startSeconds: 1_795_240_800 + at * 60, stepSeconds: 60 };
		const samples = [{ sentAtSeconds: slot.startSeconds, rttSeconds: 0.02 }];
		const outcome = measured(identityOf(order), slot, 1, samples, facts, {});
		registry.take([{ about: 'outcomes', outcomes: [outcome] }]);
		const text = Buffer.concat([...registry.write(prometheusText, [])]).toString();
		const own = parseText(text).filter(({ name }) => name.startsWith('pingmachine_command_'));
		return Object.fromEntries(own.map(({ name, value }) => [name, value]));
	};
	expect(told({ exit_code: [1], load: 0.5, up: true, state: 'on' }, 1)).toEqual({
		pingmachine_command_exit_code: 1,
		pingmachine_command_load: 0.5,
		pingmachine_command_up: 1,
	});
	expect(told({ exit_code: [0], exit_code_: 3 }, 2)).toEqual({
		pingmachine_command_exit_code: 0,
		pingmachine_command_exit_code_: 3,
	});
});
