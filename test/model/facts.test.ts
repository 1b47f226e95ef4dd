import { describe, expect, test } from 'vitest';
import { addDerivedFacts, jitterOf, mosOf } from '../../src/model/derived-facts.ts';
import {
	checkedFacts,
	declarationsFor,
	declaredFacts,
	type FactDeclaration,
	numberOfFact,
	oneOfFact,
	wrongWithDeclarations,
} from '../../src/model/facts.ts';

function fact(changes: Partial<FactDeclaration>): FactDeclaration {
	return { name: 'it', kind: 'gauge', help: 'something', per: 'measurement', ...changes };
}

function rtts(...seconds: (number | null)[]) {
	return seconds.map((rttSeconds) => ({ rttSeconds }));
}

test('of pings one number is the median of seconds, the sum of counts, else that of the last answered, else of the last', () => {
	const samples = rtts(0.1, 0.2, null);
	expect(numberOfFact({ kind: 'seconds', per: 'ping' }, [0.3, 0.1, 0.2], samples)).toBe(0.2);
	expect(numberOfFact({ kind: 'count', per: 'ping' }, [1, null, 4], samples)).toBe(5);
	expect(numberOfFact({ kind: 'gauge', per: 'ping' }, [200, 404, 503], samples)).toBe(404);
	expect(numberOfFact({ kind: 'flag', per: 'ping' }, [true, null, false], samples)).toBe(1);
	expect(oneOfFact({ kind: 'text', per: 'ping' }, ['a', 'b', 'c'], samples)).toBe('b');
	expect(numberOfFact({ kind: 'text', per: 'ping' }, ['a', 'b', 'c'], samples)).toBeNull();
	expect(numberOfFact({ kind: 'gauge', per: 'ping' }, [1, 2, 3], rtts(null, null, null))).toBe(3);
	expect(numberOfFact({ kind: 'seconds', per: 'ping' }, [null, null, null], samples)).toBeNull();
});

test('of a measurement it is the value itself; a path has none', () => {
	expect(numberOfFact({ kind: 'gauge', per: 'measurement' }, 64, rtts(0.1))).toBe(64);
	expect(numberOfFact({ kind: 'flag', per: 'measurement' }, false, rtts(0.1))).toBe(0);
	expect(numberOfFact({ kind: 'path', per: 'measurement' }, ['192.0.2.1', null], rtts(0.1))).toBeNull();
});

test('only facts that are as they were declared are taken', () => {
	const declared = [
		fact({ name: 'ttl' }),
		fact({ name: 'code', per: 'ping' }),
		fact({ name: 'hops', kind: 'path' }),
		fact({ name: 'note', kind: 'text' }),
		fact({ name: 'ok', kind: 'flag' }),
	];
	const facts = { ttl: 64, code: [200, null], hops: ['a', null, 'b'], note: 'n', ok: true };
	expect(checkedFacts(declared, facts, 2)).toEqual(facts);
	expect(checkedFacts(declared, { ...facts, other: 1 }, 2)).toEqual(facts);
	const wrong = { ttl: Number.NaN, code: [200], hops: 'a', note: 1, ok: 1 };
	expect(checkedFacts(declared, wrong, 2)).toEqual({});
	expect(checkedFacts(declared, { code: ['x', 200] }, 2)).toEqual({ code: [null, 200] });
	expect(checkedFacts(declared, { note: 'x'.repeat(1000) }, 2)['note']).toHaveLength(250);
	expect(checkedFacts(declared, undefined, 2)).toEqual({});
	expect(checkedFacts([fact({ name: 'constructor' })], {}, 1)).toEqual({});
});

test('facts of every probe are there beside its own', () => {
	const names = declaredFacts([fact({ name: 'ttl' })]).map(({ name }) => name);
	expect(names).toEqual(['ttl', 'address', 'jitter', 'mos', 'loss_reason', 'path']);
	expect(wrongWithDeclarations(declaredFacts())).toBeNull();
});

test.each([
	[{ name: 'Ttl' }, 'must be named'],
	[{ name: 'ttl-seconds' }, 'must be named'],
	[{ kind: 'path', per: 'ping' }, 'is a path'],
	[{ help: 'two\nlines' }, 'one line of help'],
] as const)('a declaration %j is refused', (changes, message) => {
	expect(wrongWithDeclarations([fact(changes)])).toContain(message);
});

test('a name is declared once', () => {
	expect(wrongWithDeclarations([fact({}), fact({})])).toContain('twice');
});

test('jitter is the mean difference of neighbours in sending order', () => {
	expect(jitterOf(rtts(0.01, 0.03, 0.02))).toBe(0.015);
	expect(jitterOf(rtts(0.01, null, 0.03))).toBe(0.02);
	expect(jitterOf(rtts(0.01, null))).toBeNull();
	expect(jitterOf(rtts(0.02, 0.02, 0.02))).toBe(0);
});

test('the opinion score falls with loss, delay and jitter, from 4.41 to 1', () => {
	expect(mosOf(0, 0.02, 0)).toBeCloseTo(4.409, 3);
	// One per cent of loss costs 95 / 5.3 points of R: 75.3.
	expect(mosOf(0.01, 0.02, 0)).toBeCloseTo(3.834, 3);
	expect(mosOf(0, 0.8, 0)).toBeLessThan(mosOf(0, 0.3, 0));
	expect(mosOf(0, 0.15, 0.1)).toBeLessThan(mosOf(0, 0.15, 0));
	expect(mosOf(0.5, 0.02, 0)).toBeLessThan(1.2);
	expect(mosOf(1, null, null)).toBe(1);
});

test('what the samples tell stands beside what the probe knows', () => {
	const samples = rtts(0.01, 0.02);
	const summary = { loss: 0, medianSeconds: 0.02 };
	const facts = { ttl: 64 };
	addDerivedFacts(facts, samples, summary);
	expect(facts).toEqual({ ttl: 64, jitter: 0.01, mos: 4.409 });
	const nothing = {};
	addDerivedFacts(nothing, rtts(null), { loss: 1, medianSeconds: null });
	expect(nothing).toEqual({ mos: 1 });
});

describe('facts that are not declared', () => {
	const open: readonly FactDeclaration[] = [
		{ name: 'exit_code', kind: 'gauge', help: 'x', per: 'ping', undeclaredMax: 3 },
	];
	const facts = { exit_code: [0], load: 1, state: 'on', up: true, more: 4, Odd: 1, time: 3, list: [1] };

	test('count where their probe says so, and are what their value is; so many and no more', () => {
		const kinds = declarationsFor(open, facts).map(({ name, kind }) => [name, kind]);
		expect(kinds).toEqual([
			['exit_code', 'gauge'],
			['load', 'gauge'],
			['state', 'text'],
			['up', 'flag'],
		]);
		expect(declarationsFor(open, { time: 3, Odd: 1, list: [1], __proto__: 1 })).toBe(open);
	});

	test('do not count elsewhere', () => {
		const closed = declaredFacts();
		expect(declarationsFor(closed, facts)).toBe(closed);
		expect(checkedFacts(declarationsFor(closed, facts), facts, 1)).toEqual({});
	});
});
