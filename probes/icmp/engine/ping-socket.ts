import { randomInt } from 'node:crypto';
import type { ReasonCode } from '../../../src/model/outcome.ts';
import { ProbeError } from '../../../src/model/probe.ts';
import { packAddress } from '../../shared/ip-address.ts';
import { errno, errnoName, libc, Memory } from './libc.ts';
import type { SocketOptions } from './messages.ts';

/** A socket that sends and receives echo packets, and what is known of it. */
export interface PingSocket {
	readonly fd: number;
	readonly kind: 'raw' | 'ping';
	/** The identifier of its packets. */
	readonly ident: number;
	/** How much the kernel keeps for us between two readings, in bytes as the kernel counts. */
	readonly receiveBytes: number;
}

/** Why there is no such socket, or it cannot send so: fit for the user, with the remedy. */
export class PingSocketError extends ProbeError {
	override readonly name = 'PingSocketError';

	constructor(message: string, code: ReasonCode = 'refused_here') {
		super(code, message);
	}
}

export const domain = { 4: 2, 6: 10 } as const;
const protocol = { 4: 1, 6: 58 } as const;
export const socketRaw = 3;
export const socketDatagram = 2;
/** Does not wait, is not inherited. */
export const socketFlags = 0o4000 | 0o2000000;

export const level = { socket: 1, ip: 0, ipv6: 41, raw: 255, icmpv6: 58 } as const;
export const option = {
	sendBuffer: 7,
	receiveBuffer: 8,
	bindToDevice: 25,
	attachFilter: 26,
	sendBufferForce: 32,
	receiveBufferForce: 33,
	timestamping: 37,
} as const;
export const ipOption = { mtuDiscover: 10, receiveErrors: 11, receiveTtl: 12 } as const;
export const ipv6Option = { mtuDiscover: 23, receiveErrors: 25, receiveTtl: 51 } as const;
const pathMtu = { never: 0, always: 2 } as const;

/** Software stamps of what is sent and received. With the packets: a count, as OPT_ID has, goes wrong after errors. */
export const stampFlags = (1 << 1) | (1 << 3) | (1 << 4);
/** For 20,000 small packets. More than the system allows to all needs CAP_NET_ADMIN. */
export const usualBufferBytes = 8 << 20;

const remedies =
	'Give pingmachine CAP_NET_RAW (AmbientCapabilities=CAP_NET_RAW in the systemd unit), or allow ping sockets to its group: sysctl net.ipv4.ping_group_range="0 2147483647"';

/**
 * Opens a raw socket or, without the right to, a ping socket. `wanted`: the identifier of the raw one. Throws `PingSocketError`, whose message is fit for the user.
 */
export function openPingSocket(
	options: SocketOptions,
	bufferBytes: number,
	wanted = randomInt(1, 0x10000),
): PingSocket {
	const { fd, kind } = openAny(options.family);
	try {
		const ident = kind === 'raw' ? wanted : null;
		if (ident !== null) setFilter(fd, options.family, ident);
		const receiveBytes = setBuffers(fd, bufferBytes);
		setPath(fd, options);
		setInt(fd, level.socket, option.timestamping, stampFlags);
		const own = options.family === 4 ? ipOption : ipv6Option;
		const ownLevel = options.family === 4 ? level.ip : level.ipv6;
		// Otherwise the kernel is silent when its queues are full.
		setInt(fd, ownLevel, own.receiveErrors, 1);
		// Raw sockets of IPv4 have it in the IP header.
		if (kind === 'ping' || options.family === 6) setInt(fd, ownLevel, own.receiveTtl, 1);
		const bound = bindTo(fd, options, kind);
		return { fd, kind, ident: ident ?? bound, receiveBytes };
	} catch (error) {
		libc.close(fd);
		throw error;
	}
}

function openAny(family: 4 | 6): { fd: number; kind: 'raw' | 'ping' } {
	for (const [kind, type] of [
		['raw', socketRaw],
		['ping', socketDatagram],
	] as const) {
		const fd = libc.socket(domain[family], type | socketFlags, protocol[family]);
		if (fd >= 0) return { fd, kind };
		if (libc.errno() === errno.EAFNOSUPPORT) {
			throw new PingSocketError(`this machine has no IPv${family}`, 'no_route');
		}
	}
	throw new PingSocketError(`no right to send pings (${errnoName(libc.errno())}). ${remedies}`);
}

/** Returns the size of the receive buffer. */
export function setBuffers(fd: number, bytes: number): number {
	if (setInt(fd, level.socket, option.receiveBufferForce, bytes) < 0) {
		setInt(fd, level.socket, option.receiveBuffer, bytes);
	}
	if (setInt(fd, level.socket, option.sendBufferForce, usualBufferBytes) < 0) {
		setInt(fd, level.socket, option.sendBuffer, usualBufferBytes);
	}
	const value = new Memory(8);
	value.u32[1] = 4;
	libc.getsockopt(fd, level.socket, option.receiveBuffer, value.u8, value.u8.subarray(4));
	return value.u32[0] as number;
}

function setPath(fd: number, options: SocketOptions): void {
	const { family, df } = options;
	const own = family === 4 ? ipOption : ipv6Option;
	const ownLevel = family === 4 ? level.ip : level.ipv6;
	if (options.interface !== undefined) bindToDevice(fd, options.interface);
	if (df !== undefined) setInt(fd, ownLevel, own.mtuDiscover, df ? pathMtu.always : pathMtu.never);
}

export function bindToDevice(fd: number, name: string): void {
	const bytes = Buffer.from(`${name}\0`);
	const value = new Memory(bytes.length);
	value.u8.set(bytes);
	if (libc.setsockopt(fd, level.socket, option.bindToDevice, value.u8, bytes.length) >= 0) return;
	const number = libc.errno();
	throw new PingSocketError(
		number === errno.ENODEV
			? `there is no interface ${name}: ip link shows those there are`
			: `cannot use the interface ${name} (${errnoName(number)}): it needs CAP_NET_RAW`,
		number === errno.ENODEV ? 'no_address' : 'refused_here',
	);
}

/** Returns the identifier that the kernel has chosen, which is the port of a ping socket. */
export function bindTo(
	fd: number,
	{ family, source }: Pick<SocketOptions, 'family' | 'source'>,
	kind: 'raw' | 'ping',
): number {
	if (kind === 'raw' && source === undefined) return 0;
	const bytes = family === 4 ? 16 : 28;
	const name = new Memory(40);
	name.u16[0] = domain[family];
	if (source !== undefined) packAddress(source, name.u8, family === 4 ? 4 : 8);
	if (libc.bind(fd, name.u8, bytes) < 0) {
		const number = libc.errno();
		if (source === undefined)
			throw new PingSocketError(`no right to send pings (${errnoName(number)}). ${remedies}`);
		throw new PingSocketError(
			`cannot send from ${source} (${errnoName(number)}). source_ip must be an address of this machine: ip address shows those there are`,
			'no_address',
		);
	}
	name.u32[8] = bytes;
	libc.getsockname(fd, name.u8, name.u8.subarray(32));
	return ((name.u8[2] as number) << 8) | (name.u8[3] as number);
}

export function setInt(fd: number, at: number, which: number, value: number): number {
	const memory = new Memory(4);
	memory.u32[0] = value;
	return libc.setsockopt(fd, at, which, memory.u8, 4);
}

/** Lets echo replies with our identifier through, and nothing else: those of other programs cost us nothing. */
function setFilter(fd: number, family: 4 | 6, ident: number): void {
	const replies = family === 4 ? 0 : 129;
	const byType = new Memory(32);
	byType.u32.fill(0xffff_ffff);
	byType.u32[replies >> 5] = ~(1 << (replies & 31));
	// The first option of either: for IPv4 a mask of 32 types, for IPv6 one of 256.
	const [at, bytes] = family === 4 ? [level.raw, 4] : [level.icmpv6, 32];
	libc.setsockopt(fd, at, 1, byType.u8, bytes);

	const loadHeaderLength = [0xb1, 0, 0, 0] as const;
	const loadZero = [0x01, 0, 0, 0] as const;
	const program = [
		// IPv4 packets come with their IP header, IPv6 packets without.
		family === 4 ? loadHeaderLength : loadZero,
		[0x50, 0, 0, 0], // type
		[0x15, 0, 3, replies],
		[0x48, 0, 0, 4], // identifier
		[0x15, 0, 1, ident],
		[0x06, 0, 0, 0xffff],
		[0x06, 0, 0, 0],
	] as const;
	attachProgram(fd, program);
}

/** Instructions of a packet filter: code, where to go on if so and if not, value. */
export type FilterProgram = readonly (readonly [number, number, number, number])[];

export function attachProgram(fd: number, program: FilterProgram): void {
	const code = new Memory(program.length * 8);
	program.forEach(([instruction, ifTrue, ifFalse, value], i) => {
		code.u16[i * 4] = instruction;
		code.u8[i * 8 + 2] = ifTrue;
		code.u8[i * 8 + 3] = ifFalse;
		code.u32[i * 2 + 1] = value;
	});
	const filter = new Memory(16);
	filter.u16[0] = program.length;
	filter.u64[1] = code.address;
	const result = libc.setsockopt(fd, level.socket, option.attachFilter, filter.u8, 16);
	// The filter points to the code: it must not be collected before.
	code.u8.fill(0);
	if (result < 0) {
		throw new PingSocketError(`the kernel refuses our packet filter (${errnoName(libc.errno())})`);
	}
}

/** Bytes waiting, bytes that may wait, and packets that were dropped since the socket was opened. */
export interface ReceiveState {
	readonly usedBytes: number;
	readonly drops: number;
}

const memoryInfo = 55;
const memory = new Memory(48);

/** Tells of drops also when nothing has come in after them, as the counter that goes with packets does not. */
export function receiveStateOf(fd: number): ReceiveState {
	memory.u32[10] = 36;
	if (libc.getsockopt(fd, level.socket, memoryInfo, memory.at(0), memory.at(40)) < 0)
		return { usedBytes: 0, drops: 0 };
	return { usedBytes: memory.u32[0] as number, drops: memory.u32[8] as number };
}
