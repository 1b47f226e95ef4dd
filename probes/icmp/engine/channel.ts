import type { Clocks } from './clocks.ts';
import { EchoFormat } from './echo-format.ts';
import { Inbox } from './inbox.ts';
import { errno, libc } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import type { SocketOptions } from './messages.ts';
import { OpenJobs } from './open-jobs.ts';
import { PacketSettings } from './packet-settings.ts';
import type { PingJob } from './ping-job.ts';
import { openPingSocket, type PingSocket, usualBufferBytes } from './ping-socket.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';

const dontWait = 0x40;
const sendBatch = 128;
/** What a stored small packet takes of the receive buffer. */
const storedBytes = 832;
/** So many times one error of sending must come to be the packet's own: others are left by ICMP errors. */
const refusalsAtLeast = 3;
/** How long answers may be left while pings are still being sent: the kernel has stamped them. */
const drainAtMostMs = 2000;

/** One socket and the jobs that use it. */
export class Channel {
	readonly options: SocketOptions;
	readonly socket: PingSocket;
	readonly openedMs: number;
	readonly jobs: OpenJobs;
	/** How many packets may be sent before answers should be read. */
	readonly drainAfter: number;
	sentSinceDrain = 0;
	/** What had come by then has been read. */
	drainedMs: number;
	readonly #clocks: Clocks;
	readonly #format: EchoFormat;
	readonly #out: MessageBatch;
	readonly #inbox: Inbox;
	readonly #packets: PacketSettings;
	readonly #family: 4 | 6;
	/** How many answers and stamps the kernel can keep for us. */
	readonly #places: number;

	/** Throws when the socket cannot be opened. */
	constructor(
		options: SocketOptions,
		buffers: ReceiveBuffers,
		clocks: Clocks,
		receiveBytes = usualBufferBytes,
	) {
		const { family, size } = options;
		this.options = options;
		this.#family = family;
		this.#clocks = clocks;
		this.socket = openPingSocket(options, receiveBytes);
		this.#packets = new PacketSettings(this.socket.fd, family);
		const sumsUp = family === 4 && this.socket.kind === 'raw';
		this.#format = new EchoFormat({ family, size, ident: this.socket.ident, sumsUp });
		this.#out = new MessageBatch(size <= 512 ? sendBatch : sendBatch / 4, this.#format.bytes, 0);
		this.jobs = new OpenJobs(family);
		this.#inbox = new Inbox({
			family,
			socket: this.socket,
			jobs: this.jobs,
			format: this.#format,
			buffer: buffers.forSize(size),
			clocks,
		});
		this.#prepare();
		this.openedMs = clocks.monotonicMs();
		this.drainedMs = this.openedMs;
		const perPacket = storedBytes + (size <= 512 ? 0 : size * 2);
		// An answer and the stamp of a request take their places side by side.
		const places = this.socket.receiveBytes / (2 * perPacket);
		this.drainAfter = Math.min(128, Math.max(1, Math.floor(places / 4)));
		this.#places = places;
	}

	#prepare(): void {
		const out = this.#out;
		const { u16 } = out.memory;
		out.setNameLength(this.#family === 4 ? 16 : 28);
		for (let i = 0; i < out.count; i++) {
			u16[out.nameAt(i) >> 1] = this.#family === 4 ? 2 : 10;
			this.#format.prepare(out.memory, out.dataAt(i));
		}
	}

	close(): void {
		libc.close(this.socket.fd);
	}

	/** Takes on a job. Throws when the kernel refuses to send its packets as it wants them. */
	add(job: PingJob): void {
		this.#packets.use(job.packets);
		this.jobs.add(job);
	}

	/** Sends the next pings of a job, so many at most. Returns how many it is done with; 0 when queues are full. */
	send(job: PingJob, atMost: number): number {
		const out = this.#out;
		const most = this.#inbox.isStampless ? 1 : Math.min(out.count, this.drainAfter);
		const count = Math.min(atMost, most, job.total - job.next);
		this.#packets.use(job.packets);
		for (let i = 0; i < count; i++) this.#write(i, job, job.next + i);
		const nowMs = this.#clocks.monotonicMs();
		const nowNs = this.#clocks.realNs();
		const first = job.next;
		let done = 0;
		let refusals = 0;
		while (done < count) {
			const sent = libc.sendmmsg(this.socket.fd, out.address(done), count - done, dontWait);
			if (sent > 0) {
				for (let i = 0; i < sent; i++) job.markSent(first + done + i, nowNs, nowMs);
				done += sent;
				refusals = 0;
				continue;
			}
			const number = libc.errno();
			if (number === errno.EAGAIN || number === errno.ENOBUFS || number === errno.ENOMEM) break;
			if (++refusals < refusalsAtLeast) {
				this.#inbox.drainErrors();
				continue;
			}
			job.markRefused(first + done, number);
			done++;
			refusals = 0;
		}
		job.next = first + done;
		this.sentSinceDrain += done;
		return done;
	}

	#write(i: number, job: PingJob, ping: number): void {
		const out = this.#out;
		const { u32 } = out.memory;
		const name = out.nameAt(i) >> 2;
		const target = job.targetOf(ping);
		const word = target * 4;
		if (this.#family === 4) {
			u32[name + 1] = job.words[word] as number;
		} else {
			for (let k = 0; k < 4; k++) u32[name + 2 + k] = job.words[word + k] as number;
			u32[name + 6] = job.scopes?.[target] ?? 0;
		}
		this.#format.seal(out.memory, out.dataAt(i), job.key, ping, job.sequenceOf(ping));
	}

	/**
	 * When answers are to be read again, monotonic milliseconds.
	 *
	 * @param gapMs from one answer to the next, on average: they come as pings are sent, if not all at the same time
	 */
	drainDueMs(gapMs: number): number {
		let dueMs = this.drainedMs + drainAtMostMs;
		let outstanding = 0;
		for (const job of this.jobs) {
			outstanding += job.outstanding;
			dueMs = Math.min(dueMs, Math.max(job.readMs(this.drainedMs), this.drainedMs + 1));
		}
		const fits = outstanding * 2 < this.#places;
		return fits ? dueMs : Math.min(dueMs, this.drainedMs + Math.max(1, (this.#places / 4) * gapMs));
	}

	/** Reads all that has come in. */
	drain(): void {
		const nowMs = this.#clocks.monotonicMs();
		this.#inbox.lookForDrops(this.drainedMs);
		this.#inbox.drainErrors();
		this.#inbox.drainAnswers();
		this.sentSinceDrain = 0;
		this.drainedMs = nowMs;
	}

	/**
	 * Ends a turn. If the clock was set since the end of the last one, what came in since cannot be trusted, nor what is
	 * under way.
	 */
	endTurn(hasClockStepped: boolean): void {
		this.#inbox.endTurn(hasClockStepped);
	}

	remove(job: PingJob): void {
		this.jobs.remove(job);
		this.#inbox.forget();
	}
}
