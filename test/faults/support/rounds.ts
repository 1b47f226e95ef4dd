const isLong = process.env['PINGMACHINE_TESTS'] === 'long';

/** How often a storm blows: so many times in `npm test`, which is quick, and so many in `npm run test:long`. */
export function faultRounds(usual: number, long: number): number {
	return isLong ? long : usual;
}

/** Time for a storm, and much patience with a busy machine. Milliseconds. */
export function stormTimeoutMs(rounds: number, roundMs: number): number {
	return 120_000 + rounds * roundMs;
}
