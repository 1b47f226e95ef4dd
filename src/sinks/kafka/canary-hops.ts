import { type FactValue, isList } from '../../model/facts.ts';

interface CanaryHop {
	/** From 1 on. */
	readonly ttl: number;
	/** Null: nobody answered. */
	readonly address: string | null;
	readonly rtt_ms: number | null;
	readonly loss_percent: number | null;
}

const hopsMax = 255;

/** What a path has of each hop: its addresses, then `loss=1/3 rtt=0.001/0.002/0.003` and more, with blanks between. */
export function hopsOf(path: FactValue | undefined): readonly CanaryHop[] {
	if (path === undefined || !isList(path)) return [];
	return path.slice(0, hopsMax).map((hop, index) => hopOf(hop === null ? '' : String(hop), index + 1));
}

function hopOf(text: string, ttl: number): CanaryHop {
	const [addresses = '', ...words] = text.split(' ', 30);
	const [address = ''] = addresses.split(',', 1);
	const numbersOf = (name: string) => {
		const word = words.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
		const numbers = word === undefined || word === '' ? [] : word.split('/', 3).map(Number);
		return numbers.every((one) => Number.isFinite(one) && one >= 0) ? numbers : [];
	};
	const [lost, sent = 0] = numbersOf('loss');
	const [, medianSeconds] = numbersOf('rtt');
	return {
		ttl,
		address: address === '' || address === '*' ? null : address,
		rtt_ms: medianSeconds === undefined ? null : Number((medianSeconds * 1000).toPrecision(12)),
		loss_percent: lost === undefined || sent === 0 ? null : (100 * lost) / sent,
	};
}
