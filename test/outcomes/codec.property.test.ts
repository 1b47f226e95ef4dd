import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measured } from '../../src/model/outcome.ts';
import { outcomeFromJson, outcomeToJson } from '../../src/outcomes/outcome-json.ts';
import { packBriefly, packOutcome, unpackMeasured, unpackOutcome } from '../../src/outcomes/packed.ts';
import { anyOutcome } from './any-outcome.ts';

const runs = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 1000) };

test('what is packed comes back as it was', () => {
	fc.assert(
		fc.property(anyOutcome, (outcome) => {
			expect(unpackOutcome(packOutcome(outcome), outcome.order)).toStrictEqual(outcome);
		}),
		runs,
	);
});

test('what is written as JSON comes back as it was', () => {
	fc.assert(
		fc.property(anyOutcome, (outcome) => {
			const text = JSON.stringify(outcomeToJson(outcome));
			expect(outcomeFromJson(JSON.parse(text))).toStrictEqual(outcome);
			// Nothing is lost on the way through bytes either.
			expect(Buffer.from(text).toString()).toBe(text);
		}),
		runs,
	);
});

test('both forms say the same', () => {
	fc.assert(
		fc.property(anyOutcome, (outcome) => {
			const packed = packOutcome(outcome);
			const fromJson = outcomeFromJson(JSON.parse(JSON.stringify(outcomeToJson(outcome))));
			if (fromJson === null) throw new Error('not read');
			expect(packOutcome(fromJson)).toBe(packed);
			expect(outcomeToJson(unpackOutcome(packed, outcome.order))).toStrictEqual(outcomeToJson(outcome));
		}),
		runs,
	);
});

test('in brief, all comes back but facts and who measured when', () => {
	fc.assert(
		fc.property(anyOutcome, (outcome) => {
			const read = unpackOutcome(packBriefly(outcome), outcome.order);
			const { kind, order, slot, pings } = outcome;
			const head = { kind, order, slot, pings };
			if (outcome.kind === 'measured') {
				expect(read).toStrictEqual({ ...head, measurement: { ...outcome.measurement, facts: {} } });
			} else {
				expect(read).toStrictEqual({ ...head, code: outcome.code, reason: outcome.reason });
			}
		}),
		runs,
	);
});

test('of what was measured, what files need comes back alone', () => {
	fc.assert(
		fc.property(anyOutcome, fc.nat(), (outcome, place) => {
			const packed = packOutcome(outcome);
			if (outcome.kind !== 'measured') {
				expect(unpackMeasured(packed)).toBe(null);
				return;
			}
			const { slot, pings, measurement } = outcome;
			const { samples, facts } = measurement;
			const received = samples.map(({ rttSeconds }) => rttSeconds).filter((rtt) => rtt !== null);
			expect(unpackMeasured(packed)).toStrictEqual({ slot, pings, sent: samples.length, received, facts });
			expect(() => unpackMeasured(packed.slice(0, 2 + (place % (packed.length - 2))))).toThrow();
			expect(() => unpackMeasured(`${packed}x`)).toThrow('too long');
		}),
		runs,
	);
});

test('what is cut short, or something else, is told apart from an outcome', () => {
	fc.assert(
		fc.property(anyOutcome, fc.nat(), (outcome, place) => {
			const packed = packOutcome(outcome);
			expect(() => unpackOutcome(packed.slice(0, place % packed.length), outcome.order)).toThrow();
			expect(() => unpackOutcome(`${packed}x`, outcome.order)).toThrow('too long');
		}),
		runs,
	);
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			expect(outcomeFromJson(value)).toBeNull();
		}),
	);
	expect(outcomeFromJson({ v: 2 })).toBeNull();
});

test('the JSON has the names that others read', () => {
	const order = {
		id: 'a/b',
		user: 'me',
		probe: 'icmp',
		target: '192.0.2.1',
		measurementName: 'm',
		tags: { t: '1' },
	};
	const samples = [
		{ sentAtSeconds: 1_795_240_000.25, rttSeconds: 0.0015 },
		{ sentAtSeconds: 1_795_240_002.25, rttSeconds: null },
	];
	const slot = { startSeconds: 1_795_240_000, stepSeconds: 10 };
	const details = { updatedSeconds: 1_795_240_010.5, boot: 'f00', seq: 7, clock: { synced: true } };
	expect(outcomeToJson(measured(order, slot, 2, samples, { ttl: 64 }, details))).toStrictEqual({
		v: 1,
		order: {
			id: 'a/b',
			user: 'me',
			probe: 'icmp',
			target: '192.0.2.1',
			measurement_name: 'm',
			tags: { t: '1' },
		},
		slot: 1_795_240_000,
		step: 10,
		pings: 2,
		kind: 'measured',
		samples: [
			{ sent: 1_795_240_000.25, rtt: 0.0015 },
			{ sent: 1_795_240_002.25, rtt: null },
		],
		facts: { ttl: 64 },
		updated: 1_795_240_010.5,
		boot: 'f00',
		seq: 7,
		clock: { synced: true },
	});
});

test('a measurement that the kernel timed takes about 5 bytes a ping', () => {
	const order = { id: 'a', user: 'me', probe: 'icmp', target: '192.0.2.1', tags: {} };
	const slot = { startSeconds: 1_795_240_000, stepSeconds: 300 };
	const samples = Array.from({ length: 20 }, (_, index) => ({
		sentAtSeconds: slot.startSeconds + 2.000_123 + index * 12 + (index % 3) * 1e-5,
		rttSeconds: (20_123_456 + index * 1234) / 1e9,
	}));
	expect(packOutcome(measured(order, slot, 20, samples)).length).toBeLessThan(140);
});

test('what a program printed with few digits takes about 3', () => {
	const order = { id: 'a', user: 'me', probe: 'fping', target: '192.0.2.1', tags: {} };
	const slot = { startSeconds: 1_795_240_000, stepSeconds: 300 };
	const samples = Array.from({ length: 20 }, (_, index) => ({
		sentAtSeconds: slot.startSeconds + 2.123 + index * 11.75,
		rttSeconds: (201 + 7 * index) / 1e4,
	}));
	expect(packOutcome(measured(order, slot, 20, samples)).length).toBeLessThan(90);
});
