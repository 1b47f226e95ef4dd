import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tally } from '../../../src/history/tally.ts';
import { declaredFacts } from '../../../src/model/facts.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, measured, notMeasured } from '../../../src/model/outcome.ts';
import type { StreamEvent } from '../../../src/outcomes/subscriber.ts';
import { KeptSeries } from '../../../src/web/metrics/kept-series.ts';
import { protobuf } from '../../../src/web/metrics/protobuf-format.ts';
import { MetricsRegistry } from '../../../src/web/metrics/registry.ts';
import { openMetricsText, prometheusText } from '../../../src/web/metrics/text-formats.ts';

const facts = declaredFacts([
	{ name: 'ttl', kind: 'gauge', help: 'hop limit', per: 'ping', undeclaredMax: 5 },
]);

function registryOf(): MetricsRegistry {
	return new MetricsRegistry({
		...{ labels: ['site'], buckets: [0.01, 0.1], seriesMax: 1_000_000, compat: ['meshping', 'canary'] },
		facts: new Map([['icmp', facts]]),
		commonFacts: new Set(declaredFacts().map(({ name }) => name)),
	});
}

function orderOf(id: string, site: string): Order {
	return {
		...{ id, user: 'me', probe: 'icmp', target: '192.0.2.7', tags: { site }, stepSeconds: 60, pings: 2 },
		...{ options: {}, rrdTemplate: null, batchKey: '' },
	};
}

const noWay = { code: 'no_route', reason: 'no way' } as const;
const formats = [prometheusText, openMetricsText, protobuf];

test('what is kept of a scrape is what would be written anew, whatever has come meanwhile', () => {
	const id = fc.constantFrom('a', 'b');
	const step = fc.oneof(
		fc.record({ does: fc.constant('changed' as const), id, site: fc.constantFrom('zrh', 'ny "1"\n', '日') }),
		fc.record({ does: fc.constant('gone' as const), id }),
		fc.record({ does: fc.constant('begin' as const), id }),
		fc.record({ does: fc.constant('failed' as const), id, slot: fc.nat(9) }),
		fc.record({
			...{ does: fc.constant('measured' as const), id, slot: fc.nat(9), pop: fc.constantFrom('', 'zrh') },
			rtt: fc.constantFrom(null, 0.0004, 0.02, 3),
		}),
		fc.record({ does: fc.constant('scrape' as const), format: fc.constantFrom(...formats) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
			const scraped = registryOf();
			const fresh = registryOf();
			const tell = (...events: StreamEvent[]) => {
				for (const registry of [scraped, fresh]) registry.take(events);
			};
			for (const one of steps) {
				const at = 'slot' in one ? one.slot : 0;
				const slot = { startSeconds: 1_795_240_800 + at * 60, stepSeconds: 60 };
				if (one.does === 'changed') tell({ about: 'changed', order: orderOf(one.id, one.site) });
				else if (one.does === 'gone') tell({ about: 'gone', id: one.id, why: 'deleted' });
				else if (one.does === 'failed') {
					const who = identityOf(orderOf(one.id, ''));
					tell({ about: 'outcomes', outcomes: [notMeasured('failed', who, slot, 1, noWay)] });
				} else if (one.does === 'measured') {
					const samples = [{ sentAtSeconds: slot.startSeconds, rttSeconds: one.rtt }];
					const pop = one.pop === '' ? {} : { pop: one.pop };
					const who = identityOf(orderOf(one.id, ''));
					tell({
						about: 'outcomes',
						outcomes: [measured(who, slot, 1, samples, { ttl: [at], odd: 1 }, pop)],
					});
				} else if (one.does === 'begin') {
					const tally = new Tally();
					tally.addMeasured([{ sentAtSeconds: 0, rttSeconds: 0.5 }]);
					const before = { tally, untilSeconds: 0, unexplained: 1 };
					for (const registry of [scraped, fresh])
						registry.begin(one.id, { before, counts: null, last: null, recent: [] });
				} else Buffer.concat([...scraped.write(one.format, [])]);
			}
			for (const format of formats) {
				const whole = Buffer.concat([...scraped.write(format, [])]);
				expect(whole.equals(Buffer.concat([...fresh.write(format, [])]))).toBe(true);
			}
		}),
	);
});

test('a format that nobody asks for any more is dropped', () => {
	let nowMs = 0;
	const kept = new KeptSeries([], () => nowMs);
	kept.in(prometheusText);
	kept.in(protobuf);
	nowMs = 599_000;
	kept.in(protobuf);
	expect(kept.formats).toBe(2);
	nowMs = 601_000;
	kept.in(protobuf);
	expect(kept.formats).toBe(1);
});
