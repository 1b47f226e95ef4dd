import { libc } from './libc.ts';
import { domain, level, option, setInt, socketDatagram, socketFlags, stampFlags } from './ping-socket.ts';

/**
 * Keeps the kernel stamping what comes in, until the process ends.
 *
 * It stamps while a socket anywhere on the machine wants it to, and begins only some time after it was asked: it has its
 * own code to patch. Sockets of jobs come and go with them, so what answered at once came in without a stamp, and passed
 * for having come when it was read.
 */
export function keepStamping(): void {
	for (const family of [4, 6] as const) {
		const fd = libc.socket(domain[family], socketDatagram | socketFlags, 0);
		if (fd < 0) continue;
		setInt(fd, level.socket, option.timestamping, stampFlags);
		return;
	}
}
