import type { Clocks } from './clocks.ts';
import type { EchoFormat } from './echo-format.ts';
import { errno, libc } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import type { PingJob } from './ping-job.ts';

const dontWait = 0x40;
const packetsAtMost = 128;
/** So many times one error of sending must come to be the packet's own: others are left by ICMP errors. */
const refusalsAtLeast = 3;

export interface OutboxParts {
	readonly fd: number;
	readonly family: 4 | 6;
	/** Bytes of payload. */
	readonly size: number;
	readonly format: EchoFormat;
	readonly clocks: Clocks;
	/** Reads what ICMP errors have left at the socket. */
	readonly drainErrors: () => void;
}

/** Packets that are to leave by one socket, of whichever jobs, with one call: each call costs as much as some packets. */
export class Outbox {
	readonly #parts: OutboxParts;
	readonly #batch: MessageBatch;
	/** By place in the batch: whose packet it is, and which ping. */
	readonly #jobs: PingJob[] = [];
	readonly #pings: Uint32Array;
	#count = 0;

	constructor(parts: OutboxParts) {
		const { family, size, format } = parts;
		this.#parts = parts;
		this.#batch = new MessageBatch(size <= 512 ? packetsAtMost : packetsAtMost / 4, format.bytes, 0);
		this.#pings = new Uint32Array(this.#batch.count);
		const { u16 } = this.#batch.memory;
		this.#batch.setNameLength(family === 4 ? 16 : 28);
		for (let i = 0; i < this.#batch.count; i++) {
			u16[this.#batch.nameAt(i) >> 1] = family === 4 ? 2 : 10;
			format.prepare(this.#batch.memory, this.#batch.dataAt(i));
		}
	}

	/** How many packets are in it. */
	get count(): number {
		return this.#count;
	}

	/** How many it holds at most. */
	get most(): number {
		return this.#batch.count;
	}

	/** Puts the next ping of a job in. */
	put(job: PingJob): void {
		const at = this.#count++;
		const ping = job.next++;
		this.#jobs[at] = job;
		this.#pings[at] = ping;
		const { u32 } = this.#batch.memory;
		const name = this.#batch.nameAt(at) >> 2;
		const target = job.targetOf(ping);
		const word = target * 4;
		if (this.#parts.family === 4) {
			u32[name + 1] = job.words[word] as number;
		} else {
			for (let k = 0; k < 4; k++) u32[name + 2 + k] = job.words[word + k] as number;
			u32[name + 6] = job.scopes?.[target] ?? 0;
		}
		const { memory } = this.#batch;
		this.#parts.format.seal(memory, this.#batch.dataAt(at), job.key, ping, job.sequenceOf(ping));
	}

	/**
	 * Sends what is in it. What queues have no room for goes back to its jobs. Returns how many packets are done with,
	 * those among them that the kernel refuses.
	 */
	send(): number {
		const { fd, clocks, drainErrors } = this.#parts;
		const count = this.#count;
		const nowMs = clocks.monotonicMs();
		const nowNs = clocks.realNs();
		let done = 0;
		let refusals = 0;
		while (done < count) {
			const sent = libc.sendmmsg(fd, this.#batch.address(done), count - done, dontWait);
			if (sent > 0) {
				for (const end = done + sent; done < end; done++) {
					(this.#jobs[done] as PingJob).markSent(this.#pings[done] as number, nowNs, nowMs);
				}
				refusals = 0;
				continue;
			}
			const number = libc.errno();
			if (number === errno.EAGAIN || number === errno.ENOBUFS || number === errno.ENOMEM) break;
			if (++refusals < refusalsAtLeast) {
				drainErrors();
				continue;
			}
			(this.#jobs[done] as PingJob).markRefused(this.#pings[done] as number, number);
			done++;
			refusals = 0;
		}
		for (let i = count - 1; i >= done; i--) (this.#jobs[i] as PingJob).next = this.#pings[i] as number;
		this.#count = 0;
		return done;
	}

	/** Lets go of jobs that are over. Between lots. */
	forget(): void {
		this.#jobs.length = 0;
	}
}
