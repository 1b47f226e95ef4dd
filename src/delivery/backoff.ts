const firstMs = 1000;
const mostMs = 60_000;

/**
 * How long to wait after so many failures in a row (1 is the first), milliseconds: doubles from 1 to 2 s up to 30 to
 * 60 s. `random`, from 0 to 1, spreads those who failed together.
 */
export function backoffMs(failures: number, random: number): number {
	const ceilingMs = Math.min(mostMs, 2 * firstMs * 2 ** Math.min(failures - 1, 20));
	return ceilingMs / 2 + (random * ceilingMs) / 2;
}
