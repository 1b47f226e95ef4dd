import { errnoName, libc } from './libc.ts';
import type { PacketOptions } from './messages.ts';
import { PingSocketError, setInt } from './ping-socket.ts';

const socketLevel = 1;
const mark = 36;
const own = { 4: { level: 0, tos: 1, ttl: 2 }, 6: { level: 41, tos: 67, ttl: 16 } } as const;
/** Stands for what the kernel does by itself. */
const usual = { tos: 0, ttl: -1, fwmark: 0 } as const;

/**
 * How the packets leave that are sent next by a socket. Thousands of jobs that differ in nothing else share one socket,
 * which is set anew when another job has its turn. Every kernel can do that, with every kind of socket; control messages
 * with each packet do not work on ping sockets of IPv6 before Linux 5.18.
 */
export class PacketSettings {
	readonly #fd: number;
	readonly #family: 4 | 6;
	#tos: number = usual.tos;
	#ttl: number = usual.ttl;
	#fwmark: number = usual.fwmark;

	constructor(fd: number, family: 4 | 6) {
		this.#fd = fd;
		this.#family = family;
	}

	/** Whether packets leave so already. */
	areIn({ tos = usual.tos, ttl = usual.ttl, fwmark = usual.fwmark }: PacketOptions): boolean {
		return tos === this.#tos && ttl === this.#ttl && fwmark === this.#fwmark;
	}

	/** Throws `PingSocketError` when the kernel refuses one of them. */
	use(wanted: PacketOptions): void {
		// Before each lot of packets, and next to never is there anything to do.
		if (this.areIn(wanted)) return;
		const { tos = usual.tos, ttl = usual.ttl, fwmark = usual.fwmark } = wanted;
		const { level, ...options } = own[this.#family];
		if (tos !== this.#tos) {
			if (setInt(this.#fd, level, options.tos, tos) < 0) throw refused(`tos ${tos}`);
			this.#tos = tos;
		}
		if (ttl !== this.#ttl) {
			if (setInt(this.#fd, level, options.ttl, ttl) < 0) throw refused(`ttl ${ttl}`);
			this.#ttl = ttl;
		}
		if (fwmark !== this.#fwmark) {
			if (setInt(this.#fd, socketLevel, mark, fwmark) < 0) throw markRefused();
			this.#fwmark = fwmark;
		}
	}
}

function refused(what: string): PingSocketError {
	return new PingSocketError(`the kernel refuses ${what} (${errnoName(libc.errno())})`);
}

function markRefused(): PingSocketError {
	return new PingSocketError(
		`fwmark could not be set (${errnoName(libc.errno())}). It needs CAP_NET_ADMIN, or since Linux 5.17 CAP_NET_RAW`,
	);
}
