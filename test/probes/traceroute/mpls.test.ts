/** Labels in packets of fixtures/probes/traceroute/mpls, which test/support/mpls-packets.ts makes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mplsLabels } from '../../../probes/icmp/engine/trace-extensions.ts';
import { type Label, mplsExtension, timeExceeded } from '../../support/mpls-packets.ts';

interface Recorded {
	readonly what: string;
	readonly stack: readonly Label[];
	readonly hasSum: boolean;
	/** The ICMP message, hexadecimal. */
	readonly packet: string;
	readonly labels: readonly string[];
}

const fixtures = new URL('../../../fixtures/probes/traceroute/mpls/packets.json', import.meta.url);
const { packets } = JSON.parse(readFileSync(fixtures, 'utf8')) as { readonly packets: readonly Recorded[] };
/** ICMP header, and the packet that is quoted. */
const extensionAt = 8 + 128;

test.each(packets)('$what', ({ stack, hasSum, packet, labels }) => {
	const bytes = Buffer.from(packet, 'hex');
	expect(mplsLabels(bytes, extensionAt, bytes.length)).toEqual(labels);
	const quoted = bytes.subarray(8, extensionAt);
	expect(timeExceeded(quoted, mplsExtension(stack, hasSum)).toString('hex')).toBe(packet);
});

test('a damaged extension has no labels', () => {
	const bytes = Buffer.from(packets[0]?.packet ?? '', 'hex');
	for (let at = extensionAt; at < bytes.length; at++) {
		const damaged = Buffer.from(bytes);
		damaged.writeUInt8((damaged.readUInt8(at) ^ 0x55) & 255, at);
		expect(mplsLabels(damaged, extensionAt, damaged.length)).toEqual([]);
	}
});

test('whatever the bytes, it ends, and says at most eight labels', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: -5, max: 210 }), (bytes, at) => {
			const [version = 0] = bytes.subarray(at, at + 1);
			if (version >> 4 !== 2 && at >= 0 && at < bytes.length) bytes[at] = 0x20;
			expect(mplsLabels(bytes, at, bytes.length).length).toBeLessThanOrEqual(8);
		}),
	);
});
