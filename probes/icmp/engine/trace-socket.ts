import { packAddress } from '../../shared/ip-address.ts';
import { errno, errnoName, libc, Memory } from './libc.ts';
import {
	attachProgram,
	bindTo,
	bindToDevice,
	domain,
	ipOption,
	ipv6Option,
	level,
	openPingSocket,
	option,
	PingSocketError,
	setBuffers,
	setInt,
	socketDatagram,
	socketFlags,
	socketRaw,
	stampFlags,
	usualBufferBytes,
} from './ping-socket.ts';
import { hashOf, protocolNumber } from './trace-format.ts';
import type { TraceDone, TraceSocketOptions } from './trace-messages.ts';

/** What a socket that traces has. */
export interface TraceSocket {
	readonly fd: number;
	readonly kind: TraceDone['kind'];
	/** The identifier of ICMP, or the port to send from. */
	readonly own: number;
	/** Keeps the port; null where there is none to keep. */
	readonly portFd: number | null;
	readonly receiveBytes: number;
}

const socketStream = 1;
const tosOption = { 4: 1, 6: 67 } as const;
/** Linux 5.9: where the extensions of an ICMP error begin. */
const receiveExtensions = { 4: 26, 6: 31 } as const;
const remedy = 'Give pingmachine CAP_NET_RAW (AmbientCapabilities=CAP_NET_RAW in the systemd unit)';

/** Throws `PingSocketError`, whose message is fit for the user. */
export function openTraceSocket(options: TraceSocketOptions): TraceSocket {
	const socket = options.protocol === 'icmp' ? openEcho(options) : openPorts(options);
	const { fd } = socket;
	const { family, tos } = options;
	const own = family === 4 ? level.ip : level.ipv6;
	setInt(fd, own, receiveExtensions[family], 1);
	if (tos !== undefined) setInt(fd, own, tosOption[family], tos);
	return socket;
}

export function closeTraceSocket({ fd, portFd }: TraceSocket): void {
	libc.close(fd);
	if (portFd !== null && portFd !== fd) libc.close(portFd);
}

function openEcho({ family, source, interface: device }: TraceSocketOptions): TraceSocket {
	const { fd, kind, ident, receiveBytes } = openPingSocket(
		{ family, size: 16, source, interface: device },
		usualBufferBytes,
		1 + (numberFor({ family, protocol: 'icmp', source, interface: device }) % 0xfffe),
	);
	return { fd, kind, own: ident, portFd: null, receiveBytes };
}

/** A raw socket with a port of its own; of udp, where that is not allowed, the socket that has the port. */
function openPorts(options: TraceSocketOptions): TraceSocket {
	const { family, protocol, source } = options;
	const isUdp = protocol === 'udp';
	const portFd = libc.socket(domain[family], (isUdp ? socketDatagram : socketStream) | socketFlags, 0);
	if (portFd < 0) throw refused(options);
	let fd = -1;
	try {
		const own = bindPort(portFd, options);
		fd = libc.socket(domain[family], socketRaw | socketFlags, protocolNumber[family][protocol]);
		const isRaw = fd >= 0;
		if (!isRaw) {
			if (!isUdp) throw refused(options);
			fd = portFd;
		} else {
			filterByPort(fd, family, own);
			bindTo(fd, { family, source }, 'raw');
			setInt(portFd, level.socket, option.receiveBuffer, 0);
		}
		if (options.interface !== undefined) bindToDevice(fd, options.interface);
		const receiveBytes = setBuffers(fd, usualBufferBytes);
		setInt(fd, level.socket, option.timestamping, stampFlags);
		const [at, names] = family === 4 ? [level.ip, ipOption] : [level.ipv6, ipv6Option];
		setInt(fd, at, names.receiveErrors, 1);
		if (!isRaw || family === 6) setInt(fd, at, names.receiveTtl, 1);
		return { fd, kind: isRaw ? 'raw' : 'udp', own, portFd, receiveBytes };
	} catch (error) {
		libc.close(portFd);
		if (fd >= 0 && fd !== portFd) libc.close(fd);
		throw error;
	}
}

/** Always the same for a socket that is alike: load balancers go by it. */
function numberFor({ family, protocol, source = '', interface: device = '' }: TraceSocketOptions): number {
	return hashOf(`${family} ${protocol} ${source} ${device}`);
}

/** Between those of programs that listen and those that the kernel gives. */
const firstPort = 27_000;
const ports = 4000;
const portTriesMax = 16;

/** Binds it to the same port as last time, if that is free. */
function bindPort(fd: number, options: TraceSocketOptions): number {
	const { family, source } = options;
	if (family === 6) setInt(fd, level.ipv6, onlyIPv6, 1);
	for (let tries = 0; tries < portTriesMax; tries++) {
		const port = firstPort + ((numberFor(options) + tries) % ports);
		const bound = tryPort(fd, family, source, port);
		if (bound) return port;
	}
	return bindTo(fd, { family, source }, 'ping');
}

const onlyIPv6 = 26;

function tryPort(fd: number, family: 4 | 6, source: string | undefined, port: number): boolean {
	const name = new Memory(32);
	name.u16[0] = domain[family];
	name.view.setUint16(2, port);
	if (source !== undefined) packAddress(source, name.u8, family === 4 ? 4 : 8);
	return libc.bind(fd, name.u8, sockaddrBytes[family]) === 0;
}

function refused({ family, protocol }: TraceSocketOptions): PingSocketError {
	const number = libc.errno();
	if (number === errno.EAFNOSUPPORT)
		return new PingSocketError(`this machine has no IPv${family}`, 'no_route');
	return new PingSocketError(
		`no right to trace routes with ${protocol} (${errnoName(number)}). ${remedy}, or write protocol: udp, which needs no right`,
	);
}

/** Lets what comes to our port through, and nothing else. */
function filterByPort(fd: number, family: 4 | 6, port: number): void {
	attachProgram(fd, [
		// IPv4 packets come with their IP header, IPv6 packets without.
		family === 4 ? [0xb1, 0, 0, 0] : [0x01, 0, 0, 0],
		[0x48, 0, 0, 2], // port that it is sent to
		[0x15, 0, 1, port],
		[0x06, 0, 0, 0xffff],
		[0x06, 0, 0, 0],
	]);
}

const sockaddrBytes = { 4: 16, 6: 28 } as const;
const mtuDiscover = { 4: ipOption.mtuDiscover, 6: ipv6Option.mtuDiscover } as const;
/** Longer than the path is said to take, and not to be parted. */
const probing = 3;
const usual = { 4: 1, 6: 1 } as const;

/** Whether packets are to find out how long they may be. */
export function setProbing(fd: number, family: 4 | 6, isProbing: boolean): void {
	const at = family === 4 ? level.ip : level.ipv6;
	setInt(fd, at, mtuDiscover[family], isProbing ? probing : usual[family]);
}

/**
 * The address that the kernel sends from to an address, in network order: which the checksums of udp and tcp need.
 * The error number when there is no way.
 */
export function sourceFor(
	{ family, source, interface: device }: TraceSocketOptions,
	address: Uint8Array,
	scope: number,
): Uint8Array | number {
	const length = family === 4 ? 4 : 16;
	const at = family === 4 ? 4 : 8;
	if (source !== undefined) {
		const bytes = new Uint8Array(16);
		packAddress(source, bytes, 0);
		return bytes.subarray(0, length);
	}
	const fd = libc.socket(domain[family], socketDatagram | socketFlags, 0);
	if (fd < 0) return libc.errno();
	try {
		if (device !== undefined) bindToDevice(fd, device);
		const name = new Memory(40);
		name.u16[0] = domain[family];
		name.view.setUint16(2, 9);
		name.u8.set(address.subarray(0, length), at);
		if (family === 6) name.u32[6] = scope;
		if (libc.connect(fd, name.u8, sockaddrBytes[family]) < 0) return libc.errno();
		name.u32[8] = 32;
		libc.getsockname(fd, name.u8, name.u8.subarray(32));
		return name.u8.slice(at, at + length);
	} finally {
		libc.close(fd);
	}
}
