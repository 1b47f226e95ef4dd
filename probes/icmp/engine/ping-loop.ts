import { Channel } from './channel.ts';
import { type Clocks, StepWatch } from './clocks.ts';
import { DueJobs } from './due-jobs.ts';
import { libc } from './libc.ts';
import type { FromEngine, PingRequest, SocketOptions } from './messages.ts';
import { PingJob } from './ping-job.ts';
import { reportOf } from './ping-report.ts';
import { ReceiveBuffers } from './receive-buffers.ts';
import { paceOf, restAtLeastMs, type SendPace } from './send-pace.ts';

export interface PingLoopParts {
	readonly clocks: Clocks;
	/** How much of what has come in the kernel may keep for us, in bytes as it counts; 8 MB unless told otherwise. */
	readonly receiveBytes?: number;
	/** Takes what came of a job. */
	readonly over: (result: FromEngine) => void;
}

interface Running {
	readonly job: PingJob;
	readonly channel: Channel;
}

/** Sending shares the thread with receiving, and with news from outside: no turn takes much longer. */
const turnMs = 2;
/** When queues are full. */
const blockedMs = 1;
/** New jobs get a socket with another identifier by then: an entry of a NAT that is stuck must not last. */
const channelLifeMs = 5 * 60_000;

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
	readonly #due = new DueJobs<Running>(({ job }) => job.dueMs);
	#millisecond = 0;
	#sentInIt = 0;
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
		} catch (error) {
			over({ id: request.id, failure: error instanceof Error ? error.message : String(error) });
		}
	}

	/** Ends a job: what there is of it comes with the next turn. */
	cancel(id: number): void {
		const running = this.#running.get(id);
		if (running !== undefined) running.job.stopped = true;
	}

	/** Sends what is due and reads what has come. Returns in how many milliseconds to come again, null when nothing is left. */
	turn(): number | null {
		if (this.#running.size === 0) return null;
		const restsMs = this.#send();
		this.#drain(restsMs < restAtLeastMs);
		const hasStepped = this.#steps.hasStepped();
		for (const channel of this.#open) channel.endTurn(hasStepped);
		this.#finish();
		if (this.#running.size === 0) return null;
		return Math.max(0, Math.min(restsMs, this.#nextDrainMs() - this.#parts.clocks.monotonicMs()));
	}

	/** Returns for how long nothing is to be sent, milliseconds. */
	#send(): number {
		const { clocks } = this.#parts;
		const startMs = clocks.monotonicMs();
		for (let nowMs = startMs; ; nowMs = clocks.monotonicMs()) {
			const next = this.#due.first();
			if (next === null) return Number.POSITIVE_INFINITY;
			const { job, channel } = next;
			if (job.hasAllSent || job.stopped || nowMs >= job.sendByMs) {
				this.#due.removeFirst();
				this.#knownPace = null;
				continue;
			}
			const dueMs = job.dueMs;
			if (dueMs > nowMs) return Math.max(dueMs - nowMs, this.#pace.restMs);
			if (nowMs - startMs > turnMs) return 0;
			if (nowMs - this.#millisecond >= 1) {
				this.#millisecond = nowMs;
				this.#sentInIt = 0;
			}
			const allowed = this.#pace.burst - this.#sentInIt;
			if (allowed <= 0) return this.#millisecond + 1 - nowMs;
			const done = channel.send(job, Math.min(allowed, job.dueCount(nowMs)));
			if (done === 0) return blockedMs;
			this.#sentInIt += done;
			this.#due.firstHasMoved();
			if (channel.sentSinceDrain >= channel.drainAfter) channel.drain();
		}
	}

	/** @param isBetweenBursts whether it can wait */
	#drain(isBetweenBursts: boolean): void {
		const nowMs = this.#parts.clocks.monotonicMs();
		for (const channel of this.#open) {
			const isWanted = channel.sentSinceDrain > 0 && !isBetweenBursts;
			if (isWanted || nowMs >= channel.drainDueMs(this.#pace.answerGapMs)) channel.drain();
		}
	}

	#nextDrainMs(): number {
		let nextMs = Number.POSITIVE_INFINITY;
		for (const channel of this.#open) nextMs = Math.min(nextMs, channel.drainDueMs(this.#pace.answerGapMs));
		return nextMs;
	}

	#finish(): void {
		const { clocks, over } = this.#parts;
		for (const [id, { job, channel }] of this.#running) {
			// What had come by its end must have been read.
			if (channel.drainedMs < job.endMs) continue;
			this.#running.delete(id);
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

/** The numbers of interfaces, by target. A name that is not known gets one that no interface has. */
function scopesOf(zones: readonly (string | null)[]): Uint32Array {
	const known = new Map<string, number>();
	return Uint32Array.from(zones, (zone) => {
		if (zone === null) return 0;
		const number = known.get(zone) ?? (libc.if_nametoindex(zone) || numberIn(zone) || noInterface);
		known.set(zone, number);
		return number;
	});
}

/** A zone may be the number itself. */
function numberIn(zone: string): number {
	return /^\d{1,9}$/.test(zone) ? Number(zone) : 0;
}

const noInterface = 0x7fff_ffff;
