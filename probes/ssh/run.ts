import type { Sample } from '../../src/model/measurement.ts';
import { type Failure, type Pinged, spreadPings } from '../shared/timing/pings.ts';
import type { TimedRun } from '../shared/timing/worker.ts';
import { ping } from './ping.ts';

/** What to measure, and how. Plain data: it goes to another thread. */
export interface SshRun {
	readonly addresses: readonly string[];
	readonly port: number;
	readonly pings: number;
	/** Between the pings to one address, milliseconds. The addresses take turns within it. */
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** Our identification line. */
	readonly identification: string;
}

export interface SshOutcome {
	/** In sending order. Fewer than `pings` when some could not be made, or the run was ended. */
	readonly samples: readonly Sample[];
	/** Of each of them: whether the thread was late meanwhile. */
	readonly delayed: readonly boolean[];
	/** Why, of each of those that are lost. */
	readonly losses: readonly string[];
	/** What the server last called itself. */
	readonly identification: string | null;
	/** Why one of them could not be made. */
	readonly failure: Failure | null;
}

/** Pings every address. Ends soon after the signal fires, with what there is. */
export const run: TimedRun<SshRun, ReadonlyMap<string, SshOutcome>> = async (
	{ addresses, port, pings, intervalMs, timeoutMs, identification },
	signal,
	early,
) => {
	const pingOne = async (target: number): Promise<Pinged | null> => {
		const server = { address: addresses[target] ?? '', port };
		const one = await ping(server, identification, timeoutMs, signal);
		if (one === null || 'failure' in one) return one;
		const { sample, lossReason, identification: said } = one;
		return { sample, lossReason, facts: said === null ? {} : { identification: said } };
	};
	const targets = await spreadPings({ targets: addresses.length, pings, intervalMs }, pingOne, signal, early);
	return new Map(
		targets.map(({ pings: made, failure }, target) => {
			const said = made.findLast(({ facts }) => facts['identification'] !== undefined);
			const outcome: SshOutcome = {
				samples: made.map(({ sample }) => sample),
				delayed: made.map(({ delayed }) => delayed),
				losses: made.map(({ lossReason }) => lossReason).filter((reason) => reason !== null),
				identification: said === undefined ? null : String(said.facts['identification']),
				failure,
			};
			return [addresses[target] ?? '', outcome];
		}),
	);
};
