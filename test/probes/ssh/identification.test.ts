import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownIdentification, readGreeting } from '../../../probes/ssh/identification.ts';

const folder = fileURLToPath(new URL('../../../fixtures/probes/ssh', import.meta.url));
const greeting = (text: string) => readGreeting(Buffer.from(text, 'latin1'));

test.each(readdirSync(folder))('what a server sent: %s', (name) => {
	const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
	expect(readGreeting(readFileSync(join(folder, name, 'received')))).toEqual(expected);
});

describe('the identification string', () => {
	test.each<[string, string, string]>([
		['as most servers write it', 'SSH-2.0-x\r\n', 'SSH-2.0-x'],
		['without a carriage return', 'SSH-2.0-x\n', 'SSH-2.0-x'],
		['of a server that also speaks the first version', 'SSH-1.99-Cisco-1.25\n', 'SSH-1.99-Cisco-1.25'],
		['with a comment', 'SSH-2.0-x y z\r\n', 'SSH-2.0-x y z'],
		['with more behind it', 'SSH-2.0-x\r\n\0\0\0', 'SSH-2.0-x'],
		['after other lines', 'Welcome\r\n\r\nno SSH-2.0-here\nSSH-2.0-x\r\n', 'SSH-2.0-x'],
		['of the greatest length', `SSH-2.0-${'x'.repeat(245)}\r\n`, `SSH-2.0-${'x'.repeat(245)}`],
	])('%s', (_how, text, identification) => {
		expect(greeting(text)).toEqual({ identification });
	});

	test.each([
		['nothing', ''],
		['a part of it', 'SSH-2.0-x'],
		['the beginning of its first word', 'SS'],
		['other lines', 'Welcome\r\nto'],
	])('is waited for after %s', (_what, text) => {
		expect(greeting(text)).toBe('incomplete');
	});

	test.each([
		['one that is too long', `SSH-2.0-${'x'.repeat(246)}\r\n`],
		['one that is too long already', `SSH-2.0-${'x'.repeat(300)}`],
		['one with control characters', 'SSH-2.0-x\x1b[31m\r\n'],
		['one without a version', 'SSH-\r\n'],
		['one without a name', 'SSH-2.0-\r\n'],
		['16 KiB of other lines', 'x\n'.repeat(8200)],
		['a line without end', 'x'.repeat(16_385)],
	])('is not %s', (_what, text) => {
		expect(greeting(text)).toBe('not SSH');
	});

	test('is found as soon as it is whole, and not before, in whatever pieces it comes', () => {
		const line = fc.stringMatching(/^[a-z ]{0,20}$/);
		fc.assert(
			fc.property(fc.array(line, { maxLength: 5 }), fc.nat(200), (before, extra) => {
				const text = `${before.map((one) => `${one}\r\n`).join('')}SSH-2.0-server\r\n`;
				for (let length = 0; length < text.length; length++)
					expect(greeting(text.slice(0, length))).toBe('incomplete');
				expect(greeting(text + 'x'.repeat(extra))).toEqual({ identification: 'SSH-2.0-server' });
			}),
			{ numRuns: 30 },
		);
	});

	test('never throws, whatever a server sends', () => {
		const piece = fc.constantFrom('SSH-', '2.0-', '\r', '\n', 'x', '\0', '\xff', 'SSH-2.0-a\n');
		fc.assert(
			fc.property(fc.array(piece), (pieces) => {
				expect(greeting(pieces.join(''))).toBeDefined();
			}),
		);
	});
});

test.each([
	['2.0.0', 'SSH-2.0-pingmachine_2.0.0\r\n'],
	['2.0.0-dev+1 x', 'SSH-2.0-pingmachine_2.0.0_dev+1_x\r\n'],
])('we are pingmachine %s: %j', (version, line) => {
	expect(ownIdentification(version)).toBe(line);
	expect(greeting(line)).toEqual({ identification: line.trimEnd() });
});
