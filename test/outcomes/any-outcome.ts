import fc from 'fast-check';
import type { Facts } from '../../src/model/facts.ts';
import {
	measured,
	notMeasured,
	type OrderIdentity,
	type Outcome,
	reasonCodes,
} from '../../src/model/outcome.ts';

/** Texts with all that texts can have: control characters, half characters, quotes, line ends. */
const text = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.string({ unit: 'grapheme' }),
	fc.constantFrom(
		'',
		'\ud800',
		'a\u0000b',
		'__proto__',
		'"\\\n\r\u2028',
		'\u00e4\u00ff',
		'\u0100',
		'x'.repeat(300),
	),
);

/** JSON has no minus zero. */
const number = fc
	.oneof(
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.integer(),
		fc.maxSafeInteger(),
		fc.integer({ min: 0, max: 2_000_000_000 }).map((nanos) => nanos / 1e9),
	)
	.map((value) => value + 0);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** As JSON.parse makes them: with a prototype, and with any keys of their own. */
function mapping<T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
	return fc.array(fc.tuple(key, value), { maxLength: 8 }).map((entries) => Object.fromEntries(entries));
}

function known<T extends object>(all: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
	const entries = Object.entries(all).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

const identity: fc.Arbitrary<OrderIdentity> = fc
	.record({
		...{ id: text, user: text, probe: text, target: text },
		...{ task: optional(text), title: optional(text), measurementName: optional(text) },
		tags: mapping(text, text),
	})
	.map(known);

const scalar = fc.oneof(number, text, fc.boolean());
const facts: fc.Arbitrary<Facts> = mapping(
	fc.oneof(text, fc.constantFrom('ttl', 'address', '__proto__', '0')),
	fc.oneof(scalar, fc.array(fc.option(scalar))),
);

const clock = fc
	.record({ synced: fc.boolean(), since: optional(number), offset: optional(number) })
	.map(known);
const details = fc
	.record({
		...{ pop: optional(text), boot: optional(text), updatedSeconds: optional(number) },
		...{ seq: optional(fc.nat()), clock: optional(clock) },
	})
	.map(known);

/** As probes time them, and any other numbers. */
const samples = fc.oneof(
	fc.array(fc.record({ sentAtSeconds: number, rttSeconds: fc.option(number) }, { noNullPrototype: true }), {
		minLength: 1,
		maxLength: 30,
	}),
	fc
		.tuple(
			fc.double({ min: 1.7e9, max: 4e9, noNaN: true }),
			fc.double({ min: 0, max: 60, noNaN: true }),
			fc.array(fc.option(fc.integer({ min: 0, max: 5_000_000_000 })), { minLength: 1, maxLength: 30 }),
		)
		.map(([first, pause, nanos]) =>
			nanos.map((rtt, index) => ({
				sentAtSeconds: first + index * pause,
				rttSeconds: rtt === null ? null : rtt / 1e9,
			})),
		),
);

const slot = fc.record(
	{
		startSeconds: fc.oneof(fc.integer({ min: 1_700_000_000, max: 4_000_000_000 }), number),
		stepSeconds: fc.oneof(fc.integer({ min: 1, max: 100_000 }), number),
	},
	{ noNullPrototype: true },
);

/** Any outcome there can be. */
export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
	fc
		.tuple(identity, slot, fc.nat(), samples, facts, details)
		.map(([order, when, pings, sent, told, more]) => measured(order, when, pings, sent, told, more)),
	fc
		.tuple(
			fc.constantFrom('failed' as const, 'skipped' as const),
			identity,
			slot,
			fc.nat(),
			fc.record({ code: fc.constantFrom(...reasonCodes), reason: text }),
			details,
		)
		.map(([kind, order, when, pings, why, more]) => notMeasured(kind, order, when, pings, why, more)),
);
