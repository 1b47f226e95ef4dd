/** What is known of one hop of a route. */
export interface Hop {
	/** Who answered; several behind a load balancer. Never empty. */
	readonly addresses: readonly string[];
	/** Of how many packets no answer came. */
	readonly lost: number;
	readonly sent: number;
	/** Seconds; null when no answer could be timed. */
	readonly minSeconds: number | null;
	readonly medianSeconds: number | null;
	readonly maxSeconds: number | null;
	/** ICMP type and code of the answer, where it is more than "time exceeded" or the target's own: `3/1`. */
	readonly code?: string | undefined;
	/** The longest packet that it passes on, bytes, where it said so. */
	readonly mtu?: number | undefined;
	/** MPLS labels of the packet as it came to it, each `label:class:bottom:ttl`. */
	readonly mpls?: readonly string[] | undefined;
	/** By address, in their order; null where there is none, or it is not known yet. */
	readonly names?: readonly (string | null)[] | undefined;
	/** Number of the autonomous system of the first address. */
	readonly as?: number | undefined;
	readonly asName?: string | undefined;
	/** The prefix by which it is known to the world. */
	readonly origin?: string | undefined;
	/** It answered for another target a moment before, and was not asked again. */
	readonly isShared?: boolean | undefined;
	/** This is the target, which answered. */
	readonly isTarget?: boolean | undefined;
}

const addressesMax = 8;
const nameMax = 100;
const labelsMax = 8;

/** A hop as an element of a fact of kind `path`: its addresses, then what is known of it, with blanks between. */
export function hopText(hop: Hop): string {
	const addresses = hop.addresses.slice(0, addressesMax);
	const words = [addresses.map(escaped).join(','), `loss=${hop.lost}/${hop.sent}`];
	if (hop.minSeconds !== null && hop.medianSeconds !== null && hop.maxSeconds !== null)
		words.push(`rtt=${[hop.minSeconds, hop.medianSeconds, hop.maxSeconds].map(secondsText).join('/')}`);
	if (hop.code !== undefined) words.push(`code=${hop.code}`);
	if (hop.mtu !== undefined) words.push(`mtu=${hop.mtu}`);
	if (hop.mpls !== undefined && hop.mpls.length > 0)
		words.push(`mpls=${hop.mpls.slice(0, labelsMax).join(',')}`);
	if (hop.isShared === true) words.push('shared');
	if (hop.isTarget === true) words.push('target');
	const names = hop.names?.slice(0, addresses.length) ?? [];
	if (names.some((name) => name !== null))
		words.push(`name=${names.map((name) => escaped((name ?? '').slice(0, nameMax))).join(',')}`);
	if (hop.as !== undefined) words.push(`as=${hop.as}`);
	if (hop.asName !== undefined) words.push(`as_name=${escaped(hop.asName.slice(0, nameMax))}`);
	if (hop.origin !== undefined) words.push(`origin=${escaped(hop.origin)}`);
	return words.join(' ');
}

function secondsText(seconds: number): string {
	return String(Number(seconds.toPrecision(6)));
}

/** What would end a word, or part it. */
function escaped(text: string): string {
	return text.replaceAll(/[\s%,=]/g, (one) => encodeURIComponent(one));
}

function unescaped(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/**
 * Reads an element of a fact of kind `path`. Of other probes it is one word that says who the hop is. Null for what
 * is none.
 */
export function readHop(text: string): Hop | null {
	const [first = '', ...words] = text.split(' ');
	const addresses = first
		.split(',', addressesMax)
		.filter((one) => one !== '')
		.map(unescaped);
	if (addresses.length === 0) return null;
	const told = new Map<string, string>();
	for (const word of words) {
		const at = word.indexOf('=');
		if (at < 0) told.set(word, '');
		else told.set(word.slice(0, at), word.slice(at + 1));
	}
	const [lost = 0, sent = 0] = numbersIn(told.get('loss'));
	const [min = null, median = null, max = null] = numbersIn(told.get('rtt'));
	return {
		...{ addresses, lost, sent, minSeconds: min, medianSeconds: median, maxSeconds: max },
		...detailsIn(told, addresses.length),
	};
}

function detailsIn(told: ReadonlyMap<string, string>, count: number): Partial<Hop> {
	const hop: { -readonly [K in keyof Hop]?: Hop[K] } = {};
	const code = told.get('code');
	if (code !== undefined && /^\d{1,3}\/\d{1,3}$/.test(code)) hop.code = code;
	const mtu = numberIn(told.get('mtu'));
	if (mtu !== null) hop.mtu = mtu;
	const mpls = told.get('mpls');
	if (mpls !== undefined) hop.mpls = mpls.split(',', labelsMax).filter((one) => /^[\d:]{1,24}$/.test(one));
	if (told.has('shared')) hop.isShared = true;
	if (told.has('target')) hop.isTarget = true;
	const names = told.get('name')?.split(',', count);
	if (names !== undefined) hop.names = names.map((name) => (name === '' ? null : unescaped(name)));
	const as = numberIn(told.get('as'));
	if (as !== null) hop.as = as;
	const asName = told.get('as_name');
	if (asName !== undefined && asName !== '') hop.asName = unescaped(asName);
	const origin = told.get('origin');
	if (origin !== undefined && origin !== '') hop.origin = unescaped(origin);
	return hop;
}

function numberIn(text: string | undefined): number | null {
	return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function numbersIn(text: string | undefined): number[] {
	if (text === undefined) return [];
	const numbers = text.split('/', 3).map(Number);
	return numbers.every((one) => Number.isFinite(one) && one >= 0) ? numbers : [];
}

/** What the loss at a hop means. */
export type LossMeaning =
	/** None. */
	| 'none'
	/** Packets get lost here, or before: hops behind it lose as many. */
	| 'loss'
	/** It limits how often it answers: what is behind it loses less. */
	| 'limited';

/** By hop: what its loss means. Null for one that never answered. */
export function meaningOfLoss(hops: readonly (Hop | null)[]): (LossMeaning | null)[] {
	const meanings: (LossMeaning | null)[] = [];
	let leastBehind = Number.POSITIVE_INFINITY;
	for (const hop of hops.toReversed()) {
		if (hop === null || hop.sent === 0) {
			meanings.push(hop === null ? null : 'none');
			continue;
		}
		const share = hop.lost / hop.sent;
		if (hop.lost === 0) meanings.push('none');
		else meanings.push(leastBehind <= share / 2 ? 'limited' : 'loss');
		leastBehind = Math.min(leastBehind, share);
	}
	return meanings.toReversed();
}
