/** Longer packets are not tried. */
export const longestBytes = 9000;

/** Lengths that links have. */
const usualMtus = [
	9000, 8192, 4464, 4352, 2002, 1500, 1492, 1480, 1460, 1420, 1400, 1280, 1006, 576, 296, 68,
];

/** The next length to try. */
export function mtuBelow(bytes: number): number | null {
	return usualMtus.find((mtu) => mtu < bytes) ?? null;
}
