/** Whatever names, tags, times and numbers there are, a reader of the specification gets them back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LineContent, linesOf } from '../../../src/sinks/shared/line-protocol.ts';
import { delivered } from './delivered.ts';
import { asTag, hex, text } from './odd-text.ts';
import { parseLine } from './parse-line.ts';

const tags = fc.dictionary(text, text, { maxKeys: 6, noNullPrototype: true });
const summaryOnly: LineContent = { summary: true, individual: 'none', tags: {} };

function asName(value: string): string {
	return asTag(value).replace(/^#/, hex);
}

function asTags(all: Readonly<Record<string, string>>): Record<string, string> {
	const kept = Object.entries(all).filter(([key, value]) => key !== '' && value !== '');
	kept.sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(kept.map(([key, value]) => [asTag(key), asTag(value)]));
}

test('any measurement name and any tags survive', () => {
	fc.assert(
		fc.property(text, tags, tags, (name, own, added) => {
			const lines = linesOf(delivered({ name, tags: own }), { ...summaryOnly, tags: added });
			expect(lines).toHaveLength(name === '' ? 0 : 1);
			for (const line of lines) {
				const parsed = parseLine(line);
				expect(parsed.measurement).toBe(asName(name));
				expect(parsed.tags).toEqual(asTags({ ...added, ...own }));
				expect(parsed.fields).toMatchObject({ loss: 50, min_rtt: 0.000015 });
			}
		}),
		{ numRuns: 3000 },
	);
});

test('text of printable characters comes back as it was, unless a backslash stands where one would be misread', () => {
	const printable = text.filter((value) => value !== '' && !/\p{Cc}|\\(?:[ ,="\\]|$)/u.test(value));
	fc.assert(
		fc.property(printable, printable, (key, value) => {
			const [line = ''] = linesOf(delivered({ tags: { [key]: value } }), summaryOnly);
			expect(parseLine(line).tags).toEqual({ [key]: value });
		}),
		{ numRuns: 2000 },
	);
});

const seconds = fc.integer({ min: 0, max: 9_000_000_000 });

test('times are exact to the nanosecond, far beyond what one number holds', () => {
	fc.assert(
		fc.property(
			seconds,
			fc.integer({ min: 1, max: 604_800 }),
			fc.integer({ min: 1, max: 200 }),
			(start, step, pings) => {
				const made = delivered({ startSeconds: start, stepSeconds: step, rtts: Array(pings).fill(0.5) });
				const times = linesOf(made, { ...summaryOnly, summary: false, individual: 'spread' }).map(
					(line) => parseLine(line).nanoseconds,
				);
				const begin = BigInt(start) * 1_000_000_000n;
				const stepNanos = BigInt(step) * 1_000_000_000n;
				expect(times).toEqual(times.map((_, i) => begin + (stepNanos * BigInt(i)) / BigInt(pings)));
			},
		),
		{ numRuns: 300 },
	);
});

test('true sending times are those of the sample to the last bit, and no two are the same', () => {
	const sent = fc.array(fc.double({ min: 0, max: 4e9, noNaN: true, noDefaultInfinity: true }), {
		minLength: 1,
		maxLength: 20,
	});
	fc.assert(
		fc.property(sent, fc.nat(5), (at, copies) => {
			const all = [...at, ...Array<number>(copies).fill(at[0] ?? 0)];
			const made = delivered({ rtts: all.map(() => 1), sentAt: (i) => all[i] ?? 0 });
			const times = linesOf(made, { summary: false, individual: 'sent', tags: {} }).map(
				(line) => parseLine(line).nanoseconds,
			);
			expect(new Set(times).size).toBe(times.length);
			times.forEach((time, i) => {
				const off = time - exactNanos(all[i] ?? 0);
				expect(off >= 0n && off <= BigInt(all.length)).toBe(true);
			});
		}),
		{ numRuns: 1000 },
	);
});

/** A double is a whole number of 2 ** -1074; rounded half up. */
function exactNanos(value: number): bigint {
	const scale = 2 ** 40;
	const whole = Math.floor(value);
	const units = BigInt(Math.floor((value - whole) * scale)) * 2n;
	return BigInt(whole) * 1_000_000_000n + (units * 1_000_000_000n + BigInt(scale)) / (2n * BigInt(scale));
}

test('every number comes back: RTTs to 15 digits, those of the summary to a microsecond', () => {
	fc.assert(
		fc.property(fc.double({ min: 1e-9, max: 180, noNaN: true }), (rtt) => {
			const [summary = '', ping = ''] = linesOf(delivered({ rtts: [rtt] }), {
				summary: true,
				individual: 'sent',
				tags: {},
			});
			const { fields } = parseLine(ping);
			expect(Math.abs((fields['individual_rtt'] ?? 0) / rtt - 1)).toBeLessThan(1e-14);
			const { loss, min_rtt, median_rtt, max_rtt } = parseLine(summary).fields;
			expect(loss).toBe(0);
			for (const value of [min_rtt, median_rtt, max_rtt]) {
				expect(Math.abs((value ?? Number.NaN) - rtt)).toBeLessThanOrEqual(0.5000001e-6);
			}
		}),
		{ numRuns: 2000 },
	);
});
