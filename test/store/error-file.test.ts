import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { errorText, readErrorMessage } from '../../src/store/error-file.ts';

it('is two lines of YAML', () => {
	expect(errorText(1795240000.9, 'fping.hots: unknown key, write host')).toBe(
		'time: 1795240000\nmessage: "fping.hots: unknown key, write host"\n',
	);
});

it('gives each line of a message its own', () => {
	expect(errorText(1, 'step: -1\npings: "two"')).toBe('time: 1\nmessage: |-\n  step: -1\n  pings: "two"\n');
});

it('holds nothing that steers a terminal', () => {
	const message = 'from right to left: \u202e, clear: \x1b[2J, and a line:\nof its own';
	expect(errorText(1, message)).toBe(
		'time: 1\nmessage: "from right to left: \\u202e, clear: \\u001b[2J, and a line:\\nof its own"\n',
	);
	expect(readErrorMessage(errorText(1, message))).toBe(message);
});

it('can be read back, whatever the message', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (message) => {
			const text = errorText(1795240000, message);
			expect(load(text)).toEqual({ time: 1795240000, message });
			expect(readErrorMessage(text)).toBe(message);
		}),
		{ numRuns: 1000 },
	);
});

it.each(['', '[', 'message: 5', '- message', 'time: 5'])('finds no message in %j', (text) => {
	expect(readErrorMessage(text)).toBeNull();
});
