/**
 * Answers echo requests on a TUN device, by rules, in a process of its own: the truth that measurements are held
 * against. Run as a program it is the responder; imported it starts one.
 */
import { type ChildProcessByStdio, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { DueJobs } from '../../probes/icmp/engine/due-jobs.ts';
import {
	addressBytes,
	error,
	flip,
	otherAddress,
	type Request,
	reply,
	requestIn,
	shorten,
} from './icmp-packets.ts';

/** What an address does with the n-th request to it (from 0): the last group of fd77::RULE:x, or the third of 10.77.RULE.x. */
export const rules = {
	answers: 0,
	/** Loses the third request and every third after it. */
	losesThirds: 1,
	duplicates: 2,
	/** Answers every second request, from the first, much later. */
	reorders: 3,
	damagesContent: 4,
	damagesChecksum: 5,
	/** A router answers with an ICMP error. */
	timeExceeded: 6,
	unreachable: 7,
	/** The same, quoting only the 8 bytes that it must. */
	unreachableShort: 8,
	answersFromOther: 9,
	answersLate: 10,
	damagesToken: 11,
	/** Loses 2 % at random. */
	losesSome: 12,
	/** Sends half of what it should. */
	truncates: 13,
} as const;

export const reorderMs = 150;
const lateMs = 600;
/** By address: how many requests came, and how many of them were lost on purpose. */
export type Truth = Readonly<Record<string, { readonly requests: number; readonly lost: number }>>;

export interface Responder<Did = Truth> {
	/** Ends it. Resolves with what it did. */
	stop(): Promise<Did>;
}

/** Starts one in the network namespace of this thread. Needs root. */
export async function startResponder(delayMs: number): Promise<Responder> {
	const self = fileURLToPath(import.meta.url);
	const args = ['--max-semi-space-size=64', self, String(delayMs)];
	const child: ChildProcessWithoutNullStreams = spawn(process.execPath, args);
	child.stderr.pipe(process.stderr);
	return responderIn(child);
}

/** Waits until the program is ready. It says so on a line, and what it did, as JSON, when its input ends. */
export async function responderIn<Did>(
	child: ChildProcessByStdio<Writable, Readable, Readable | null>,
): Promise<Responder<Did>> {
	let said = '';
	child.stdout.on('data', (text) => {
		said += text;
	});
	const ended = once(child, 'close');
	ended.then(() => {});
	await Promise.race([once(child.stdout, 'data'), ended]);
	if (!said.startsWith('ready\n'))
		throw new Error('the responder could not be started: it needs root and /dev/net/tun');
	return {
		async stop() {
			child.stdin.end();
			await ended;
			return JSON.parse(said.slice('ready\n'.length)) as Did;
		},
	};
}

export const device = 'pmtun0';

interface Pending {
	readonly dueMs: number;
	readonly packet: Uint8Array;
}

const libc = koffi.load(null);
const ioctl = libc.func('int ioctl(int, ulong, void *)');
const read = libc.func('int64_t read(int, void *, size_t)');
const write = libc.func('int64_t write(int, void *, size_t)');
const ppoll = libc.func('int ppoll(void *, ulong, void *, void *)');

const setInterface = 0x400454ca;
const tunWithoutInfo = 0x1001;

function openTun(): number {
	const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
	const request = Buffer.alloc(40);
	request.write(device);
	request.writeUInt16LE(tunWithoutInfo, 16);
	if (ioctl(fd, setInterface, request) < 0) throw new Error('TUNSETIFF is refused');
	return fd;
}

function respond(delayMs: number): void {
	const fd = openTun();
	process.stdout.write('ready\n');
	const pending = new DueJobs<Pending>(({ dueMs }) => dueMs);
	const counts = new Map<string, { requests: number; lost: number }>();
	const packet = Buffer.alloc(65536);
	const polled = Buffer.alloc(16);
	polled.writeInt32LE(fd, 0);
	polled.writeInt16LE(1, 4);
	polled.writeInt32LE(0, 8);
	polled.writeInt16LE(1, 12);
	const pause = Buffer.alloc(16);
	const later = (afterMs: number, answer: Uint8Array | null) => {
		if (answer !== null) pending.add({ dueMs: performance.now() + afterMs, packet: answer });
	};
	for (;;) {
		for (
			let next = pending.first();
			next !== null && next.dueMs <= performance.now();
			next = pending.first()
		) {
			pending.removeFirst();
			write(fd, next.packet, next.packet.length);
		}
		for (let taken = 0; taken < 64; taken++) {
			const length = Number(read(fd, packet, packet.length));
			if (length <= 0) break;
			const request = requestIn(packet.subarray(0, length));
			if (request !== null) answer(request, delayMs, counts, later);
		}
		const dueMs = pending.first()?.dueMs ?? Number.POSITIVE_INFINITY;
		const pauseNs = Math.max(0, Math.min(dueMs - performance.now(), 1000)) * 1e6;
		pause.writeBigInt64LE(BigInt(Math.floor(pauseNs / 1e9)), 0);
		pause.writeBigInt64LE(BigInt(Math.floor(pauseNs % 1e9)), 8);
		polled.writeInt16LE(0, 6);
		polled.writeInt16LE(0, 14);
		ppoll(polled, 2, pause, null);
		if (polled.readInt16LE(14) !== 0) break;
	}
	process.stdout.write(JSON.stringify(Object.fromEntries(counts)));
}

function answer(
	request: Request,
	delayMs: number,
	counts: Map<string, { requests: number; lost: number }>,
	later: (afterMs: number, packet: Uint8Array | null) => void,
): void {
	const { target, rule } = request;
	const key =
		request.family === 4
			? target.join('.')
			: `fd77::${rule.toString(16)}:${target.readUInt16BE(14).toString(16)}`;
	const count = counts.get(key) ?? { requests: 0, lost: 0 };
	counts.set(key, count);
	const n = count.requests++;
	const loses =
		(rule === rules.losesThirds && n % 3 === 2) || (rule === rules.losesSome && Math.random() < 0.02);
	if (loses) {
		count.lost++;
		return;
	}
	const afterMs =
		delayMs + (rule === rules.reorders && n % 2 === 0 ? reorderMs : rule === rules.answersLate ? lateMs : 0);
	const last = request.packet.length - 1;
	if (rule === rules.timeExceeded) later(afterMs, error(request, { 4: [11, 0], 6: [3, 0] }));
	else if (rule === rules.unreachable) later(afterMs, error(request, { 4: [3, 1], 6: [1, 3] }));
	else if (rule === rules.unreachableShort) later(afterMs, error(request, { 4: [3, 1], 6: [1, 3] }, 8));
	else if (rule === rules.damagesContent)
		later(
			afterMs,
			reply(request, (packet) => flip(packet, last)),
		);
	else if (rule === rules.damagesToken)
		later(
			afterMs,
			reply(request, (packet) => flip(packet, request.at + 8)),
		);
	else if (rule === rules.damagesChecksum) later(afterMs, flip(reply(request), request.at + 2));
	else if (rule === rules.truncates)
		later(
			afterMs,
			reply(request, (packet) => shorten(packet, request)),
		);
	else if (rule === rules.answersFromOther)
		later(afterMs, reply(request, undefined, addressBytes(otherAddress[request.family])));
	else later(afterMs, reply(request));
	if (rule === rules.duplicates) later(afterMs + 1, reply(request));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) respond(Number(process.argv[2]));
