import type { Ask, KnownWay, RouterAsks, Trunk } from './router-asks.ts';
import type { TraceFlow } from './trace-format.ts';
import type { TraceRequest } from './trace-messages.ts';
import { longestBytes, mtuBelow } from './trace-mtus.ts';
import type { Sent, TraceAnswer } from './trace-sent.ts';

/** What a target needs of its job and its socket. */
export interface TargetParts {
	readonly request: Omit<TraceRequest, 'id' | 'trace' | 'addresses' | 'zones'>;
	readonly address: string;
	readonly bytes: Uint8Array;
	readonly scope: number;
	readonly flow: TraceFlow;
	/** When its first packet is due, monotonic milliseconds. */
	readonly startMs: number;
	readonly known: KnownWay | null;
	readonly asks: RouterAsks;
	readonly trunk: Trunk;
	/** Sends a packet; the error number when the kernel refuses. Null: queues are full. */
	send(target: TraceTarget, ttl: number, round: number, bytes: number | null): Sent | number | null;
}

/** A hop that is not asked, since it has just answered for another target. */
export interface Share {
	readonly ttl: number;
	readonly ask: Ask;
}

/** No hop is waited for longer than this before the next one is asked. */
const exploreMs = 1000;
const exploreLeastMs = 100;
/** Exploring takes no more of the window, if nobody answers at the end. */
const exploreShare = 0.4;
/** How often an answer that is waited for is looked for. */
const lookMs = 10;
const retryMs = 2;
/** What others see of a router counts for so long, then it is asked for this target too. */
const verifyMs = 3_600_000;
const leastMtu = 68;
const mtuTriesMax = 12;

/**
 * The tracing of one target: what is sent when. `course` is resumed with the time whenever what it yielded is due.
 * Times are monotonic milliseconds.
 */
export class TraceTarget {
	readonly parts: TargetParts;
	readonly sent: Sent[] = [];
	readonly shares: Share[] = [];
	/** By round: the packet whose answer is that of the target. */
	readonly samples: (Sent | undefined)[] = [];
	/** What is known of the way. */
	readonly way: KnownWay;
	pathMtu: number | null = null;
	/** The last error of sending. */
	refusal: number | null = null;
	isOver = false;
	#isExplored = false;
	/** What one round misses, the next ones find. */
	readonly #attempts: number;
	/** How long an answer is waited for before it is asked on. */
	readonly #patienceMs: number;

	constructor(parts: TargetParts) {
		this.parts = parts;
		this.way = parts.known ?? {
			...{ length: 0, reached: false, routers: new Map(), verifiedMs: new Map() },
		};
		const { pings, gapLimit, windowMs, timeoutMs } = parts.request;
		this.#attempts = pings > 1 ? 1 : 2;
		const fittingMs = (windowMs * exploreShare) / (gapLimit * this.#attempts + 2);
		this.#patienceMs = Math.min(timeoutMs, exploreMs, Math.max(exploreLeastMs, fittingMs));
	}

	/** Takes an answer. */
	answered(sent: Sent, answer: TraceAnswer): void {
		sent.answer = answer;
		const { ttl } = sent;
		const { routers, verifiedMs } = this.way;
		if (answer.kind === 'target') {
			if (!sent.isDirect && (ttl < this.way.length || !this.way.reached)) this.#end(ttl, true);
			return;
		}
		if (answer.kind !== 'hop') return;
		const { asks, trunk } = this.parts;
		if (!verifiedMs.has(ttl)) trunk.note(ttl, answer.from);
		routers.set(ttl, answer.from);
		verifiedMs.set(ttl, sent.sentMs);
		asks.note(answer.from, sent);
	}

	*course(): Generator<number, void, number> {
		const { startMs, request } = this.parts;
		let nowMs = yield startMs;
		for (let round = 0; round < request.pings; round++) {
			const dueMs = startMs + round * request.intervalMs;
			if (dueMs > nowMs) nowMs = yield dueMs;
			nowMs = yield* this.#round(round, nowMs);
			if (round === 0 && request.mtu && this.way.reached) nowMs = yield* this.#findMtu(nowMs);
		}
		this.isOver = true;
	}

	*#round(round: number, startedMs: number): Generator<number, number, number> {
		let nowMs = startedMs;
		const { request } = this.parts;
		if (!this.way.reached && !this.#isExplored) {
			nowMs = yield* this.#explore(round, request.firstHop, nowMs);
			return this.samples[round] === undefined ? yield* this.#direct(round, nowMs) : nowMs;
		}
		if (!this.way.reached) {
			nowMs = yield* this.#direct(round, nowMs);
			return yield* this.#hops(round, this.way.length + 1, nowMs);
		}
		const { length } = this.way;
		const [main, afterMs] = yield* this.#send(length, round, nowMs);
		if (main !== null) this.samples[round] = main;
		nowMs = yield* this.#hops(round, length, afterMs);
		if (main === null) return nowMs;
		const nextMs = this.parts.startMs + (round + 1) * request.intervalMs;
		const patienceMs = this.#isExplored ? Math.max(0, nextMs - main.sentMs) : request.timeoutMs;
		nowMs = yield* this.#wait(main, Math.min(request.timeoutMs, patienceMs), nowMs);
		if (main.answer?.kind === 'target' || main.isVoid) return nowMs;
		if (!this.#isExplored) {
			// It may just have been lost.
			for (let again = 0; again < 2 && main.answer === null && this.way.length === length; again++) {
				const [sent, sentMs] = yield* this.#send(length, round, nowMs);
				if (sent === null) return sentMs;
				nowMs = yield* this.#wait(sent, this.#patienceMs, sentMs);
				if (sent.answer?.kind === 'target') return nowMs;
				if (sent.answer !== null) break;
			}
			const from = main.answer?.kind === 'refused' ? length : length + 1;
			this.way.reached = false;
			nowMs = yield* this.#explore(round, from, nowMs);
			return this.samples[round] === main && main.answer !== null ? yield* this.#direct(round, nowMs) : nowMs;
		}
		// The way has become longer since.
		return main.answer?.kind === 'hop' ? yield* this.#direct(round, nowMs) : nowMs;
	}

	/** Asks hop after hop until the target answers, or nobody does. */
	*#explore(round: number, from: number, startedMs: number): Generator<number, number, number> {
		const { maxHop, gapLimit } = this.parts.request;
		this.#isExplored = true;
		let nowMs = startedMs;
		let last = 0;
		for (const ttl of this.way.routers.keys()) if (ttl < from) last = Math.max(last, ttl);
		let silent = 0;
		for (let ttl = from; ttl <= maxHop && silent < gapLimit; ttl++) {
			if (this.#share(ttl, nowMs, true)) {
				[last, silent] = [ttl, 0];
				continue;
			}
			let sent: Sent | null = null;
			for (let attempt = 0; attempt < this.#attempts && (sent?.answer ?? null) === null; attempt++) {
				[sent, nowMs] = yield* this.#send(ttl, round, nowMs);
				if (sent === null) return nowMs;
				nowMs = yield* this.#wait(sent, this.#patienceMs, nowMs);
			}
			if (sent === null) return nowMs;
			const kind = sent.answer?.kind;
			if (kind === 'target') {
				this.samples[round] = sent;
				this.#end(ttl, true);
				return nowMs;
			}
			if (kind === undefined) silent++;
			else [last, silent] = [ttl, 0];
			if (kind === 'refused') break;
		}
		// An answer may have come late.
		if (!this.way.reached) this.#end(last, false);
		return nowMs;
	}

	/** A packet that is to reach the target, however far it is. */
	*#direct(round: number, startedMs: number): Generator<number, number, number> {
		const [sent, nowMs] = yield* this.#send(this.parts.request.maxHop, round, startedMs);
		if (sent !== null) {
			sent.isDirect = true;
			this.samples[round] = sent;
		}
		return nowMs;
	}

	/** Asks all hops before this one, over the interval, but for those that this round has asked. */
	*#hops(round: number, end: number, startedMs: number): Generator<number, number, number> {
		const { firstHop, intervalMs } = this.parts.request;
		const gapMs = (intervalMs * 0.9) / Math.max(1, end - firstHop + 1);
		let nowMs = startedMs;
		for (let ttl = end - 1; ttl >= firstHop; ttl--) {
			const dueMs = startedMs + (end - ttl) * gapMs;
			if (dueMs > nowMs) nowMs = yield dueMs;
			if (this.#share(ttl, nowMs, false)) continue;
			[, nowMs] = yield* this.#send(ttl, round, nowMs);
		}
		return nowMs;
	}

	/** Whether another target has asked the router at this hop a moment ago. */
	#share(ttl: number, nowMs: number, isNew: boolean): boolean {
		const { asks, trunk, request } = this.parts;
		const { routers, verifiedMs } = this.way;
		const own = routers.get(ttl);
		const router = own ?? (isNew ? trunk.at(ttl, request.firstHop) : null) ?? null;
		if (router === null) return false;
		const ask = asks.recent(router, nowMs);
		if (ask === null || ask.sent.ttl !== ttl || this.sent[ask.sent.number] === ask.sent) return false;
		const verified = verifiedMs.get(ttl);
		if (verified !== undefined && nowMs - verified > verifyMs) return false;
		if (verified === undefined) {
			routers.set(ttl, router);
			// Not all of them at the same time.
			verifiedMs.set(ttl, nowMs - Math.random() * verifyMs);
		}
		this.shares.push({ ttl, ask });
		return true;
	}

	*#send(
		ttl: number,
		round: number,
		startedMs: number,
		bytes: number | null = null,
	): Generator<number, [Sent | null, number], number> {
		let nowMs = startedMs;
		for (;;) {
			const sent = this.parts.send(this, ttl, round, bytes);
			if (typeof sent === 'number') {
				this.refusal = sent;
				return [null, nowMs];
			}
			if (sent !== null) {
				const router = this.way.routers.get(ttl);
				if (router !== undefined && bytes === null) this.parts.asks.note(router, sent);
				return [sent, nowMs];
			}
			nowMs = yield nowMs + retryMs;
		}
	}

	*#wait(sent: Sent, patienceMs: number, startedMs: number): Generator<number, number, number> {
		let nowMs = startedMs;
		const endMs = sent.sentMs + patienceMs;
		while (sent.answer === null && !sent.isVoid && nowMs < endMs) {
			nowMs = yield Math.min(endMs, nowMs + lookMs);
		}
		return nowMs;
	}

	/** Sends ever shorter packets until one arrives. */
	*#findMtu(startedMs: number): Generator<number, number, number> {
		let nowMs = startedMs;
		let bytes = longestBytes;
		let silent = 0;
		for (let tries = 0; tries < mtuTriesMax && bytes >= leastMtu; tries++) {
			const result = this.parts.send(this, this.way.length, 0, bytes);
			if (result === null) {
				nowMs = yield nowMs + retryMs;
				continue;
			}
			// The device itself takes less.
			if (typeof result === 'number') {
				const next = mtuBelow(bytes);
				if (next === null) return nowMs;
				bytes = next;
				continue;
			}
			nowMs = yield* this.#wait(result, this.#patienceMs, nowMs);
			const { answer } = result;
			if (answer?.kind === 'target') {
				this.pathMtu = bytes;
				return nowMs;
			}
			if (answer?.kind === 'too_long') {
				const next = answer.mtu !== null && answer.mtu > 0 ? answer.mtu : mtuBelow(bytes);
				if (next === null || next >= bytes) return nowMs;
				bytes = next;
			} else if (++silent > 1) return nowMs;
		}
		return nowMs;
	}

	#end(ttl: number, reached: boolean): void {
		this.way.length = ttl;
		this.way.reached = reached;
		for (const hop of this.way.routers.keys()) {
			if (hop < ttl || (hop === ttl && !reached)) continue;
			this.way.routers.delete(hop);
			this.way.verifiedMs.delete(hop);
		}
	}
}
