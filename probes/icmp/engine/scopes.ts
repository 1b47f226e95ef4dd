import { libc } from './libc.ts';

/** The numbers of interfaces, by target. A name that is not known gets one that no interface has. */
export function scopesOf(zones: readonly (string | null)[]): Uint32Array {
	const known = new Map<string, number>();
	return Uint32Array.from(zones, (zone) => {
		if (zone === null) return 0;
		const number = known.get(zone) ?? (libc.if_nametoindex(zone) || numberIn(zone) || noInterface);
		known.set(zone, number);
		return number;
	});
}

/** A zone may be the number itself. */
function numberIn(zone: string): number {
	return /^\d{1,9}$/.test(zone) ? Number(zone) : 0;
}

const noInterface = 0x7fff_ffff;
