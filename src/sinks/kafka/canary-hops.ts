import { type FactValue, isList } from '../../model/facts.ts';
import { type Hop, readHop } from '../../model/hop.ts';

interface CanaryHop {
	/** From 1 on. */
	readonly ttl: number;
	/** Null: nobody answered. */
	readonly address: string | null;
	readonly rtt_ms: number | null;
	readonly loss_percent: number | null;
}

const hopsMax = 255;

/** The hops of a path, as a fact tells it. */
export function hopsOf(path: FactValue | undefined): readonly CanaryHop[] {
	if (path === undefined || !isList(path)) return [];
	return path.slice(0, hopsMax).map((told, index) => {
		const hop = typeof told === 'string' ? readHop(told) : null;
		const seconds = hop?.medianSeconds ?? null;
		return {
			ttl: index + 1,
			address: addressOf(hop),
			rtt_ms: seconds === null ? null : Number((seconds * 1000).toPrecision(12)),
			loss_percent: hop === null || hop.sent === 0 ? null : (100 * hop.lost) / hop.sent,
		};
	});
}

/** A hop that did not answer is a star in paths. */
function addressOf(hop: Hop | null): string | null {
	const address = hop?.addresses[0] ?? null;
	return address === '*' ? null : address;
}
