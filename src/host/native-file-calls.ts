import { constants } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as osConstants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { type FileCalls, type FileState, nodeFileCalls } from './file-calls.ts';

/**
 * The calls of the C library itself, for a fraction of the cost of Node's: a file in a folder that is held open is named
 * by the folder's number, without the way through /proc. What fails is done again by Node, which has the words for it.
 *
 * Null where the C library lacks one of the calls, or no native code may be loaded. openat2(2) is the youngest of those of
 * the kernel, and may be kept from us by a filter: then folders are opened by Node, and all the rest is as quick.
 */
export function loadNativeFileCalls(): FileCalls | null {
	// Where offsets in files are 64 bits wide, and the lowest byte comes first.
	if (!['x64', 'arm64', 'riscv64'].includes(process.arch)) return null;
	try {
		const koffi = createRequire(import.meta.url)('koffi') as Koffi;
		return new NativeFileCalls(koffi);
	} catch {
		return null;
	}
}

let inUse: FileCalls | null = null;

/** Those of Node, until the native ones have been asked for: to load them takes 10 ms, too much for who reads a file or two. */
export function fileCalls(): FileCalls {
	return inUse ?? nodeFileCalls;
}

/** The native ones where there are some, else those of Node; from now on for all in this thread. */
export function quickestFileCalls(): FileCalls {
	inUse ??= loadNativeFileCalls() ?? nodeFileCalls;
	return inUse;
}

/** Addresses are passed as numbers: that costs least. */
type Address = number;

interface Libc {
	openat(folder: number, name: Address, flags: number): number;
	syscall(number: number, folder: number, path: Address, how: Address, howBytes: number): number;
	close(fd: number): number;
	pread(fd: number, bytes: Address, length: number, position: number): number;
	pwrite(fd: number, bytes: Address, length: number, position: number): number;
	statx(folder: number, name: Address, flags: number, mask: number, into: Address): number;
	renameat2(folder: number, name: Address, otherFolder: number, other: Address, flags: number): number;
}

type Koffi = typeof import('koffi');

function loadLibc(koffi: Koffi): Libc {
	const own = koffi.load(null);
	return {
		openat: own.func('int openat(int, uintptr_t, int)'),
		syscall: own.func('long syscall(long, long, uintptr_t, uintptr_t, size_t)'),
		close: own.func('int close(int)'),
		pread: own.func('int64_t pread(int, uintptr_t, size_t, int64_t)'),
		pwrite: own.func('int64_t pwrite(int, uintptr_t, size_t, int64_t)'),
		statx: own.func('int statx(int, uintptr_t, int, uint, uintptr_t)'),
		renameat2: own.func('int renameat2(int, uintptr_t, int, uintptr_t, uint)'),
	};
}

/** The same on all architectures, as all system calls that are as young. */
const openat2Number = 437;
const noSymlinks = 0x04;
const closeOnExec = 0o2000000;
const currentDirectory = -100;
const emptyPath = 0x1000;
const symlinkNoFollow = 0x100;
const exchangeFlag = 2;
/** Type, mode, links, time of change, size. */
const wantedState = 0x01 | 0x02 | 0x04 | 0x80 | 0x200;

/** Where things are in `struct statx`, the same on all architectures. Bytes. */
const stateAt = { links: 16, mode: 28, bytes: 40, changedSeconds: 96, changedNanos: 104 } as const;

const heldFolders = '/proc/self/fd/';
const slash = 0x2f;
const roomForPath = 4096;
const howBytes = 24;
/** Where things are in the memory that C sees. Bytes. */
const memoryAt = {
	path: 0,
	otherPath: roomForPath,
	/** How a folder is to be opened. */
	how: 2 * roomForPath,
	state: 2 * roomForPath + howBytes,
	end: 2 * roomForPath + howBytes + 256,
} as const;

/** Where a file is: the number of its folder, and the address of its name. */
interface Place {
	folder: number;
	name: Address;
	/** Which holds the name. */
	readonly memory: Uint8Array;
}

const placesMost = 256;

class NativeFileCalls implements FileCalls {
	readonly #koffi: Koffi;
	readonly #libc: Libc;
	/** What the C library reads and writes, but for the bytes of files. */
	readonly #memory = new Uint8Array(new ArrayBuffer(memoryAt.end));
	readonly #address: Address;
	readonly #view = new DataView(this.#memory.buffer);
	readonly #state = { isFile: false, links: 0, bytes: 0, changedMs: 0 };
	/** Memory that is used again and again: where it is. */
	readonly #addresses = new WeakMap<ArrayBufferLike, Address>();
	/** By path, of files in folders that are held open: there are few, which are asked for again and again. */
	#places = new Map<string, Place>();
	/** Those before them: one of these may be in use. */
	#formerPlaces = this.#places;
	/** What is no such path has its turn here, and a second one there. */
	readonly #turn: Place = { folder: 0, name: 0, memory: this.#memory };
	readonly #otherTurn: Place = { folder: 0, name: 0, memory: this.#memory };

	constructor(koffi: Koffi) {
		this.#koffi = koffi;
		this.#libc = loadLibc(koffi);
		this.#address = this.#addressOf(this.#memory);
		const { O_RDONLY, O_DIRECTORY, O_NONBLOCK } = constants;
		const flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | closeOnExec;
		new BigUint64Array(this.#memory.buffer, memoryAt.how, 3).set([BigInt(flags), 0n, BigInt(noSymlinks)]);
	}

	openFolder(path: string): number | 'none' | null {
		if (!this.#put(path, 0, memoryAt.path)) return null;
		const how = this.#address + memoryAt.how;
		const fd = this.#libc.syscall(openat2Number, currentDirectory, this.#address, how, howBytes);
		if (fd >= 0) return fd;
		return this.#koffi.errno() === osConstants.errno.ENOENT ? 'none' : null;
	}

	open(path: string, flags: number): number {
		const place = this.#place(path, this.#turn);
		const fd = place === null ? -1 : this.#libc.openat(place.folder, place.name, flags | closeOnExec);
		return fd < 0 ? nodeFileCalls.open(path, flags) : fd;
	}

	close(fd: number): void {
		// Not again: the number is free by now, and may be that of another file.
		if (this.#libc.close(fd) === 0) return;
		const code = getSystemErrorName(-this.#koffi.errno());
		// A signal came in between. It is closed.
		if (code === 'EINTR') return;
		throw Object.assign(new Error(`${code}: close`), { code, syscall: 'close' });
	}

	read(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number {
		const isWithin = from + length <= bytes.length;
		const read = isWithin ? this.#libc.pread(fd, this.#addressOf(bytes) + from, length, position) : -1;
		return read < 0 ? nodeFileCalls.read(fd, bytes, from, length, position) : read;
	}

	write(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number {
		const isWithin = from + length <= bytes.length;
		const written = isWithin ? this.#libc.pwrite(fd, this.#addressOf(bytes) + from, length, position) : -1;
		return written < 0 ? nodeFileCalls.write(fd, bytes, from, length, position) : written;
	}

	stateOf(fd: number): FileState {
		this.#memory[memoryAt.path] = 0;
		const isKnown = this.#look(fd, this.#address + memoryAt.path, emptyPath);
		return isKnown ? this.#state : nodeFileCalls.stateOf(fd);
	}

	stateAt(path: string): FileState | null {
		const place = this.#place(path, this.#turn);
		const isKnown = place !== null && this.#look(place.folder, place.name, symlinkNoFollow);
		return isKnown ? this.#state : nodeFileCalls.stateAt(path);
	}

	exchange(one: string, other: string): boolean {
		const from = this.#place(one, this.#turn);
		const to = this.#place(other, this.#otherTurn);
		if (from === null || to === null) return false;
		return this.#libc.renameat2(from.folder, from.name, to.folder, to.name, exchangeFlag) === 0;
	}

	#look(folder: number, name: Address, flags: number): boolean {
		const at = memoryAt.state;
		if (this.#libc.statx(folder, name, flags, wantedState, this.#address + at) !== 0) return false;
		const view = this.#view;
		const state = this.#state;
		state.isFile = (view.getUint16(at + stateAt.mode, true) & constants.S_IFMT) === constants.S_IFREG;
		state.links = view.getUint32(at + stateAt.links, true);
		state.bytes = numberAt(view, at + stateAt.bytes);
		state.changedMs =
			numberAt(view, at + stateAt.changedSeconds) * 1000 +
			view.getUint32(at + stateAt.changedNanos, true) / 1e6;
		return true;
	}

	/** Where a file is, for C. Null: only Node can say. */
	#place(path: string, turn: Place): Place | null {
		const known = this.#places.get(path) ?? this.#formerPlaces.get(path);
		if (known !== undefined) return known;
		const at = turn === this.#turn ? memoryAt.path : memoryAt.otherPath;
		const isHeld = path.startsWith(heldFolders);
		const nameFrom = isHeld ? endOfNumber(path) + 1 : 0;
		const folder = isHeld ? heldNumber(path, nameFrom - 1) : currentDirectory;
		if (folder === null) return null;
		if (!this.#put(path, nameFrom, at)) return null;
		turn.folder = folder;
		turn.name = this.#address + at;
		return isHeld ? this.#keep(path, turn, at) : turn;
	}

	/** Keeps the place of a file, the name of which has been put there. */
	#keep(path: string, { folder }: Place, at: number): Place {
		let end = at;
		while (this.#memory[end] !== 0) end++;
		const bytes = this.#memory.subarray(at, end + 1);
		// Not one that V8 may move.
		const memory = new Uint8Array(new ArrayBuffer(bytes.length));
		memory.set(bytes);
		const place = { folder, name: this.#addressOf(memory), memory };
		if (this.#places.size === placesMost) {
			this.#formerPlaces = this.#places;
			this.#places = new Map();
		}
		this.#places.set(path, place);
		return place;
	}

	#put(path: string, from: number, at: number): boolean {
		const memory = this.#memory;
		let to = at;
		if (path.length - from >= roomForPath) return false;
		for (let index = from; index < path.length; index++) {
			const code = path.charCodeAt(index);
			if (code === 0) return false;
			if (code > 0x7f) return this.#putWide(path.slice(from), at);
			memory[to++] = code;
		}
		memory[to] = 0;
		return to > at;
	}

	#putWide(path: string, at: number): boolean {
		const bytes = Buffer.from(path);
		if (bytes.length >= roomForPath || bytes.includes(0)) return false;
		this.#memory.set(bytes, at);
		this.#memory[at + bytes.length] = 0;
		return true;
	}

	#addressOf(bytes: Uint8Array): Address {
		const { buffer } = bytes;
		let address = this.#addresses.get(buffer);
		if (address === undefined) {
			address = Number(this.#koffi.address(new Uint8Array(buffer)));
			this.#addresses.set(buffer, address);
		}
		return address + bytes.byteOffset;
	}
}

/** Where the number of a held folder ends in a path. */
function endOfNumber(path: string): number {
	let index = heldFolders.length;
	while (index < path.length && path.charCodeAt(index) !== slash) index++;
	return index;
}

/** The number of a held folder, which ends there in a path; null: there is none. */
function heldNumber(path: string, end: number): number | null {
	let number = 0;
	for (let index = heldFolders.length; index < end; index++) {
		const digit = path.charCodeAt(index) - 0x30;
		if (!(digit >= 0 && digit <= 9)) return null;
		number = number * 10 + digit;
	}
	return end > heldFolders.length ? number : null;
}

function numberAt(view: DataView, at: number): number {
	return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
