import type { ProbeTools } from '../../src/model/probe.ts';
import { race } from '../../src/model/race.ts';

/** Of what Node's timers can do. No slot is longer. */
const timerMaxMs = 2 ** 31 - 1;

/** Waits, but no longer than until the signal. */
export async function pause(
	ms: number,
	{ clock, signal }: Pick<ProbeTools, 'clock' | 'signal'>,
): Promise<void> {
	if (ms <= 0 || signal.aborted) return;
	await race(new Promise<never>(() => {}), { ms: Math.min(ms, timerMaxMs), signal, clock }, () => {});
}
