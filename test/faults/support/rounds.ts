const asked = Number(process.env['PINGMACHINE_FAULT_ROUNDS'] ?? 0);

/**
 * How often a storm blows: so many times by default, which is quick, or as PINGMACHINE_FAULT_ROUNDS says, 200 for
 * instance. `scale`: how many of its own a storm makes of one of those.
 */
export function faultRounds(usual: number, scale = 1): number {
	return asked > 0 ? asked * scale : usual;
}

/** Time for a storm, and much patience with a busy machine. Milliseconds. */
export function stormTimeoutMs(rounds: number, roundMs: number): number {
	return 60_000 + rounds * roundMs;
}
