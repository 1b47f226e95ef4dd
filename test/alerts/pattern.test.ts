import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundOf } from '../../src/alerts/evaluate.ts';
import { matches, type PatternKind, type Round, readPattern } from '../../src/alerts/pattern.ts';
import { slotSight } from '../../src/alerts/sight.ts';

function read(kind: PatternKind, text: string) {
	const result = readPattern(kind, text);
	if ('fault' in result) throw new Error(result.fault);
	return result.pattern;
}

/** `0 20 U S -` as rounds, the oldest first. */
function rounds(text: string): Round[] {
	const words: Record<string, Round> = { U: 'unknown', S: 'start', '-': 'none' };
	return text.split(' ').map((word) => words[word] ?? Number(word));
}

describe('what a pattern matches, counted by hand', () => {
	test.each<[PatternKind, string, string, boolean]>([
		['loss', '>20%', '0 0 21', true],
		['loss', '>20%', '0 21 20', false],
		['loss', '==0%,==0%,>0%', '0 0 5', true],
		['loss', '==0%,==0%,>0%', '0 5 5', false],
		['loss', '>45%<=55%', '50', true],
		['loss', '>45%<=55%', '45', false],
		['loss', '>45%<=55%', '56', false],
		// Up to twelve rounds of any kind between two bad ones, none among them.
		['loss', '>20%,*12*,>20%', '30 30', true],
		['loss', '>20%,*12*,>20%', '30 0 U 0 30', true],
		['loss', '>20%,*2*,>20%', '30 0 0 30', true],
		['loss', '>20%,*2*,>20%', '30 0 0 0 30', false],
		['loss', '>0%,*1*,>0%,*1*,>0%', '5 0 5 0 5', true],
		['loss', '>0%,*1*,>0%,*1*,>0%', '5 0 0 5 5', false],
		// What is not measured is unknown: neither loss nor none.
		['loss', '==U,==U', '0 U U', true],
		['loss', '>=0%', 'U', false],
		['loss', '==0%', 'U', false],
		['loss', '!=U', 'U', false],
		['loss', '!=U', '0', true],
		['loss', '==S,==U', 'S U', true],
		['loss', '==S,>0%', '5', true],
		['loss', '!=U,>0%', '5', false],
		['loss', '==*,>0%', 'U 5', true],
		['rtt', '<10,<10,<10,>100', '5 9.9 1 100.1', true],
		['rtt', '<10,>100', '- 101', false],
		// A whole outage is known, and no time at all: it neither raises nor clears by a time.
		['rtt', '<100', '-', false],
		['rtt', '!=U', '-', true],
	])('%s %s of %s: %s', (kind, pattern, history, is) => {
		expect(matches(read(kind, pattern), rounds(history))).toBe(is);
	});

	test('it tells how many rounds it may look at', () => {
		expect(read('loss', '>20%,*12*,>20%,*3*,==U').roundsMax).toBe(18);
	});
});

describe('what is wrong with a pattern is told', () => {
	test.each<[PatternKind, string, RegExp]>([
		['loss', '', /empty element/],
		['loss', '>20%,,>20%', /empty element/],
		['loss', '>20', /percent. Write >20%/],
		['rtt', '>20%', /milliseconds. Write >20/],
		['loss', '*3*,>20%', /on each side/],
		['loss', '>20%,*3*', /on each side/],
		['loss', '>20%,*3*,*4*,>20%', /side by side/],
		['loss', '>20%,*0*,>20%', /1 to/],
		['loss', '<U', /U goes with/],
		['loss', '!=S', /S with/],
		['loss', '20%', /no element/],
		['loss', '>1%<2%>0%', /no element/],
		['loss', '=>5%', /no element/],
		['loss', 'x'.repeat(60_000), /characters at most/],
		['loss', Array.from({ length: 200 }, () => '==U').join(), /elements at most/],
	])('%s %.30s', (kind, text, fault) => {
		expect(readPattern(kind, text)).toEqual({ fault: expect.stringMatching(fault) });
	});
});

test('it matches what a plain search through all ways matches', () => {
	const round = fc.constantFrom<Round>(0, 10, 50, 'unknown', 'start', 'none');
	const plain = fc.constantFrom('==0%', '>5%', '==U', '!=U', '==*', '==S', '>=50%');
	const gap = fc.integer({ min: 1, max: 3 }).map((n) => `*${n}*`);
	const pattern = fc
		.array(fc.tuple(plain, fc.option(gap, { nil: null })), { minLength: 1, maxLength: 5 })
		.map((parts) =>
			parts.flatMap(([one, two], at) => (two === null || at === parts.length - 1 ? [one] : [one, two])),
		);
	fc.assert(
		fc.property(pattern, fc.array(round, { maxLength: 10 }), (parts, history) => {
			const search = (at: number, left: number): boolean => {
				if (at < 0) return true;
				const [, n] = /^\*(\d)\*$/.exec(parts[at] ?? '') ?? [];
				if (n !== undefined) {
					for (let skip = 0; skip <= Number(n); skip++)
						if (left - skip > 0 && search(at - 1, left - skip)) return true;
					return false;
				}
				return (
					matches(read('loss', parts[at] ?? ''), left > 0 ? [history[left - 1] ?? 'start'] : []) &&
					search(at - 1, left - 1)
				);
			};
			expect(matches(read('loss', parts.join()), history)).toBe(search(parts.length - 1, history.length));
		}),
	);
});

test.each([
	['loss', '==55%', 11 / 20, null],
	['loss', '==29%', 29 / 100, null],
	['loss', '==7%', 7 / 100, null],
	['rtt', '==35', 0, 0.035],
	['rtt', '==8.2', 0, 0.0082],
] as const)(
	'%s %s of a share of %d or %d seconds: no digit is left over',
	(kind, pattern, lossShare, median) => {
		const round = roundOf(kind, slotSight(lossShare, median));
		expect(matches(read(kind, pattern), [round])).toBe(true);
		expect(matches(read(kind, pattern.replace('==', '>')), [round])).toBe(false);
		expect(matches(read(kind, pattern.replace('==', '<')), [round])).toBe(false);
	},
);
