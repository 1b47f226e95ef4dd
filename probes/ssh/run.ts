import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sample } from '../../src/model/measurement.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
import type { Early } from '../shared/serve-thread.ts';
import { ping } from './ping.ts';
import { Stalls } from './stalls.ts';

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
	readonly samples: Sample[];
	/** Why, of each of those that are lost; in no order. */
	readonly losses: string[];
	/** What the server last called itself. */
	identification: string | null;
	/** Why one of them could not be made. */
	failure: { readonly failure: string; readonly code: ReasonCode } | null;
}

const heldUp = {
	failure: 'the machine was too busy, or slept: nothing could be measured',
	code: 'clock',
} as const;

/** Pings every address. Ends soon after the signal fires, with what there is. Never rejects. */
export async function runPings(
	run: SshRun,
	signal: AbortSignal,
	early: Early = () => {},
): Promise<Map<string, SshOutcome>> {
	const { addresses, port, pings, intervalMs, timeoutMs, identification } = run;
	const outcomes = new Map<string, SshOutcome>();
	for (const address of addresses)
		outcomes.set(address, { samples: [], losses: [], identification: null, failure: null });
	// Each ping that is in flight listens.
	setMaxListeners(0, signal);
	const stalls = new Stalls();
	const pingOne = async (address: string, outcome: SshOutcome, index: number) => {
		const sinceMs = stalls.begin();
		const one = await ping({ address, port }, identification, timeoutMs, signal);
		const wasHeldUp = stalls.end(sinceMs);
		if (one === null) return;
		if ('failure' in one) outcome.failure = one;
		else if (wasHeldUp) outcome.failure ??= heldUp;
		else {
			outcome.samples.push(one.sample);
			early({ target: addresses.indexOf(address), index, ...one.sample });
			outcome.identification = one.identification ?? outcome.identification;
			if (one.lossReason !== null) outcome.losses.push(one.lossReason);
		}
	};

	const gapMs = intervalMs / addresses.length;
	const inFlight: Promise<void>[] = [];
	let dueMs = performance.now();
	for (let turn = 0; turn < pings && !signal.aborted; turn++) {
		for (const [address, outcome] of outcomes) {
			await until(dueMs, signal);
			if (signal.aborted) break;
			inFlight.push(pingOne(address, outcome, turn));
			// What was held up is not caught up with all at once.
			dueMs = Math.max(dueMs + gapMs, performance.now() + gapMs / 2);
		}
	}
	await Promise.all(inFlight);
	for (const { samples } of outcomes.values()) samples.sort((a, b) => a.sentAtSeconds - b.sentAtSeconds);
	return outcomes;
}

async function until(dueMs: number, signal: AbortSignal): Promise<void> {
	const waitMs = dueMs - performance.now();
	if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
}
