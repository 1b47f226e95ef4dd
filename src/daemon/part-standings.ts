import type { SinkStats } from '../delivery/sink-stats.ts';
import type { PartStanding } from '../model/alert.ts';
import { localPop } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import type { PopAnswer, PopsAnswer } from '../model/pops-answer.ts';

/** How the parts of the daemon are, for rules that are about them. */

/** Of a sink or a notifier. */
export function courierStanding(
	kind: 'sink' | 'notifier',
	{ name, state, sinceMs, lagSeconds, lastError }: SinkStats,
): PartStanding {
	const badSinceSeconds = state === 'failing' ? sinceMs / 1000 : null;
	const isKnown = state !== 'starting';
	return { kind, name, isKnown, badSinceSeconds, lagSeconds, offsetSeconds: null, problem: lastError };
}

/** Of each point of presence: whether it is heard of, and its clock. Those that were not here yet are not awaited. */
function popStandings(pops: readonly PopAnswer[]): readonly PartStanding[] {
	return pops.flatMap(({ name, state, heard, ahead }): readonly PartStanding[] => {
		const common = { name, lagSeconds: 0, problem: null };
		const badSinceSeconds = state === 'lost' ? heard : null;
		const offsetSeconds = state === 'here' ? ahead : null;
		return [
			{ ...common, kind: 'pop', isKnown: state !== 'new', badSinceSeconds, offsetSeconds: null },
			{ ...common, kind: 'clock', isKnown: true, badSinceSeconds: null, offsetSeconds },
		];
	});
}

interface Parts {
	readonly delivery: { stats(): readonly SinkStats[] };
	readonly pops: { readonly desk: { pops(): PopsAnswer } | null };
}

/** Of all but the notifiers. */
export function partStandings({ delivery, pops }: Parts, clock: OwnClock): readonly PartStanding[] {
	return [
		...delivery.stats().map((one) => courierStanding('sink', one)),
		...popStandings(pops.desk?.pops().pops ?? []),
		clock.standing(),
	];
}

/** How long it is remembered that the clock was set. */
const rememberMs = 600_000;

/** Notices that the clock of this machine was set, or ran on while the machine slept. */
export class OwnClock {
	readonly #clock: Clock;
	/** By the monotonic clock, what the wall clock was ahead of it: once a look, for as long as it is remembered. */
	#looks: { readonly atMs: number; readonly skewMs: number }[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	standing(): PartStanding {
		const nowMs = this.#clock.monotonicMs();
		const skewMs = this.#clock.wallMs() - nowMs;
		this.#looks = [...this.#looks.filter(({ atMs }) => nowMs - atMs <= rememberMs), { atMs: nowMs, skewMs }];
		const [first = { skewMs }] = this.#looks;
		return {
			...{ kind: 'clock', name: localPop, isKnown: true, badSinceSeconds: null, lagSeconds: 0 },
			...{ offsetSeconds: (skewMs - first.skewMs) / 1000, problem: null },
		};
	}
}
