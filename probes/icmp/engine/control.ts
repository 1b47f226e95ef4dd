import type { MessageBatch } from './message-batch.ts';

/** What goes with a received message. */
export interface Control {
	/** The kernel's stamp: nanoseconds of the wall clock since the base; 0 when there is none. */
	realNs: number;
	/** Time to live, or hop limit; 0 when it is not told. */
	ttl: number;
	/** Of an extended error: 0 when there is none. */
	origin: number;
	type: number;
	code: number;
	/** Where the address of who reports the error begins, in bytes; 0 when it is not told. */
	offenderAt: number;
	/** What more it says: the MTU of "packet too long". */
	info: number;
	/** Where the ICMP extensions begin in the data; 0 when the kernel does not say. */
	extensionsAt: number;
}

export function emptyControl(): Control {
	return { realNs: 0, ttl: 0, origin: 0, type: 0, code: 0, offenderAt: 0, info: 0, extensionsAt: 0 };
}

const headerBytes = 16;
const socketLevel = 1;
const stamps = 37;
const ipLevel = 0;
const ipTtl = 2;
const ipError = 11;
const ipv6Level = 41;
const ipv6HopLimit = 52;
const ipv6Error = 25;
/** Of struct sock_extended_err; the offender's sockaddr follows. */
const errorBytes = 16;

/** Reads the control messages of message `i` into `into`. */
export function readControl(batch: MessageBatch, i: number, baseSeconds: number, into: Control): Control {
	const { u32, i32, u8 } = batch.memory;
	into.realNs = 0;
	into.ttl = 0;
	into.origin = 0;
	into.offenderAt = 0;
	const end = batch.controlEnd(i);
	let at = batch.controlStart(i);
	while (at + headerBytes <= end) {
		const length = u32[at >> 2] as number;
		if (length < headerBytes) break;
		const level = i32[(at + 8) >> 2];
		const type = i32[(at + 12) >> 2];
		const data = at + headerBytes;
		if (level === socketLevel && type === stamps) {
			const seconds = u32[data >> 2] as number;
			if (seconds !== 0) into.realNs = (seconds - baseSeconds) * 1e9 + (u32[(data + 8) >> 2] as number);
		} else if ((level === ipLevel && type === ipTtl) || (level === ipv6Level && type === ipv6HopLimit)) {
			into.ttl = u32[data >> 2] as number;
		} else if ((level === ipLevel && type === ipError) || (level === ipv6Level && type === ipv6Error)) {
			into.origin = u8[data + 4] as number;
			into.type = u8[data + 5] as number;
			into.code = u8[data + 6] as number;
			into.info = u32[(data + 8) >> 2] as number;
			into.extensionsAt = (u32[(data + 12) >> 2] as number) & 0xffff;
			const offender = data + errorBytes;
			if ((u8[offender] as number) !== 0) into.offenderAt = offender + (level === ipLevel ? 4 : 8);
		}
		at += (length + 7) & ~7;
	}
	return into;
}
