import { endianness } from 'node:os';
import koffi from 'koffi';

/** A place in memory, as C sees it. What it points to must be held by somebody until the call is over. */
export type Address = bigint;
/** The same, held for the time of a call. */
type Held = Address | Uint8Array;

/** What the engine needs of the C library. Each returns -1 on failure; `errno` then says why. */
interface Libc {
	socket(domain: number, type: number, protocol: number): number;
	close(fd: number): number;
	bind(fd: number, name: Held, nameBytes: number): number;
	connect(fd: number, name: Held, nameBytes: number): number;
	getsockname(fd: number, name: Held, nameBytes: Held): number;
	setsockopt(fd: number, level: number, option: number, value: Held, valueBytes: number): number;
	getsockopt(fd: number, level: number, option: number, value: Held, valueBytes: Held): number;
	sendmmsg(fd: number, messages: Address, count: number, flags: number): number;
	recvmmsg(fd: number, messages: Address, count: number, flags: number, timeout: null): number;
	clock_gettime(clock: number, time: Held): number;
	prctl(option: number, ...values: [number, number, number, number]): number;
	if_nametoindex(name: string): number;
	errno(): number;
}

/** Those of the process itself: glibc's or musl's, whatever their files are called. */
function loadLibc(): Libc {
	const wide = ['x64', 'arm64', 'riscv64'];
	if (!wide.includes(process.arch) || endianness() !== 'LE') {
		throw new Error(`the icmp engine knows x64 and arm64, not ${process.arch}. Use probe: fping`);
	}
	const own = koffi.load(null);
	return {
		socket: own.func('int socket(int, int, int)'),
		close: own.func('int close(int)'),
		bind: own.func('int bind(int, void *, uint)'),
		connect: own.func('int connect(int, void *, uint)'),
		getsockname: own.func('int getsockname(int, void *, void *)'),
		setsockopt: own.func('int setsockopt(int, int, int, void *, uint)'),
		getsockopt: own.func('int getsockopt(int, int, int, void *, void *)'),
		sendmmsg: own.func('int sendmmsg(int, void *, uint, int)'),
		recvmmsg: own.func('int recvmmsg(int, void *, uint, int, void *)'),
		clock_gettime: own.func('int clock_gettime(int, void *)'),
		prctl: own.func('int prctl(int, ulong, ulong, ulong, ulong)'),
		if_nametoindex: own.func('uint if_nametoindex(const char *)'),
		errno: () => koffi.errno(),
	};
}

export const libc: Libc = loadLibc();

/** Memory that stays where it is, for C to read and write. Little-endian like the machines that we run on. */
export class Memory {
	readonly u8: Uint8Array;
	readonly u16: Uint16Array;
	readonly u32: Uint32Array;
	readonly i32: Int32Array;
	readonly u64: BigUint64Array;
	/** For what is not aligned. */
	readonly view: DataView;
	readonly address: Address;

	/** @param bytes how many; rounded up to a multiple of 8 */
	constructor(bytes: number) {
		const buffer = new ArrayBuffer((bytes + 7) & ~7);
		this.u8 = new Uint8Array(buffer);
		this.u16 = new Uint16Array(buffer);
		this.u32 = new Uint32Array(buffer);
		this.i32 = new Int32Array(buffer);
		this.u64 = new BigUint64Array(buffer);
		this.view = new DataView(buffer);
		this.address = koffi.address(this.u8);
	}

	/** Where the byte with this index is. */
	at(byte: number): Address {
		return this.address + BigInt(byte);
	}
}

/** Numbers of the kernel's errors, equal on x64 and arm64. */
export const errno = {
	EPERM: 1,
	EAGAIN: 11,
	ENOMEM: 12,
	EACCES: 13,
	ENODEV: 19,
	EINVAL: 22,
	EMSGSIZE: 90,
	EAFNOSUPPORT: 97,
	EADDRNOTAVAIL: 99,
	ENETDOWN: 100,
	ENETUNREACH: 101,
	ENOBUFS: 105,
	EHOSTUNREACH: 113,
} as const;

/** `EPERM`, or the number where we have no name for it. */
export function errnoName(number: number): string {
	return Object.entries(errno).find(([, known]) => known === number)?.[0] ?? `error ${number}`;
}
