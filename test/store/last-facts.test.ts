import { statSync } from 'node:fs';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { lastFactsText, readLastFacts } from '../../src/store/last-facts.ts';
import { order, startSeconds, TreeFixture } from './support/tree-fixture.ts';

let fixture: TreeFixture;

beforeEach(() => {
	fixture = new TreeFixture();
});

afterEach(() => fixture.remove());

test('any facts come back as they were, also for those who read YAML', () => {
	const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
	const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
	const scalar = fc.oneof(number, text, fc.boolean());
	const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/).filter((one) => one !== 'time');
	const value = fc.oneof(scalar, fc.array(fc.option(scalar)));
	const facts = fc.array(fc.tuple(name, value)).map((entries): Facts => Object.fromEntries(entries));
	fc.assert(
		fc.property(fc.nat(), facts, (time, told) => {
			const written = lastFactsText({ time, facts: told });
			expect(readLastFacts(written)).toEqual({ time, facts: told });
			expect(load(written)).toEqual({ time, ...told });
			expect(Buffer.byteLength(written) % 128).toBe(0);
		}),
	);
	for (const odd of ['', 'time: x', '- a', '{', 'jitter: 1']) expect(readLastFacts(odd)).toBeNull();
});

test('small numbers are numbers for readers of YAML 1.1 too, which want a point in them', () => {
	expect(lastFactsText({ time: 1, facts: { a: 1e-7, b: -2.5e-9, c: 3 } })).toMatch(
		/^time: 1\na: 1\.0e-7\nb: -2\.5e-9\nc: 3 *\n$/,
	);
});

test('last_facts is replaced with each measurement, and goes to the archive and comes back with the order', () => {
	const one = order('a/b');
	fixture.enrol(one);
	fixture.record(one, startSeconds, [0.25, 0.5], { jitter: 0.25, ttl: [64, null] });
	expect(load(fixture.read('output/a/b/last_facts'))).toEqual({
		time: startSeconds,
		jitter: 0.25,
		ttl: [64, null],
	});
	fixture.record(one, startSeconds + 60, [0.25, 0.5], { jitter: 0.125 });
	expect(load(fixture.read('output/a/b/last_facts'))).toEqual({ time: startSeconds + 60, jitter: 0.125 });
	// Two files of one size take turns, as with last_result.
	expect(statSync(fixture.path('output/a/b/last_facts')).size).toBe(128);

	fixture.tree.archive('a/b');
	expect(load(fixture.read('archive/a/b/last_facts'))).toMatchObject({ jitter: 0.125 });
	fixture.enrol(one);
	expect(load(fixture.read('output/a/b/last_facts'))).toMatchObject({ jitter: 0.125 });
});
