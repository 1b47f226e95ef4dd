import { addressText } from '../../shared/ip-address.ts';
import type { Clocks } from './clocks.ts';
import { type Control, emptyControl, readControl } from './control.ts';
import { type EchoFormat, echo } from './echo-format.ts';
import { icmpErrorText } from './icmp-errors.ts';
import { errno, libc } from './libc.ts';
import type { MessageBatch } from './message-batch.ts';
import type { OpenJobs } from './open-jobs.ts';
import type { PingJob } from './ping-job.ts';
import { type PingSocket, receiveStateOf } from './ping-socket.ts';

const dontWait = 0x40;
const errorQueue = 0x2000;
/** Errors of sockets that are left by ICMP errors, one after the other. */
const failuresMax = 128;
/** After so many answers without a stamp of their sending, packets are sent one by one, timed by us. */
const stamplessMax = 3;
/** Where the ICMP header of a stamped packet is wont to be: after Ethernet and IP. */
const usualOffset = { 4: 34, 6: 54 } as const;
const lastOffset = 96;

export interface InboxParts {
	readonly family: 4 | 6;
	readonly socket: PingSocket;
	readonly jobs: OpenJobs;
	readonly format: EchoFormat;
	readonly buffer: MessageBatch;
	readonly clocks: Clocks;
}

/** Takes what comes in at a socket: answers, and what the kernel says of packets that were sent. */
export class Inbox {
	readonly #family: 4 | 6;
	readonly #socket: PingSocket;
	readonly #jobs: OpenJobs;
	readonly #format: EchoFormat;
	readonly #in: MessageBatch;
	readonly #clocks: Clocks;
	readonly #control: Control = emptyControl();
	#drops = 0;
	#wasFull = false;
	#stampless = 0;
	/** Where the ICMP header of the last stamped packet was. */
	#stampOffset: number;
	/** Answers of this turn, until it is known that the clock was not set meanwhile: their jobs and their numbers. */
	readonly #freshJobs: PingJob[] = [];
	readonly #freshPings: number[] = [];
	/** How many; the arrays are used again. */
	#fresh = 0;

	constructor({ family, socket, jobs, format, buffer, clocks }: InboxParts) {
		this.#family = family;
		this.#socket = socket;
		this.#jobs = jobs;
		this.#format = format;
		this.#in = buffer;
		this.#clocks = clocks;
		this.#stampOffset = usualOffset[family];
	}

	/** Whether the kernel does not stamp what is sent. */
	get isStampless(): boolean {
		return this.#stampless > stamplessMax;
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
			for (const job of this.#jobs) job.markAllUnderWayClockStepped();
		}
		this.#fresh = 0;
	}

	/** Lets go of jobs that are over. Between turns. */
	forget(): void {
		this.#freshJobs.length = 0;
	}

	/** Drops for other reasons than a full buffer are those of broken packets. */
	lookForDrops(sinceMs: number): void {
		const { usedBytes, drops } = receiveStateOf(this.#socket.fd);
		const isFull = usedBytes > this.#socket.receiveBytes / 2;
		if (drops !== this.#drops && (isFull || this.#wasFull)) {
			for (const job of this.#jobs) job.markMaybeDropped(sinceMs);
		}
		this.#drops = drops;
		this.#wasFull = isFull;
	}

	/** Reads what the kernel says of packets that were sent. */
	drainErrors(): void {
		for (;;) {
			const count = this.#receive(errorQueue | dontWait);
			for (let i = 0; i < count; i++) this.#takeFromErrorQueue(i);
			if (count > 0) this.#in.reset(count);
			if (count < this.#in.count) return;
		}
	}

	/** Reads answers. */
	drainAnswers(): void {
		const nowMs = this.#clocks.monotonicMs();
		for (let failures = 0; failures < failuresMax; ) {
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
		return libc.recvmmsg(this.#socket.fd, this.#in.address(), this.#in.count, flags, null);
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
		const job = this.#jobs.at(this.#in.memory, at);
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
		// Packets of others, of tracing too: a raw socket hears of all.
		if (memory.view.getUint16(at + 4) !== this.#socket.ident) return;
		const sequence = echo.sequence(memory, at);
		const word = this.#addressWord(i);
		const from = offenderAt === 0 ? '' : ` from ${addressText(memory.u8, offenderAt, this.#family)}`;
		const hasToken = this.#in.received(i) >= echo.bytesWithToken;
		this.#jobs.findSent(memory, sequence, word, (job, ping) => {
			if (hasToken && this.#jobs.at(memory, at) !== job) return false;
			job.heard.set(ping, `${icmpErrorText(this.#family, type, code)}${from}`);
			return true;
		});
	}

	// ---- Answers ----

	#takeAnswer(i: number, nowMs: number): void {
		const { memory } = this.#in;
		const start = this.#in.dataAt(i);
		const hasHeader = this.#family === 4 && this.#socket.kind === 'raw';
		const header = hasHeader ? ((memory.u8[start] as number) & 15) * 4 : 0;
		const at = start + header;
		const length = this.#in.received(i) - header;
		if (length < 8 || memory.u8[at] !== this.#format.replyType) return;
		const job = length < echo.bytesWithNumber ? undefined : this.#jobs.at(this.#in.memory, at);
		const ping = job === undefined ? 0 : echo.number(memory, at);
		if (job === undefined || ping >= job.total || !job.wasSent(ping)) {
			if (this.#jobs.isPast(memory, at)) return;
			this.#takeCorrupted(i, at);
			return;
		}
		const word = this.#addressWord(i);
		if (!this.#jobs.isAddressOf(memory, job, ping, word)) {
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
		const { memory } = this.#in;
		this.#jobs.findSent(memory, echo.sequence(memory, at), this.#addressWord(i), (job, ping) => {
			const target = job.targetOf(ping);
			job.corrupted[target] = (job.corrupted[target] as number) + 1;
			job.heard.set(ping, 'the answer was corrupted');
			return true;
		});
	}

	#takeFromOther(job: PingJob, ping: number, word: number): void {
		const target = job.targetOf(ping);
		job.fromOtherAddress[target] = (job.fromOtherAddress[target] as number) + 1;
		job.heard.set(ping, `answered from ${addressText(this.#in.memory.u8, word * 4, this.#family)}`);
	}

	/** Where the address of the sender is, or in an error that of the target: index of a 32-bit word. */
	#addressWord(i: number): number {
		return (this.#in.nameAt(i) >> 2) + (this.#family === 4 ? 1 : 2);
	}
}

/** Whence a message of the error queue comes. */
const origin = { icmp: 2, icmpv6: 3, timestamp: 4 } as const;
