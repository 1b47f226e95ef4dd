import { userInfo } from 'node:os';

/** What orders say that are made from words and lists, where those who make them do not say it. */
export interface OrderDefaults {
	readonly user: string;
	readonly probe: string;
	readonly stepSeconds: number;
	readonly pings: number;
	/** A span of time, or `never`; absent: the daemon says. */
	readonly expires?: string | number;
}

/** @param written what the config says */
export function orderDefaults(written: Partial<OrderDefaults> = {}): OrderDefaults {
	return { user: written.user ?? whoIAm(), probe: 'icmp', stepSeconds: 60, pings: 5, ...written };
}

/** Also in a container whose user has no name. */
function whoIAm(): string {
	try {
		return userInfo().username;
	} catch {
		return String(process.getuid?.() ?? 'unknown');
	}
}
