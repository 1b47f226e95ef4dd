import type { Clock } from '../../src/model/clock.ts';
import type { Sample } from '../../src/model/measurement.ts';
import type { TargetResult } from '../../src/model/probe.ts';
import { pause } from './pause.ts';
import { type From, withoutWay } from './way-out.ts';

/** What was seen of the way to a host: that there was one, or why there was none. */
interface Sight {
	readonly atSeconds: number;
	readonly fault: string | null;
}

/** When to look, milliseconds. */
interface Course {
	readonly rounds: number;
	readonly intervalMs: number;
	/** From now to the first time. */
	readonly firstMs: number;
}

/** So many hosts stand for all the others as long as there is a way to each of them. */
const sampleMax = 16;

/**
 * Watches whether there is a way to the hosts of a run, for programs that count as lost what they could not send: such
 * pings are unknown. Looks at a few hosts with each round of pings, at all while one of those has no way, and in the end
 * at those that have lost some.
 */
export class Sendable {
	readonly #hosts: readonly string[];
	readonly #from: From;
	readonly #clock: Clock;
	readonly #sights = new Map<string, Sight[]>();
	#isTroubled = false;
	#round = 0;

	constructor(hosts: readonly string[], from: From, clock: Clock) {
		this.#clock = clock;
		this.#hosts = hosts;
		this.#from = from;
	}

	/** Looks with each round of pings until it is told to stop, or the signal fires. Returns what stops it. */
	watch(course: Course, signal: AbortSignal): () => Promise<void> {
		const over = new AbortController();
		const looking = this.#watch(course, AbortSignal.any([signal, over.signal]));
		return () => {
			over.abort();
			return looking;
		};
	}

	async #watch({ rounds, intervalMs, firstMs }: Course, signal: AbortSignal): Promise<void> {
		for (let round = 0; round < rounds && !signal.aborted; round++) {
			await pause(round === 0 ? firstMs : intervalMs, { clock: this.#clock, signal });
			if (!signal.aborted) await this.#look();
		}
	}

	async #look(): Promise<void> {
		const first = (this.#round++ * sampleMax) % this.#hosts.length;
		const few = this.#hosts.slice(first, first + sampleMax);
		const isFine = !this.#isTroubled && !(await this.#see(few));
		if (!isFine) this.#isTroubled = await this.#see(this.#hosts);
	}

	/** The results, by host, without the losses that were none. */
	async judged(results: ReadonlyMap<string, TargetResult>): Promise<Map<string, TargetResult>> {
		const suspects = [...results].filter(([, result]) => hasLosses(result)).map(([host]) => host);
		if (suspects.length > 0) await this.#see(suspects);
		return new Map([...results].map(([host, result]) => [host, this.#judge(host, result)]));
	}

	/** Returns whether one of them has no way. */
	async #see(hosts: readonly string[]): Promise<boolean> {
		const faults = await withoutWay(hosts, this.#from);
		const atSeconds = this.#clock.wallMs() / 1000;
		for (const host of hosts) {
			const sights = this.#sights.get(host);
			const sight = { atSeconds, fault: faults.get(host) ?? null };
			if (sights === undefined) this.#sights.set(host, [sight]);
			else sights.push(sight);
		}
		return faults.size > 0;
	}

	#judge(host: string, result: TargetResult): TargetResult {
		const sights = this.#sights.get(host) ?? [];
		const fault = sights.find((sight) => sight.fault !== null)?.fault ?? null;
		if (fault === null || !('samples' in result)) return result;
		const samples = result.samples.filter((sample) => !isDoubtful(sample, result.samples, sights));
		return samples.length === 0 ? { failure: fault, code: 'no_route' } : { ...result, samples };
	}
}

/**
 * The results of a run that is over, by address unless `addressOf` says where each one is: where all was lost and there
 * is no way, nothing is known.
 */
export async function knownToBeSent(
	results: ReadonlyMap<string, TargetResult>,
	from: From,
	addressOf = (key: string) => key,
): Promise<Map<string, TargetResult>> {
	const suspects = [...results].filter(([, result]) => isAllLost(result)).map(([key]) => addressOf(key));
	const faults =
		suspects.length === 0 ? new Map<string, string>() : await withoutWay([...new Set(suspects)], from);
	return new Map(
		[...results].map(([key, result]) => {
			const fault = isAllLost(result) ? faults.get(addressOf(key)) : undefined;
			return [key, fault === undefined ? result : { failure: fault, code: 'no_route' }];
		}),
	);
}

function hasLosses(result: TargetResult): boolean {
	return 'samples' in result && result.samples.some(({ rttSeconds }) => rttSeconds === null);
}

function isAllLost(result: TargetResult): boolean {
	return 'samples' in result && result.samples.every(({ rttSeconds }) => rttSeconds === null);
}

/** A lost ping with no way to its host at the last sight before it, or at the next one. An answer is a sight of a way. */
function isDoubtful(sample: Sample, all: readonly Sample[], sights: readonly Sight[]): boolean {
	if (sample.rttSeconds !== null) return false;
	const answered = all.filter(({ rttSeconds }) => rttSeconds !== null);
	const known = [
		...sights,
		...answered.map(({ sentAtSeconds }) => ({ atSeconds: sentAtSeconds, fault: null })),
	];
	known.sort((a, b) => a.atSeconds - b.atSeconds);
	const before = known.findLast(({ atSeconds }) => atSeconds <= sample.sentAtSeconds);
	const after = known.find(({ atSeconds }) => atSeconds > sample.sentAtSeconds);
	return (before?.fault ?? after?.fault ?? null) !== null;
}
