import { randomFillSync, randomInt } from 'node:crypto';
import { addressBytes } from '../../shared/ip-address.ts';
import type { EchoKey } from './echo-format.ts';
import type { PacketOptions, PingRequest } from './messages.ts';

/** What has become of a ping: bits. */
export const pingState = {
	sent: 1,
	answered: 2,
	/** The time of sending, or of receiving, is a stamp of the kernel. */
	kernelSent: 4,
	kernelReceived: 8,
	/** The wall clock was set while it was under way. */
	clockStepped: 16,
	/** The receive buffer overflowed while its answer could have come. */
	maybeDropped: 32,
	/** The kernel refused to send it. */
	refused: 64,
} as const;

/** The job must be told of a ping's end this long before its own. */
const closingShare = 0.97;
/** Nothing is sent after this part of the window. */
const sendingShare = 0.86;
/** Most answers are there by then. */
const firstReadMs = 100;
/** Jobs that start together are shifted by up to this, so that their pings do not go in step. */
const shiftAtMostMs = 10;
/** All have been answered: duplicates may still come for so much longer than the longest answer took. */
const lingerMs = 20;

/**
 * One job: what is to be sent and what has come of it. Pings are numbered in sending order: all targets, then all of
 * them again. State is held in arrays by that number, or by target.
 */
export class PingJob {
	readonly request: PingRequest;
	readonly packets: PacketOptions;
	readonly targets: number;
	/** How many pings in all. */
	readonly total: number;
	readonly startMs: number;
	readonly key: EchoKey;
	/** Addresses as 32-bit words, four a target. */
	readonly words: Uint32Array;
	/** For link-local addresses: by target. */
	readonly scopes: Uint32Array | null;
	/** Nanoseconds of the wall clock since its base, by ping. */
	readonly sentNs: Float64Array;
	readonly receivedNs: Float64Array;
	/** Monotonic milliseconds, by ping. */
	readonly sentMs: Float64Array;
	readonly state: Uint8Array;
	/** By target. */
	readonly duplicates: Uint32Array;
	readonly reordered: Uint32Array;
	readonly corrupted: Uint32Array;
	readonly fromOtherAddress: Uint32Array;
	readonly ttl: Uint8Array;
	readonly transmitSeen: Uint8Array;
	/** By ping: what was heard instead of its answer. */
	readonly heard = new Map<number, string>();
	/** By target: the last error of sending. */
	readonly refusals = new Map<number, number>();
	/** The number of the next ping to be sent. */
	next = 0;
	/** How many were sent and not answered. */
	outstanding = 0;
	stopped = false;
	/** When the first ping is due. */
	readonly #firstMs: number;
	#lastSentMs: number;
	#lastAnswerMs = 0;
	#longestMs = 0;
	readonly #sequenceBase = randomInt(0x10000);
	readonly #lastRound: Int16Array;

	constructor(request: PingRequest, scopes: Uint32Array | null, startMs: number) {
		const { addresses, pings } = request;
		this.request = request;
		this.packets = request.packets ?? {};
		this.scopes = scopes;
		this.startMs = startMs;
		this.#lastSentMs = startMs;
		this.targets = addresses.length / addressBytes;
		this.total = this.targets * pings;
		this.#firstMs = startMs + Math.random() * Math.min(shiftAtMostMs, request.roundMs / this.targets);
		this.words = new Uint32Array(addresses.buffer, addresses.byteOffset, this.targets * 4);
		this.sentNs = new Float64Array(this.total);
		this.receivedNs = new Float64Array(this.total);
		this.sentMs = new Float64Array(this.total);
		this.state = new Uint8Array(this.total);
		this.duplicates = new Uint32Array(this.targets);
		this.reordered = new Uint32Array(this.targets);
		this.corrupted = new Uint32Array(this.targets);
		this.fromOtherAddress = new Uint32Array(this.targets);
		this.ttl = new Uint8Array(this.targets);
		this.transmitSeen = new Uint8Array(this.targets);
		this.#lastRound = new Int16Array(this.targets);
		const [low = 0, high = 0] = randomFillSync(new Uint32Array(2));
		const tokenSum = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
		this.key = { tokenLow: low, tokenHigh: high, tokenSum };
	}

	get hasAllSent(): boolean {
		return this.next >= this.total;
	}

	/** When the next ping is due, monotonic milliseconds. */
	get dueMs(): number {
		const { intervalMs, roundMs } = this.request;
		const round = Math.floor(this.next / this.targets);
		return this.#firstMs + round * intervalMs + ((this.next - round * this.targets) * roundMs) / this.targets;
	}

	/** How many pings are due by then. */
	dueCount(nowMs: number): number {
		const { intervalMs, roundMs, pings } = this.request;
		const elapsedMs = nowMs - this.#firstMs;
		if (elapsedMs < 0) return 0;
		const round = Math.min(Math.floor(elapsedMs / intervalMs), pings - 1);
		const gapMs = roundMs / this.targets;
		const inRound = Math.min(this.targets, Math.floor((elapsedMs - round * intervalMs) / gapMs) + 1);
		return Math.max(0, round * this.targets + inRound - this.next);
	}

	targetOf(ping: number): number {
		return ping % this.targets;
	}

	sequenceOf(ping: number): number {
		return (this.#sequenceBase + ping) & 0xffff;
	}

	/** The ping that was sent with this sequence, or null. */
	pingWithSequence(sequence: number): number | null {
		const ping = (sequence - this.#sequenceBase) & 0xffff;
		return ping < this.next && this.wasSent(ping) ? ping : null;
	}

	wasSent(ping: number): boolean {
		return ((this.state[ping] as number) & pingState.sent) !== 0;
	}

	wasAnswered(ping: number): boolean {
		return ((this.state[ping] as number) & pingState.answered) !== 0;
	}

	markSent(ping: number, realNs: number, monotonicMs: number): void {
		this.state[ping] = (this.state[ping] as number) | pingState.sent;
		this.sentNs[ping] = realNs;
		this.sentMs[ping] = monotonicMs;
		this.#lastSentMs = monotonicMs;
		this.outstanding++;
	}

	/** The kernel refused to send it. */
	markRefused(ping: number, errno: number): void {
		this.state[ping] = (this.state[ping] as number) | pingState.refused;
		this.refusals.set(this.targetOf(ping), errno);
	}

	markStamped(ping: number, realNs: number): void {
		if (!this.wasSent(ping)) return;
		this.state[ping] = (this.state[ping] as number) | pingState.kernelSent;
		this.sentNs[ping] = realNs;
		this.transmitSeen[this.targetOf(ping)] = 1;
	}

	/** Returns false for the second and every further answer to a ping. */
	markAnswered(ping: number, realNs: number, isKernel: boolean, ttl: number, nowMs: number): boolean {
		const state = this.state[ping] as number;
		const target = this.targetOf(ping);
		if ((state & pingState.answered) !== 0) {
			this.duplicates[target] = (this.duplicates[target] as number) + 1;
			return false;
		}
		this.state[ping] = state | pingState.answered | (isKernel ? pingState.kernelReceived : 0);
		this.receivedNs[ping] = realNs;
		this.ttl[target] = ttl;
		this.outstanding--;
		// By the stamps, since it may have waited for us; but the wall clock may have been set.
		const sentMs = this.sentMs[ping] as number;
		const stampedMs = (realNs - (this.sentNs[ping] as number)) / 1e6;
		const rttMs = Math.max(0, Math.min(stampedMs, nowMs - sentMs));
		this.#lastAnswerMs = Math.max(this.#lastAnswerMs, sentMs + rttMs);
		this.#longestMs = Math.max(this.#longestMs, rttMs);
		const round = Math.floor(ping / this.targets);
		if (round < (this.#lastRound[target] as number)) {
			this.reordered[target] = (this.reordered[target] as number) + 1;
		} else {
			this.#lastRound[target] = round;
		}
		return true;
	}

	/** Answers that could come after this time may have been dropped. */
	markMaybeDropped(sinceMs: number): void {
		const wanted = pingState.sent | pingState.answered;
		const earliestMs = sinceMs - this.request.timeoutMs;
		for (let ping = this.next - 1; ping >= 0 && (this.sentMs[ping] as number) >= earliestMs; ping--) {
			const state = this.state[ping] as number;
			if ((state & wanted) === pingState.sent) this.state[ping] = state | pingState.maybeDropped;
		}
	}

	/** Whether the kernel has told when it was sent. */
	isStamped(ping: number): boolean {
		return ((this.state[ping] as number) & pingState.kernelSent) !== 0;
	}

	/** The wall clock was set while it was under way: it cannot be timed. */
	markClockStepped(ping: number): void {
		this.state[ping] = (this.state[ping] as number) | pingState.clockStepped;
	}

	markAllUnderWayClockStepped(): void {
		const wanted = pingState.sent | pingState.answered;
		for (let ping = 0; ping < this.next; ping++) {
			if (((this.state[ping] as number) & wanted) === pingState.sent) this.markClockStepped(ping);
		}
	}

	/** When there is nothing more to wait for, monotonic milliseconds. */
	get endMs(): number {
		const latestMs = this.startMs + this.request.windowMs * closingShare;
		if (this.stopped) return this.startMs;
		if (!this.hasAllSent) return latestMs;
		// A little more, for the rounding of sums.
		const timeoutMs = this.#lastSentMs + this.request.timeoutMs + 0.1;
		const wantedMs = this.outstanding > 0 ? timeoutMs : this.#lastAnswerMs + this.#longestMs + lingerMs;
		return Math.min(latestMs, timeoutMs, wantedMs);
	}

	/**
	 * When answers are to be read for it, having been read last at `readMs`. While it sends there is no hurry; after its
	 * last ping they are read soon, and then ever more rarely. Monotonic milliseconds.
	 */
	readMs(readMs: number): number {
		if (!this.hasAllSent || this.outstanding === 0 || this.stopped) return this.endMs;
		const waitedMs = Math.max(0, readMs - this.#lastSentMs);
		return Math.min(this.endMs, this.#lastSentMs + Math.max(firstReadMs, 2 * waitedMs));
	}

	/** Nothing is sent after this, monotonic milliseconds. */
	get sendByMs(): number {
		return this.startMs + this.request.windowMs * sendingShare;
	}
}
