import { addressText } from '../../shared/ip-address.ts';
import type { Clocks } from './clocks.ts';
import { type Control, emptyControl, readControl } from './control.ts';
import { errno, libc } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import { level, setInt } from './ping-socket.ts';
import { Trunk } from './router-asks.ts';
import { answeredBy, ipHeaderBytes, labelsIn } from './trace-answers.ts';
import {
	isFromHere,
	leastBytes,
	numberIn,
	numberInPayload,
	protocolNumber,
	type TraceEnds,
	writePacket,
} from './trace-format.ts';
import type { TraceSocketOptions } from './trace-messages.ts';
import { kindOfError, newSent, type Sent, type TraceAnswer } from './trace-sent.ts';
import { closeTraceSocket, openTraceSocket, setProbing, type TraceSocket } from './trace-socket.ts';
import type { TraceTarget } from './trace-target.ts';

const dontWait = 0x40;
const errorQueue = 0x2000;
const failuresMax = 128;
const longestPacket = 9216;
const receivedMax = 1024;
const receiveBatch = 64;
const controlBytes = 256;
const ttlOption = { 4: 2, 6: 16 } as const;
/** Of an IP header in front of a stamped packet: without and with Ethernet, and others. */
const ipOffsets = [14, 0, 18, 16, 4, 22];
/** Errors of the past are told when something else is sent: so often a packet is tried again. */
const triesMax = 3;

/** One socket that traces, and the targets that use it. */
export class TraceChannel {
	readonly options: TraceSocketOptions;
	readonly openedMs: number;
	readonly trunk = new Trunk();
	readonly socket: TraceSocket;
	readonly #clocks: Clocks;
	readonly #ends: TraceEnds;
	readonly #out: MessageBatch;
	readonly #in = new MessageBatch(receiveBatch, receivedMax, controlBytes);
	readonly #control: Control = emptyControl();
	readonly #targets = new Map<string, TraceTarget[]>();
	#ttl = -1;
	/** Answers of this turn: if the clock was set meanwhile, they say nothing. */
	#fresh: Sent[] = [];

	/** Throws when the socket cannot be opened. */
	constructor(options: TraceSocketOptions, port: number, clocks: Clocks) {
		this.options = options;
		this.#clocks = clocks;
		this.socket = openTraceSocket(options);
		const { family, protocol } = options;
		this.#ends = { family, protocol, own: this.socket.own, port };
		this.#out = new MessageBatch(1, longestPacket, 0);
		this.#out.setNameLength(family === 4 ? 16 : 28);
		this.openedMs = clocks.monotonicMs();
	}

	get isIdle(): boolean {
		return this.#targets.size === 0;
	}

	close(): void {
		closeTraceSocket(this.socket);
	}

	add(target: TraceTarget): void {
		const { address } = target.parts;
		const same = this.#targets.get(address);
		if (same === undefined) this.#targets.set(address, [target]);
		else same.push(target);
	}

	remove(target: TraceTarget): void {
		const { address } = target.parts;
		const rest = (this.#targets.get(address) ?? []).filter((one) => one !== target);
		if (rest.length === 0) this.#targets.delete(address);
		else this.#targets.set(address, rest);
	}

	// ---- Sending ----

	/** The error number when the kernel refuses; null when queues are full. `bytes`: with the IP header. */
	send(target: TraceTarget, ttl: number, round: number, bytes: number | null): Sent | number | null {
		const { family, protocol } = this.options;
		const least = leastBytes(protocol);
		const length = bytes === null ? least : Math.max(least, bytes - ipHeaderBytes[family]);
		const number = target.sent.length;
		this.#address(target);
		this.#write(target, number, length);
		this.#useTtl(ttl);
		if (bytes !== null) setProbing(this.socket.fd, family, true);
		try {
			return this.#sendNow(target, { number, ttl, round, bytes });
		} finally {
			if (bytes !== null) setProbing(this.socket.fd, family, false);
		}
	}

	#sendNow(
		target: TraceTarget,
		what: Pick<Sent, 'number' | 'ttl' | 'round' | 'bytes'>,
	): Sent | number | null {
		for (let tries = 1; ; tries++) {
			const sent = newSent(what, this.#clocks.monotonicMs(), this.#clocks.realNs());
			if (libc.sendmmsg(this.socket.fd, this.#out.address(), 1, dontWait) === 1) {
				target.sent.push(sent);
				return sent;
			}
			const fault = libc.errno();
			if (fault === errno.EAGAIN || fault === errno.ENOBUFS || fault === errno.ENOMEM) return null;
			if (tries >= triesMax || fault === errno.EMSGSIZE) return fault;
			this.drainErrors();
		}
	}

	#address({ parts: { bytes, scope } }: TraceTarget): void {
		const { u8, u16, u32, view } = this.#out.memory;
		const { family, protocol } = this.options;
		const name = this.#out.nameAt(0);
		u16[name >> 1] = family === 4 ? 2 : 10;
		// Raw sockets of IPv6 take a port for the protocol.
		view.setUint16(name + 2, this.socket.kind === 'udp' && protocol === 'udp' ? this.#ends.port : 0);
		u8.set(bytes, name + (family === 4 ? 4 : 8));
		if (family === 6) u32[(name + 24) >> 2] = scope;
	}

	#write({ parts: { flow } }: TraceTarget, number: number, length: number): void {
		const { memory } = this.#out;
		const at = this.#out.dataAt(0);
		writePacket(memory, at, this.#ends, flow, number, length);
		const skipped = this.socket.kind === 'udp' ? 8 : 0;
		if (skipped > 0) memory.u8.copyWithin(at, at + skipped, at + length);
		this.#out.setDataLength(0, length - skipped);
	}

	#useTtl(ttl: number): void {
		if (ttl === this.#ttl) return;
		const { family } = this.options;
		setInt(this.socket.fd, family === 4 ? level.ip : level.ipv6, ttlOption[family], ttl);
		this.#ttl = ttl;
	}

	// ---- Receiving ----

	drain(): void {
		this.drainErrors();
		this.#drainAnswers();
	}

	/** Ends a turn. If the clock was set since the last one, what came is not to be trusted, nor what is under way. */
	endTurn(hasClockStepped: boolean): void {
		if (hasClockStepped) {
			for (const sent of this.#fresh) sent.isVoid = true;
			for (const targets of this.#targets.values())
				for (const { sent } of targets) for (const one of sent) if (one.answer === null) one.isVoid = true;
		}
		this.#fresh = [];
	}

	drainErrors(): void {
		for (;;) {
			const count = this.#receive(errorQueue | dontWait);
			for (let i = 0; i < count; i++) this.#takeError(i);
			if (count > 0) this.#in.reset(count);
			if (count < this.#in.count) return;
		}
	}

	#drainAnswers(): void {
		for (let failures = 0; failures < failuresMax; ) {
			const count = this.#receive(dontWait);
			if (count < 0) {
				if (libc.errno() === errno.EAGAIN) return;
				failures++;
				continue;
			}
			for (let i = 0; i < count; i++) this.#takeAnswer(i);
			this.#in.reset(count);
			if (count < this.#in.count) return;
		}
	}

	#receive(flags: number): number {
		return libc.recvmmsg(this.socket.fd, this.#in.address(), this.#in.count, flags, null);
	}

	#takeError(i: number): void {
		const control = readControl(this.#in, i, this.#clocks.baseSeconds, this.#control);
		const length = Math.min(this.#in.received(i), receivedMax);
		const at = this.#in.dataAt(i);
		if (control.origin === origin.timestamp) this.#takeStamp(at, length, control.realNs);
		else if (control.origin === origin.icmp || control.origin === origin.icmpv6)
			this.#takeIcmpError(i, at, length);
	}

	#takeStamp(start: number, length: number, realNs: number): void {
		const { memory } = this.#in;
		const { family, protocol } = this.options;
		for (const offset of ipOffsets) {
			const at = start + offset;
			if (offset + ipHeaderBytes[family] + 8 > length || (memory.u8[at] as number) >> 4 !== family) continue;
			const header = family === 4 ? ((memory.u8[at] as number) & 15) * 4 : 40;
			if (memory.u8[at + (family === 4 ? 9 : 6)] !== protocolNumber[family][protocol]) continue;
			const to = addressText(memory.u8, at + (family === 4 ? 16 : 24), family);
			const sent = this.#sentAt(to, at + header, length - offset - header);
			if (sent === null) continue;
			sent.sentNs = realNs;
			sent.isSendStamped = true;
			return;
		}
	}

	/** The packet that begins here and went to this address, if we have sent it. */
	#sentAt(to: string, at: number, length: number): Sent | null {
		const { memory } = this.#in;
		if (!isFromHere(memory, at, length, this.#ends)) return null;
		for (const target of this.#targets.get(to) ?? []) {
			const sent = target.sent[numberIn(memory, at, length, this.#ends, target.parts.flow)];
			if (sent !== undefined) return sent;
		}
		return null;
	}

	#takeIcmpError(i: number, at: number, length: number): void {
		const { memory } = this.#in;
		const { family } = this.options;
		const { type, code, info, offenderAt, extensionsAt } = this.#control;
		const to = addressText(memory.u8, this.#in.nameAt(i) + (family === 4 ? 4 : 8), family);
		const sent = this.socket.kind === 'udp' ? this.#byPayload(to, at, length) : this.#sentAt(to, at, length);
		const target = this.#targetOf(to, sent);
		if (sent === null || target === null || sent.answer !== null) return;
		const from = offenderAt === 0 ? to : addressText(memory.u8, offenderAt, family);
		const kind = kindOfError(family, { type, code }, from === to);
		if (kind === null) return;
		this.#heard(target, sent, {
			...{ from, kind, error: { type, code } },
			mtu: kind === 'too_long' ? info : null,
			labels: labelsIn(memory.u8, at, length, { family, kind: this.socket.kind, extensionsAt }),
		});
	}

	/** Without a raw socket the ports are not seen: by the payload, or else the last one that was sent. */
	#byPayload(to: string, at: number, length: number): Sent | null {
		const { view } = this.#in.memory;
		for (const target of this.#targets.get(to) ?? []) {
			const number = length >= 12 ? numberInPayload(view, at, target.parts.flow) : -1;
			const sent = target.sent[number] ?? null;
			if (sent !== null) return sent;
		}
		return null;
	}

	#takeAnswer(i: number): void {
		const { memory } = this.#in;
		const { family, protocol } = this.options;
		const start = this.#in.dataAt(i);
		const hasHeader = family === 4 && this.socket.kind === 'raw';
		const header = hasHeader ? ((memory.u8[start] as number) & 15) * 4 : 0;
		const at = start + header;
		const length = Math.min(this.#in.received(i), receivedMax) - header;
		const from = addressText(memory.u8, this.#in.nameAt(i) + (family === 4 ? 4 : 8), family);
		for (const target of this.#targets.get(from) ?? []) {
			const sent = answeredBy(memory, at, length, this.#ends, target);
			if (sent === null || sent.answer !== null) continue;
			readControl(this.#in, i, this.#clocks.baseSeconds, this.#control);
			this.#heard(target, sent, { ...{ from, kind: 'target', error: null }, mtu: null, labels: [] });
			if (protocol === 'udp') return;
		}
	}

	#heard(target: TraceTarget, sent: Sent, answer: TraceAnswer): void {
		const { realNs } = this.#control;
		sent.isReceiveStamped = realNs !== 0;
		sent.receivedNs = realNs !== 0 ? realNs : this.#clocks.realNs();
		this.#fresh.push(sent);
		target.answered(sent, answer);
	}

	#targetOf(to: string, sent: Sent | null): TraceTarget | null {
		if (sent === null) return null;
		return (this.#targets.get(to) ?? []).find((target) => target.sent[sent.number] === sent) ?? null;
	}
}

/** Whence a message of the error queue comes. */
const origin = { icmp: 2, icmpv6: 3, timestamp: 4 } as const;
