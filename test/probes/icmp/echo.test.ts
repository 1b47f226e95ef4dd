/** The packets themselves, as they were on the wire: fixtures/probes/icmp. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EchoFormat, echo } from '../../../probes/icmp/engine/echo-format.ts';
import { Memory } from '../../../probes/icmp/engine/libc.ts';

const folder = new URL('../../../fixtures/probes/icmp/', import.meta.url);
const checksumBytes = [2, 3];
const tokenBytes = 8;
const payloadAt = 16;

const cases = readdirSync(folder).map((name) => {
	const recorded = JSON.parse(readFileSync(new URL(`${name}/packets.json`, folder), 'utf8'));
	const [request, reply] = [recorded.request, recorded.reply].map((hex) => Buffer.from(hex, 'hex')) as [
		Buffer,
		Buffer,
	];
	const memory = new Memory(request.length);
	memory.u8.set(request);
	const [tokenLow, tokenHigh] = [echo.tokenLow(memory, 0), echo.tokenHigh(memory, 0)];
	const tokenSum = [tokenLow, tokenHigh].reduce((sum, word) => sum + (word & 0xffff) + (word >>> 16), 0);
	const family = name === 'echo-ipv4' ? (4 as const) : (6 as const);
	const format = new EchoFormat({
		family,
		size: request.length - tokenBytes,
		ident: request.readUInt16BE(4),
		sumsUp: family === 4,
	});
	const sequence = echo.sequence(memory, 0);
	const key = { tokenLow, tokenHigh, tokenSum };
	return { name, family, request, reply, memory, format, key, sequence, number: echo.number(memory, 0) };
});

test('there are packets of both families', () => {
	expect(cases.map(({ name }) => name).sort()).toEqual(['echo-ipv4', 'echo-ipv6']);
});

test.each(cases)('$name: the request is made as it was', ({ format, key, number, sequence, ...recorded }) => {
	const made = new Memory(recorded.request.length);
	format.prepare(made, 0);
	format.seal(made, 0, key, number, sequence);
	const expected = Buffer.from(recorded.request);
	// Of IPv6 the kernel makes the checksum.
	if (recorded.family === 6) for (const at of checksumBytes) expected[at] = 0;
	expect(Buffer.from(made.u8.subarray(0, expected.length)).toString('hex')).toBe(expected.toString('hex'));
});

test.each(cases)('$name: the reply is sound, and not with any bit turned', (recorded) => {
	const { format, key, sequence, reply, memory, family } = recorded;
	const isIntact = (bytes: Uint8Array) => {
		memory.u8.set(bytes);
		return format.isIntact(memory, 0, bytes.length, key, sequence);
	};
	expect(reply[0]).toBe(format.replyType);
	expect(isIntact(reply)).toBe(true);
	expect(isIntact(reply.subarray(0, -1))).toBe(false);
	const checked = [...reply.keys()].filter(
		// Type and identifier are matched by the kernel, another token is another job's.
		(at) =>
			at === 1 || at === 6 || at === 7 || at >= payloadAt || (family === 4 && checksumBytes.includes(at)),
	);
	for (const at of checked) {
		for (let bit = 0; bit < 8; bit++) {
			const damaged = Uint8Array.from(reply);
			damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
			expect(isIntact(damaged), `bit ${bit} of byte ${at}`).toBe(false);
		}
	}
});
