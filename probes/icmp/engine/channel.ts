import type { Clocks } from './clocks.ts';
import { EchoFormat } from './echo-format.ts';
import { Inbox } from './inbox.ts';
import { libc } from './libc.ts';
import type { SocketOptions } from './messages.ts';
import { OpenJobs } from './open-jobs.ts';
import { Outbox } from './outbox.ts';
import { PacketSettings } from './packet-settings.ts';
import type { PingJob } from './ping-job.ts';
import { openPingSocket, type PingSocket, usualBufferBytes } from './ping-socket.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';

/** What a stored small packet takes of the receive buffer. */
const storedBytes = 832;
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
	readonly #outbox: Outbox;
	readonly #inbox: Inbox;
	readonly #packets: PacketSettings;
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
		this.#clocks = clocks;
		this.socket = openPingSocket(options, receiveBytes);
		this.#packets = new PacketSettings(this.socket.fd, family);
		const sumsUp = family === 4 && this.socket.kind === 'raw';
		const format = new EchoFormat({ family, size, ident: this.socket.ident, sumsUp });
		this.jobs = new OpenJobs(family);
		this.#inbox = new Inbox({
			family,
			socket: this.socket,
			jobs: this.jobs,
			format,
			buffer: buffers.forSize(size),
			clocks,
		});
		this.#outbox = new Outbox({
			...{ fd: this.socket.fd, family, size, format, clocks },
			drainErrors: () => this.#inbox.drainErrors(),
		});
		this.openedMs = clocks.monotonicMs();
		this.drainedMs = this.openedMs;
		const perPacket = storedBytes + (size <= 512 ? 0 : size * 2);
		// An answer and the stamp of a request take their places side by side.
		const places = this.socket.receiveBytes / (2 * perPacket);
		this.drainAfter = Math.min(128, Math.max(1, Math.floor(places / 4)));
		this.#places = places;
	}

	close(): void {
		libc.close(this.socket.fd);
	}

	/** Takes on a job. Throws when the kernel refuses to send its packets as it wants them. */
	add(job: PingJob): void {
		this.#packets.use(job.packets);
		this.jobs.add(job);
	}

	/** How many packets go at a time, at most. */
	get lotAtMost(): number {
		return this.#inbox.isStampless ? 1 : Math.min(this.#outbox.most, this.drainAfter);
	}

	/** Whether the packets of a job can go with those that wait in the outbox. */
	canJoin(job: PingJob): boolean {
		return this.#outbox.count === 0 || this.#packets.areIn(job.packets);
	}

	/** Puts the next pings of a job into the outbox. */
	put(job: PingJob, count: number): void {
		if (this.#outbox.count === 0) this.#packets.use(job.packets);
		for (let i = 0; i < count; i++) this.#outbox.put(job);
	}

	/** Sends what is in the outbox. Returns how many packets are done with; the others are back with their jobs: queues are full. */
	send(): number {
		const done = this.#outbox.send();
		this.sentSinceDrain += done;
		return done;
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
		this.#outbox.forget();
	}
}
