import type { ReasonCode } from '../../../src/model/outcome.ts';
import { sendErrorCode, sendErrorText } from './icmp-errors.ts';
import { counterNames, noSample, type PingDone, stampBits } from './messages.ts';
import { type PingJob, pingState } from './ping-job.ts';

/**
 * Sums up a job that is over.
 *
 * @param drainedMs what had come by then has been read; monotonic
 * @param baseSeconds that of the stamps
 */
export function reportOf(
	job: PingJob,
	kind: 'raw' | 'ping',
	drainedMs: number,
	baseSeconds: number,
): PingDone {
	return new Report(job, drainedMs, baseSeconds).done(kind);
}

const counters = counterNames.length;
const late = counterNames.indexOf('late');

class Report {
	readonly #job: PingJob;
	readonly #drainedMs: number;
	readonly #baseSeconds: number;
	readonly #rtts: Float64Array;
	readonly #sentAt: Float64Array;
	readonly #counters: Uint32Array;
	readonly #stamps: Uint8Array;
	readonly #failures: Uint32Array;
	readonly #texts = new Map<string, number>();
	/** Of texts that say why there are no samples. */
	readonly #codes = new Map<string, ReasonCode>();
	readonly #reasons: number[] = [];

	constructor(job: PingJob, drainedMs: number, baseSeconds: number) {
		this.#job = job;
		this.#drainedMs = drainedMs;
		this.#baseSeconds = baseSeconds;
		this.#rtts = new Float64Array(job.total);
		this.#sentAt = new Float64Array(job.total);
		this.#counters = new Uint32Array(job.targets * counters);
		this.#stamps = new Uint8Array(job.targets);
		this.#failures = new Uint32Array(job.targets);
	}

	done(kind: 'raw' | 'ping'): PingDone {
		for (let target = 0; target < this.#job.targets; target++) this.#sumUp(target);
		return {
			id: this.#job.request.id,
			kind,
			rttSeconds: this.#rtts,
			sentAtSeconds: this.#sentAt,
			counters: this.#counters,
			ttl: this.#job.ttl,
			stamps: this.#stamps,
			texts: [...this.#texts.keys()],
			lossReasons: Uint32Array.from(this.#reasons),
			failures: this.#failures,
			codes: [...this.#texts.keys()].map((text) => this.#codes.get(text) ?? null),
		};
	}

	#sumUp(target: number): void {
		const job = this.#job;
		const { pings } = job.request;
		const first = target * pings;
		const lost: string[] = [];
		let known = 0;
		let lateAnswers = 0;
		let kernelOnly: number = stampBits.kernelOnly;
		for (let round = 0; round < pings; round++) {
			const ping = round * job.targets + target;
			const rtt = rttOf(job, ping, this.#drainedMs);
			this.#rtts[first + round] = rtt;
			this.#sentAt[first + round] = this.#baseSeconds + (job.sentNs[ping] as number) / 1e9;
			if (rtt === noSample) continue;
			known++;
			if (Number.isNaN(rtt)) {
				if (job.wasAnswered(ping)) lateAnswers++;
				const reason = job.heard.get(ping) ?? (job.wasAnswered(ping) ? 'answered after the timeout' : null);
				if (reason !== null) lost.push(reason);
			} else if (((job.state[ping] as number) & bothStamped) !== bothStamped) {
				kernelOnly = 0;
			}
		}
		this.#stamps[target] = kernelOnly | (job.transmitSeen[target] === 1 ? stampBits.transmitSeen : 0);
		const at = target * counters;
		this.#counters[at] = job.duplicates[target] as number;
		this.#counters[at + 1] = job.reordered[target] as number;
		this.#counters[at + late] = lateAnswers;
		this.#counters[at + 3] = job.corrupted[target] as number;
		this.#counters[at + 4] = job.fromOtherAddress[target] as number;
		this.#countReasons(target, lost);
		if (known > 0) return;
		const [code, text] = this.#failureOf(target);
		this.#codes.set(text, code);
		this.#failures[target] = 1 + this.#textIndex(text);
	}

	#countReasons(target: number, reasons: readonly string[]): void {
		if (reasons.length === 0) return;
		const counts = new Map<string, number>();
		for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
		for (const [reason, count] of counts) this.#reasons.push(target, this.#textIndex(reason), count);
	}

	#failureOf(target: number): readonly [ReasonCode, string] {
		const job = this.#job;
		const errno = job.refusals.get(target);
		if (errno !== undefined) return [sendErrorCode(errno), sendErrorText(errno)];
		let all = 0;
		for (let ping = target; ping < job.total; ping += job.targets) all |= job.state[ping] as number;
		if ((all & pingState.sent) === 0) {
			if (job.stopped) return ['stopped', 'stopped before a ping was sent'];
			const tooMany = 'too many pings a second, or a full queue of the network interface';
			return ['refused_here', `the engine had no time to send: ${tooMany}`];
		}
		if ((all & pingState.clockStepped) !== 0) {
			return ['clock', 'the clock was set while the pings were under way'];
		}
		if ((all & pingState.maybeDropped) !== 0) {
			const remedy = 'Raise net.core.rmem_max to 8388608, or give pingmachine CAP_NET_ADMIN';
			return ['refused_here', `the receive buffer of the engine overflowed. ${remedy}`];
		}
		if ((all & pingState.answered) !== 0) {
			return ['clock', 'the time stamps of the pings contradict each other'];
		}
		return ['stopped', 'stopped before a ping was over'];
	}

	#textIndex(text: string): number {
		const known = this.#texts.get(text);
		if (known !== undefined) return known;
		this.#texts.set(text, this.#texts.size);
		return this.#texts.size - 1;
	}
}

/**
 * Round-trip time of a ping as far as it is known: seconds, NaN when it was lost, or `noSample`.
 *
 * @param drainedMs what had come by then has been read; monotonic
 */
export function rttOf(job: PingJob, ping: number, drainedMs: number): number {
	const state = job.state[ping] as number;
	const { timeoutMs } = job.request;
	if ((state & pingState.sent) === 0) return noSample;
	if ((state & pingState.answered) === 0) {
		if ((state & pingState.maybeDropped) !== 0) return noSample;
		// Cut short: its answer might still have come. What was heard instead is final.
		const isOver = drainedMs - (job.sentMs[ping] as number) >= timeoutMs || job.heard.has(ping);
		return isOver ? Number.NaN : noSample;
	}
	if ((state & pingState.clockStepped) !== 0) return noSample;
	const rttNs = (job.receivedNs[ping] as number) - (job.sentNs[ping] as number);
	if (!(rttNs > 0)) return noSample;
	return rttNs / 1e6 <= timeoutMs ? rttNs / 1e9 : Number.NaN;
}

const bothStamped = pingState.kernelSent | pingState.kernelReceived;
