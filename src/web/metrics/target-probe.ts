import { isIP } from 'node:net';
import type { Served } from './core-families.ts';
import { Labels, type MetricFamily } from './exposition.ts';
import type { ExpositionWriter } from './exposition-writer.ts';

const none = new Labels([]);

/**
 * The last result of an order, as blackbox_exporter tells what it has just measured. Names of the facts decide: whatever
 * probe has a status code tells it in blackbox_exporter's way.
 */
export function writeTargetProbe(writer: ExpositionWriter, { series, probe }: Served): void {
	const { last } = series;
	if (last === null) return;
	const gauge = (name: string, help: string, value: number | null | undefined, labels = none) => {
		if (value === null || value === undefined) return;
		const family: MetricFamily = { name: `probe_${name}`, kind: 'gauge', help };
		writer.family(family);
		writer.sample(labels, value);
	};
	const isAnswered = last.loss < last.sent;
	gauge('success', 'Whether any ping of the last measured slot was answered: 1 or 0.', Number(isAnswered));
	gauge('duration_seconds', 'Median round-trip time of the last measured slot.', last.medianSeconds ?? 0);
	const { address } = last.facts;
	if (typeof address === 'string' && isIP(address) > 0) {
		gauge('ip_protocol', 'Whether the address is of IPv4 or IPv6.', isIP(address));
		gauge('ip_addr_hash', 'A hash of the address, to see when it changes.', fnv1a(addressBytes(address)));
	}
	const { gauges } = series;
	const phase = new Labels([['phase', 'rtt']]);
	if (isPing(probe)) gauge('icmp_duration_seconds', 'Median round-trip time.', last.medianSeconds, phase);
	gauge('icmp_reply_hop_limit', 'Hop limit or TTL of the last answer.', gauges.get('ttl'));
	gauge('http_status_code', 'Status code of the last answer.', gauges.get('status_code'));
	gauge('http_content_length', 'Bytes of the body.', gauges.get('body_bytes'));
	writer.end();
}

function isPing(probe: string): boolean {
	return probe === 'icmp' || (probe.endsWith('ping') && probe !== 'httping');
}

/** The 16 bytes of IPv6, or the 4 of IPv4. */
export function addressBytes(address: string): number[] {
	if (isIP(address) === 4) return address.split('.').map(Number);
	const [text = ''] = address.split('%');
	// `::ffff:192.0.2.1`
	const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
		[Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((part) => part.toString(16)).join(':'),
	);
	const [head = '', tail] = plain.split('::');
	const parts = (half: string | undefined) => (half ?? '').split(':').filter((part) => part !== '');
	const [before, after] = [parts(head), parts(tail)];
	const zeros: string[] = Array(Math.max(0, 8 - before.length - after.length)).fill('0');
	return [...before, ...zeros, ...after].flatMap((part) => {
		const word = Number.parseInt(part, 16);
		return [word >> 8, word & 255];
	});
}

/** FNV-1a of 32 bits. */
export function fnv1a(bytes: readonly number[]): number {
	let hash = 0x811c9dc5;
	for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
	return hash;
}
