import type { Clocks } from './clocks.ts';
import { type Control, readControl } from './control.ts';
import { EchoFormat, echo } from './echo-format.ts';
import { icmpErrorText } from './icmp-errors.ts';
import { addressText } from './ip-address.ts';
import { errno, libc } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import type { SocketOptions } from './messages.ts';
import type { PingJob } from './ping-job.ts';
import { openPingSocket, type PingSocket, receiveStateOf, usualBufferBytes } from './ping-socket.ts';

const dontWait = 0x40;
const errorQueue = 0x2000;
const sendBatch = 64;
const receiveBatch = 128;
/** Of link layer, IP and ICMP before the payload, generously. */
const headRoom = 128;
const controlBytes = 192;
/** What a stored small packet takes of the receive buffer. */
const storedBytes = 832;
/** So many times one error of sending must come to be the packet's own: others are left by ICMP errors. */
const refusalsAtLeast = 3;
/** After so many answers without a stamp of their sending, packets are sent one by one, timed by us. */
const stamplessMax = 3;
/** Where the ICMP header of a stamped packet is wont to be: after Ethernet and IP. */
const usualOffset = { 4: 34, 6: 54 } as const;
const lastOffset = 96;
const pastTokensMax = 1000;
const drainAtMostMs = 32;
/** When no answer is waited for. There may be duplicates. */
const quietMs = 100;

/** Where received messages are put. One for all sockets of a size: they are read one after the other. */
export class ReceiveBuffers {
	readonly #bySize = new Map<number, MessageBatch>();

	forSize(size: number): MessageBatch {
		const bytes = size <= 512 ? 512 + headRoom : 0x10000;
		let batch = this.#bySize.get(bytes);
		if (batch === undefined) {
			batch = new MessageBatch(size <= 512 ? receiveBatch : receiveBatch / 8, bytes, controlBytes);
			this.#bySize.set(bytes, batch);
		}
		return batch;
	}
}

/** One socket and the jobs that use it. */
export class Channel {
	readonly options: SocketOptions;
	readonly socket: PingSocket;
	readonly openedMs: number;
	/** By the lower half of their tokens. */
	readonly jobs = new Map<number, PingJob>();
	/** How many packets may be sent before answers should be read. */
	readonly drainAfter: number;
	sentSinceDrain = 0;
	drainedMs: number;
	readonly #clocks: Clocks;
	readonly #format: EchoFormat;
	readonly #out: MessageBatch;
	readonly #in: MessageBatch;
	readonly #control: Control = { realNs: 0, ttl: 0, origin: 0, type: 0, code: 0, offenderAt: 0 };
	readonly #family: 4 | 6;
	/** How many answers and stamps the kernel can keep for us. */
	readonly #places: number;
	/** For how long answers may be left when more may come than that. */
	readonly #drainEveryMs: number;
	#drops = 0;
	#wasFull = false;
	#stampless = 0;
	/** Where the ICMP header of the last stamped packet was. */
	#stampOffset: number;
	/** Whose the last packet was: that of the next, as a rule. */
	#lastJob: PingJob | undefined;
	/** Answers of this turn, until it is known that the clock was not set meanwhile: their jobs and their numbers. */
	readonly #freshJobs: PingJob[] = [];
	readonly #freshPings: number[] = [];
	/** How many; the arrays are used again. */
	#fresh = 0;
	/** Tokens of jobs that are over: their answers may still come. */
	readonly #pastTokens = new Set<number>();

	/** Throws when the socket cannot be opened. `burst`: packets a millisecond that may come. */
	constructor(
		options: SocketOptions,
		buffers: ReceiveBuffers,
		clocks: Clocks,
		burst: number,
		receiveBytes = usualBufferBytes,
	) {
		const { family, size } = options;
		this.options = options;
		this.#family = family;
		this.#stampOffset = usualOffset[family];
		this.#clocks = clocks;
		this.socket = openPingSocket(options, receiveBytes);
		const sumsUp = family === 4 && this.socket.kind === 'raw';
		this.#format = new EchoFormat({ family, size, ident: this.socket.ident, sumsUp });
		this.#out = new MessageBatch(size <= 512 ? sendBatch : sendBatch / 4, this.#format.bytes, 0);
		this.#in = buffers.forSize(size);
		this.#prepare();
		this.openedMs = clocks.monotonicMs();
		this.drainedMs = this.openedMs;
		const perPacket = storedBytes + (size <= 512 ? 0 : size * 2);
		// An answer and the stamp of a request take their places side by side.
		const places = this.socket.receiveBytes / (2 * perPacket);
		this.drainAfter = Math.min(64, Math.max(1, Math.floor(places / 4)));
		this.#places = places;
		this.#drainEveryMs = Math.min(drainAtMostMs, Math.max(1, places / burst / 2));
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

	/** Sends the next pings of a job, so many at most. Returns how many it is done with; 0 when queues are full. */
	send(job: PingJob, atMost: number): number {
		const out = this.#out;
		const most = this.#stampless > stamplessMax ? 1 : out.count;
		const count = Math.min(atMost, most, job.total - job.next);
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
				this.#drainErrors();
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

	/** When answers are to be read again, monotonic milliseconds. */
	get drainDueMs(): number {
		let dueMs = this.drainedMs + quietMs;
		let outstanding = 0;
		for (const job of this.jobs.values()) {
			outstanding += job.outstanding;
			dueMs = Math.min(dueMs, Math.max(job.endMs, this.drainedMs + 1));
		}
		if (outstanding === 0) return dueMs;
		// There is room for all that could come.
		const fits = outstanding * 2 < this.#places;
		return Math.min(dueMs, this.drainedMs + (fits ? drainAtMostMs : this.#drainEveryMs));
	}

	/** Reads all that has come in. */
	drain(): void {
		this.#lookForDrops();
		this.#drainErrors();
		this.#drainAnswers();
		this.sentSinceDrain = 0;
		this.drainedMs = this.#clocks.monotonicMs();
	}

	/**
	 * Ends a turn. If the clock was set since the end of the last one, what came in since cannot be trusted, nor what is
	 * under way.
	 */
	endTurn(hasClockStepped: boolean): void {
		if (hasClockStepped) {
			for (let i = 0; i < this.#fresh; i++) {
				this.#freshJobs[i]?.markClockStepped(this.#freshPings[i] as number);
			}
			for (const job of this.jobs.values()) job.markAllUnderWayClockStepped();
		}
		this.#fresh = 0;
	}

	add(job: PingJob): void {
		this.jobs.set(job.key.tokenLow, job);
	}

	remove(job: PingJob): void {
		this.jobs.delete(job.key.tokenLow);
		this.#lastJob = undefined;
		this.#freshJobs.length = 0;
		this.#pastTokens.add(job.key.tokenLow);
		const [oldest] = this.#pastTokens;
		if (this.#pastTokens.size > pastTokensMax && oldest !== undefined) this.#pastTokens.delete(oldest);
	}

	/** Drops for other reasons than a full buffer are those of broken packets. */
	#lookForDrops(): void {
		const { usedBytes, drops } = receiveStateOf(this.socket.fd);
		const isFull = usedBytes > this.socket.receiveBytes / 2;
		if (drops !== this.#drops && (isFull || this.#wasFull)) {
			for (const job of this.jobs.values()) job.markMaybeDropped(this.drainedMs);
		}
		this.#drops = drops;
		this.#wasFull = isFull;
	}

	#drainErrors(): void {
		for (;;) {
			const count = this.#receive(errorQueue | dontWait);
			for (let i = 0; i < count; i++) this.#takeFromErrorQueue(i);
			if (count > 0) this.#in.reset(count);
			if (count < this.#in.count) return;
		}
	}

	#drainAnswers(): void {
		const nowMs = this.#clocks.monotonicMs();
		for (let failures = 0; failures < receiveBatch; ) {
			const count = this.#receive(dontWait);
			if (count < 0) {
				if (libc.errno() === errno.EAGAIN) return;
				// What an ICMP error has left; told once.
				failures++;
				continue;
			}
			for (let i = 0; i < count; i++) this.#takeAnswer(i, nowMs);
			this.#in.reset(count);
			if (count < this.#in.count) return;
		}
	}

	#receive(flags: number): number {
		return libc.recvmmsg(this.socket.fd, this.#in.address(), this.#in.count, flags, null);
	}

	// ---- What the kernel says of packets that we have sent ----

	#takeFromErrorQueue(i: number): void {
		const control = readControl(this.#in, i, this.#clocks.baseSeconds, this.#control);
		if (control.origin === origin.timestamp) this.#takeStamp(i, control.realNs);
		else if (control.origin === origin.icmp || control.origin === origin.icmpv6) this.#takeError(i, control);
	}

	#takeStamp(i: number, realNs: number): void {
		const length = this.#in.received(i);
		const at = this.#in.dataAt(i);
		if (this.#stampAt(at + this.#stampOffset, length - this.#stampOffset, realNs)) return;
		for (let offset = 0; offset <= lastOffset; offset += 2) {
			if (!this.#stampAt(at + offset, length - offset, realNs)) continue;
			this.#stampOffset = offset;
			return;
		}
	}

	/** Whether one of our packets begins here. */
	#stampAt(at: number, length: number, realNs: number): boolean {
		if (length < echo.bytesWithNumber) return false;
		const { memory } = this.#in;
		const job = this.#jobAt(at);
		if (job === undefined) return false;
		const ping = echo.number(memory, at);
		if (ping >= job.total) return false;
		job.markStamped(ping, realNs);
		return true;
	}

	/** An ICMP error quotes the packet that it is about, if only its first 8 bytes. */
	#takeError(i: number, { type, code, offenderAt }: Control): void {
		const { memory } = this.#in;
		const at = this.#in.dataAt(i);
		if (this.#in.received(i) < 8) return;
		const sequence = echo.sequence(memory, at);
		const word = this.#addressWord(i);
		const from = offenderAt === 0 ? '' : ` from ${addressText(memory.u8, offenderAt, this.#family)}`;
		for (const job of this.jobs.values()) {
			const ping = job.pingWithSequence(sequence);
			if (ping === null || !this.#isAddressOf(job, ping, word)) continue;
			if (this.#in.received(i) >= echo.bytesWithToken && this.#jobAt(at) !== job) continue;
			job.heard.set(ping, `${icmpErrorText(this.#family, type, code)}${from}`);
			return;
		}
	}

	// ---- Answers ----

	#takeAnswer(i: number, nowMs: number): void {
		const { memory } = this.#in;
		const start = this.#in.dataAt(i);
		const hasHeader = this.#family === 4 && this.socket.kind === 'raw';
		const header = hasHeader ? ((memory.u8[start] as number) & 15) * 4 : 0;
		const at = start + header;
		const length = this.#in.received(i) - header;
		if (length < 8 || memory.u8[at] !== this.#format.replyType) return;
		const job = length < echo.bytesWithNumber ? undefined : this.#jobAt(at);
		const ping = job === undefined ? 0 : echo.number(memory, at);
		if (job === undefined || ping >= job.total || !job.wasSent(ping)) {
			if (this.#pastTokens.has(echo.tokenLow(memory, at))) return;
			this.#takeCorrupted(i, at);
			return;
		}
		const word = this.#addressWord(i);
		if (!this.#isAddressOf(job, ping, word)) {
			this.#takeFromOther(job, ping, word);
			return;
		}
		if (!this.#format.isIntact(memory, at, length, job.key, job.sequenceOf(ping))) {
			this.#takeCorrupted(i, at);
			return;
		}
		const control = readControl(this.#in, i, this.#clocks.baseSeconds, this.#control);
		const isKernel = control.realNs !== 0;
		const ttl = hasHeader ? (memory.u8[start + 8] as number) : control.ttl;
		const realNs = isKernel ? control.realNs : this.#clocks.realNs();
		if (!job.markAnswered(ping, realNs, isKernel, ttl, nowMs)) return;
		this.#freshJobs[this.#fresh] = job;
		this.#freshPings[this.#fresh++] = ping;
		this.#stampless = job.isStamped(ping) ? 0 : this.#stampless + 1;
	}

	/** An answer to us, by its identifier, that is not what we sent. Its sequence and sender say to which ping. */
	#takeCorrupted(i: number, at: number): void {
		const sequence = echo.sequence(this.#in.memory, at);
		const word = this.#addressWord(i);
		for (const job of this.jobs.values()) {
			const ping = job.pingWithSequence(sequence);
			if (ping === null || !this.#isAddressOf(job, ping, word)) continue;
			const target = job.targetOf(ping);
			job.corrupted[target] = (job.corrupted[target] as number) + 1;
			job.heard.set(ping, 'the answer was corrupted');
			return;
		}
	}

	#takeFromOther(job: PingJob, ping: number, word: number): void {
		const target = job.targetOf(ping);
		job.fromOtherAddress[target] = (job.fromOtherAddress[target] as number) + 1;
		job.heard.set(ping, `answered from ${addressText(this.#in.memory.u8, word * 4, this.#family)}`);
	}

	/** Whose token is in the packet that begins at this byte. */
	#jobAt(at: number): PingJob | undefined {
		const { memory } = this.#in;
		const low = echo.tokenLow(memory, at);
		if (this.#lastJob?.key.tokenLow !== low) this.#lastJob = this.jobs.get(low);
		return this.#lastJob?.key.tokenHigh === echo.tokenHigh(memory, at) ? this.#lastJob : undefined;
	}

	/** Where the address of the sender is, or in an error that of the target: index of a 32-bit word. */
	#addressWord(i: number): number {
		return (this.#in.nameAt(i) >> 2) + (this.#family === 4 ? 1 : 2);
	}

	#isAddressOf(job: PingJob, ping: number, word: number): boolean {
		const { u32 } = this.#in.memory;
		const own = job.targetOf(ping) * 4;
		if (this.#family === 4) return u32[word] === job.words[own];
		for (let k = 0; k < 4; k++) if (u32[word + k] !== job.words[own + k]) return false;
		return true;
	}
}

/** Whence a message of the error queue comes. */
const origin = { icmp: 2, icmpv6: 3, timestamp: 4 } as const;
