import { failureOf } from '../../../src/model/probe.ts';
import type { EarlyTargetPing } from '../../shared/worker-thread.ts';
import { Channel } from './channel.ts';
import { type Clocks, StepWatch } from './clocks.ts';
import { DueJobs } from './due-jobs.ts';
import type { FromEngine, PingRequest, SocketOptions } from './messages.ts';
import { PingJob } from './ping-job.ts';
import { reportOf } from './ping-report.ts';
import { ReceiveBuffers } from './receive-buffers.ts';
import { scopesOf } from './scopes.ts';
import { SendLimiter } from './send-limit.ts';
import { paceOf, type SendPace } from './send-pace.ts';
import { WatchedPings } from './watched-pings.ts';

export interface PingLoopParts {
	readonly clocks: Clocks;
	/** How much of what has come in the kernel may keep for us, in bytes as it counts; 8 MB unless told otherwise. */
	readonly receiveBytes?: number;
	/** Takes what came of a job. */
	readonly over: (result: FromEngine) => void;
	/** Takes pings of targets that are watched. */
	readonly early?: (id: number, pings: readonly EarlyTargetPing[]) => void;
}

interface Running {
	readonly job: PingJob;
	readonly channel: Channel;
}

/** Sending shares the thread with receiving, and with news from outside: no turn takes much longer. */
const turnMs = 2;
/** When queues are full. */
const blockedMs = 1;
/** Answers are read no more often than this, unless they must be. */
const readAlongMs = 100;
/** New jobs get a socket with another identifier by then: an entry of a NAT that is stuck must not last. */
const channelLifeMs = 5 * 60_000;

/** Whether nothing more is to be sent for it. */
function isOver(job: PingJob, nowMs: number): boolean {
	return job.hasAllSent || job.stopped || nowMs >= job.sendByMs;
}

/** Sends and receives for all jobs, turn by turn, in one thread. Never waits. */
export class PingLoop {
	readonly #parts: PingLoopParts;
	readonly #steps: StepWatch;
	readonly #buffers = new ReceiveBuffers();
	/** Those that new jobs may use, by their options. */
	readonly #channels = new Map<string, Channel>();
	/** All that have jobs. */
	readonly #open = new Set<Channel>();
	readonly #running = new Map<number, Running>();
	readonly #watched = new Map<number, WatchedPings>();
	readonly #due = new DueJobs<Running>(({ job }) => job.dueMs);
	readonly #limiter = new SendLimiter();
	/** When something was sent last. */
	#sentMs = Number.NEGATIVE_INFINITY;
	/** When answers must be read again. */
	#readDueMs = 0;
	/** Until then there is nothing to do but to send. */
	#lookAtMs = 0;
	/** Null: jobs have come or gone since. */
	#knownPace: SendPace | null = null;

	constructor(parts: PingLoopParts) {
		this.#parts = parts;
		this.#steps = new StepWatch(parts.clocks);
	}

	/** Takes on a job. It starts now. */
	add(request: PingRequest): void {
		const { clocks, over } = this.#parts;
		if (this.#running.size === 0) this.#steps.hasStepped();
		try {
			const scopes = request.zones === null ? null : scopesOf(request.zones);
			const job = new PingJob(request, scopes, clocks.monotonicMs());
			const channel = this.#channelFor(request.socket);
			const running = { job, channel };
			this.#enter(channel, job);
			this.#running.set(request.id, running);
			this.#due.add(running);
			this.#knownPace = null;
			this.#lookSoon();
		} catch (error) {
			over({ id: request.id, ...failureOf(error) });
		}
	}

	/** From now on pings of these targets of a job are told as soon as they are over. */
	watch(id: number, targets: readonly number[]): void {
		const running = this.#running.get(id);
		if (running === undefined) return;
		if (targets.length === 0) this.#watched.delete(id);
		else this.#watched.set(id, new WatchedPings(running.job, targets));
	}

	/** Ends a job: what there is of it comes with the next turn. */
	cancel(id: number): void {
		const running = this.#running.get(id);
		if (running === undefined) return;
		running.job.stopped = true;
		this.#lookSoon();
	}

	#lookSoon(): void {
		this.#readDueMs = 0;
		this.#lookAtMs = 0;
	}

	/** Reads what has come and sends what is due. Returns in how many milliseconds to come again, null when nothing is left. */
	turn(): number | null {
		// A wake-up that only sends touches as little memory as can be: all of it comes back into cold caches.
		if (this.#parts.clocks.monotonicMs() >= this.#lookAtMs) this.#look();
		if (this.#running.size === 0) return null;
		const restsMs = this.#send();
		if (this.#lookAtMs === 0) this.#planLook();
		return Math.max(0, Math.min(restsMs, this.#readDueMs - this.#parts.clocks.monotonicMs()));
	}

	/** Reads what has come, and ends what is over. */
	#look(): void {
		if (this.#running.size === 0) return;
		// First: what has come is safe from a clock that is set while the next pings are under way.
		this.#drain();
		const hasStepped = this.#steps.hasStepped();
		for (const channel of this.#open) channel.endTurn(hasStepped);
		if (this.#watched.size > 0) this.#tellEarly();
		this.#finish();
		this.#lookAtMs = 0;
	}

	#planLook(): void {
		this.#readDueMs = this.#nextDrainMs();
		this.#lookAtMs = this.#readDueMs;
		for (const { drainedMs } of this.#open)
			this.#lookAtMs = Math.min(this.#lookAtMs, drainedMs + readAlongMs);
	}

	/** Returns for how long nothing is to be sent, milliseconds. */
	#send(): number {
		const { clocks } = this.#parts;
		const startMs = clocks.monotonicMs();
		for (let nowMs = startMs; ; nowMs = clocks.monotonicMs()) {
			const next = this.#due.first();
			if (next === null) return Number.POSITIVE_INFINITY;
			const { job, channel } = next;
			if (isOver(job, nowMs)) {
				this.#due.removeFirst();
				this.#knownPace = null;
				// From its last ping on its answers are waited for.
				this.#lookAtMs = 0;
				continue;
			}
			const dueMs = job.dueMs;
			if (dueMs > nowMs) return Math.max(dueMs, this.#sentMs + this.#pace.restMs) - nowMs;
			if (nowMs - startMs > turnMs) return 0;
			const allowed = this.#limiter.allowed(nowMs, this.#pace);
			if (allowed === 0) return this.#pauseMs(nowMs, nowMs - dueMs);
			const done = this.#sendLot(channel, nowMs, allowed);
			if (done === 0) return blockedMs;
			this.#sentMs = clocks.monotonicMs();
			this.#limiter.sent(done, this.#sentMs);
			if (channel.sentSinceDrain >= channel.drainAfter) {
				channel.drain();
				this.#lookAtMs = 0;
			}
		}
	}

	/** Sends what is due by now at a socket, of all its jobs, with one call. Returns how many packets are done with. */
	#sendLot(channel: Channel, nowMs: number, allowed: number): number {
		const most = Math.min(allowed, channel.lotAtMost);
		let count = 0;
		while (count < most) {
			const next = this.#due.first();
			if (next === null || next.channel !== channel || next.job.dueMs > nowMs) break;
			const { job } = next;
			if (isOver(job, nowMs) || !channel.canJoin(job)) break;
			const some = Math.min(most - count, Math.max(1, job.dueCount(nowMs)), job.total - job.next);
			channel.put(job, some);
			count += some;
			this.#due.firstHasMoved();
		}
		const done = channel.send();
		if (done < count) this.#due.manyHaveMoved();
		return done;
	}

	/** For how long to pause when no more may be sent now. What is not very late goes with the next burst. */
	#pauseMs(nowMs: number, lateMs: number): number {
		const allowedMs = this.#limiter.waitMs(nowMs, this.#pace);
		return lateMs <= this.#pace.restMs ? Math.max(allowedMs, this.#pace.restMs) : allowedMs;
	}

	/** Being awake anyway, it also reads what has had time to come. */
	#drain(): void {
		const nowMs = this.#parts.clocks.monotonicMs();
		for (const channel of this.#open) {
			const isWorthIt = channel.sentSinceDrain > 0 && nowMs - channel.drainedMs >= readAlongMs;
			const isDue = nowMs >= this.#readDueMs && nowMs >= channel.drainDueMs(this.#pace.answerGapMs);
			if (isWorthIt || isDue) channel.drain();
		}
	}

	#nextDrainMs(): number {
		let nextMs = Number.POSITIVE_INFINITY;
		for (const channel of this.#open) nextMs = Math.min(nextMs, channel.drainDueMs(this.#pace.answerGapMs));
		return nextMs;
	}

	#tellEarly(): void {
		const { clocks, early } = this.#parts;
		for (const [id, watched] of this.#watched) {
			const channel = this.#running.get(id)?.channel;
			const pings = channel === undefined ? [] : watched.over(channel.drainedMs, clocks.baseSeconds);
			if (pings.length > 0) early?.(id, pings);
		}
	}

	#finish(): void {
		const { clocks, over } = this.#parts;
		for (const [id, { job, channel }] of this.#running) {
			// What had come by its end must have been read.
			if (channel.drainedMs < job.endMs) continue;
			this.#running.delete(id);
			this.#watched.delete(id);
			over(reportOf(job, channel.socket.kind, channel.drainedMs, clocks.baseSeconds));
			// Should it still be among those that are due.
			job.stopped = true;
			channel.remove(job);
			if (channel.jobs.size === 0) this.#close(channel);
			this.#knownPace = null;
		}
	}

	get #pace(): SendPace {
		this.#knownPace ??= paceOf(Array.from(this.#running.values(), ({ job }) => job));
		return this.#knownPace;
	}

	#enter(channel: Channel, job: PingJob): void {
		try {
			channel.add(job);
		} catch (error) {
			if (channel.jobs.size === 0) this.#close(channel);
			throw error;
		}
	}

	#channelFor(options: SocketOptions): Channel {
		const { clocks, receiveBytes } = this.#parts;
		const key = JSON.stringify(Object.entries(options).sort());
		const existing = this.#channels.get(key);
		if (existing !== undefined && clocks.monotonicMs() - existing.openedMs < channelLifeMs) return existing;
		const channel = new Channel(options, this.#buffers, clocks, receiveBytes);
		this.#channels.set(key, channel);
		this.#open.add(channel);
		return channel;
	}

	#close(channel: Channel): void {
		this.#open.delete(channel);
		for (const [key, one] of this.#channels) if (one === channel) this.#channels.delete(key);
		channel.close();
	}
}
