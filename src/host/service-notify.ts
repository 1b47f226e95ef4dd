import { execFile } from 'node:child_process';
import type { Log } from '../model/log.ts';

/** Tells the service manager how the daemon is. Does nothing when there is no service manager. */
export interface ServiceNotify {
	ready(status: string): void;
	reloading(): void;
	stopping(): void;
	/** The daemon is alive and gets its work done. */
	alive(status: string): void;
	/** How often the service manager wants to hear `alive`, milliseconds; null when it does not. */
	readonly watchdogMs: number | null;
}

/** Speaks sd_notify to systemd through `systemd-notify`: Node has no datagram sockets of the unix kind. */
export function serviceNotify(environment: NodeJS.ProcessEnv, log: Log): ServiceNotify {
	if (environment['NOTIFY_SOCKET'] === undefined) {
		const nothing = () => {};
		return { ready: nothing, reloading: nothing, stopping: nothing, alive: nothing, watchdogMs: null };
	}
	// One after the other: two processes at a time could arrive in the wrong order.
	let sending = Promise.resolve();
	let waiting = 0;
	const send = (...fields: string[]) => {
		waiting++;
		sending = sending.then(() => systemdNotify(fields, log)).finally(() => waiting--);
	};
	return {
		ready: (status) => send('READY=1', `STATUS=${status}`),
		reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
		stopping: () => send('STOPPING=1', 'STATUS=stopping'),
		// Signs of life must not pile up behind a service manager that is slow to take them.
		alive: (status) => {
			if (waiting === 0) send('WATCHDOG=1', `STATUS=${status}`);
		},
		watchdogMs: watchdogMs(environment),
	};
}

function systemdNotify(fields: readonly string[], log: Log): Promise<void> {
	return new Promise((resolve) => {
		execFile('systemd-notify', fields, { timeout: 3000 }, (error) => {
			if (error !== null) log.warn(`systemd-notify ${fields.join(' ')}: ${error.message.trim()}`);
			resolve();
		});
	});
}

/** systemd says in microseconds how long a silence kills the daemon; WATCHDOG_PID says whom it means. */
function watchdogMs(environment: NodeJS.ProcessEnv): number | null {
	const pid = environment['WATCHDOG_PID'];
	const usec = Number(environment['WATCHDOG_USEC']);
	if (!(usec > 0) || (pid !== undefined && Number(pid) !== process.pid)) return null;
	return usec / 1000;
}
