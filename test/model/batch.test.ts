import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchKey } from '../../src/model/batch.ts';

const timing = { stepSeconds: 60, pings: 5 };
const options = fc.dictionary(
	fc.string(),
	fc.oneof(
		fc.string(),
		fc.integer(),
		fc.boolean(),
		fc.array(fc.string(), { maxLength: 3 }),
		fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
	),
	{ maxKeys: 5 },
);

/** The same content with its keys in the opposite order, at every depth. */
function reversed(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.map(([key, part]) => [key, reversed(part)] as const)
			.reverse(),
	);
}

test('different targets share a batch, and the order of the options does not matter', () => {
	fc.assert(
		fc.property(options, fc.string(), fc.string(), (shared, one, other) => {
			const key = batchKey('fping', timing, { ...shared, host: one }, 'host');
			const reordered = reversed({ ...shared, host: other }) as Record<string, unknown>;
			expect(batchKey('fping', timing, reordered, 'host')).toBe(key);
		}),
	);
});

test('keys are equal exactly if all options but the target are', () => {
	const few = fc.record(
		{ host: fc.string(), a: fc.nat(1), b: fc.constantFrom('1', 1, null, [1]) },
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(few, few, (one, other) => {
			const areEqual = isDeepStrictEqual({ ...one, host: '' }, { ...other, host: '' });
			const haveEqualKeys =
				batchKey('fping', timing, one, 'host') === batchKey('fping', timing, other, 'host');
			expect(haveEqualKeys).toBe(areEqual);
		}),
		{ numRuns: 1000 },
	);
});

test('any changed option, and any added one, changes the key', () => {
	fc.assert(
		fc.property(
			options.filter((value) => Object.keys(value).some((key) => key !== 'host')),
			fc.string().filter((key) => key !== 'host'),
			(value, added) => {
				const key = batchKey('fping', timing, value, 'host');
				for (const name of Object.keys(value).filter((one) => one !== 'host')) {
					const changed = { ...value, [name]: ['changed', value[name]] };
					expect(batchKey('fping', timing, changed, 'host')).not.toBe(key);
				}
				fc.pre(!Object.hasOwn(value, added) && added !== '__proto__');
				expect(batchKey('fping', timing, { ...value, [added]: 1 }, 'host')).not.toBe(key);
			},
		),
	);
});

test('probe, step and pings are part of the key', () => {
	const key = batchKey('fping', timing, { host: 'a' }, 'host');
	expect(batchKey('sping', timing, { host: 'a' }, 'host')).not.toBe(key);
	expect(batchKey('fping', { stepSeconds: 300, pings: 5 }, { host: 'a' }, 'host')).not.toBe(key);
	expect(batchKey('fping', { stepSeconds: 60, pings: 6 }, { host: 'a' }, 'host')).not.toBe(key);
	expect(batchKey('fping', { stepSeconds: 60, pings: 5 }, { host: 'b' }, 'host')).toBe(key);
});

test('an option that is not given is the same as one without a value', () => {
	const key = batchKey('fping', timing, { host: 'a', interface: undefined }, 'host');
	expect(batchKey('fping', timing, { host: 'b' }, 'host')).toBe(key);
});
