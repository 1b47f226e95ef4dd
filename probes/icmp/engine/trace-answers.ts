import type { Memory } from './libc.ts';
import { mplsLabels } from './trace-extensions.ts';
import { numberInPayload, type TraceEnds } from './trace-format.ts';
import type { Sent } from './trace-sent.ts';
import type { TraceTarget } from './trace-target.ts';

export const ipHeaderBytes = { 4: 20, 6: 40 } as const;
/** Where extensions begin if the router does not say: after so many bytes of the packet that it quotes. */
const quotedLeast = 128;

/** The MPLS labels of an ICMP error, of which the data from `at` on are what follows the headers that it quotes. */
export function labelsIn(
	bytes: Uint8Array,
	at: number,
	length: number,
	{ family, kind, extensionsAt }: { family: 4 | 6; kind: 'raw' | 'ping' | 'udp'; extensionsAt: number },
): string[] {
	const usual = quotedLeast - ipHeaderBytes[family] - (kind === 'udp' ? 8 : 0);
	for (const offset of extensionsAt === 0 ? [usual] : [extensionsAt, usual]) {
		const labels = mplsLabels(bytes, at + offset, at + length);
		if (labels.length > 0) return labels;
	}
	return [];
}

/** Which packet to a target the answer that begins here is for; null: it is none. */
export function answeredBy(
	{ view, u8 }: Memory,
	at: number,
	length: number,
	{ family, protocol, port }: TraceEnds,
	{ sent, parts: { flow } }: TraceTarget,
): Sent | null {
	if (protocol === 'icmp') {
		if (length < 20 || u8[at] !== (family === 4 ? 0 : 129)) return null;
		return sent[numberInPayload(view, at + 8, flow)] ?? null;
	}
	// Whatever it says: it does not say to what.
	if (protocol === 'udp') return sent.findLast(({ answer }) => answer === null) ?? null;
	if (length < 20 || view.getUint16(at) !== port) return null;
	return sent[(view.getUint32(at + 8) - 1 - flow.base) >>> 0] ?? null;
}
