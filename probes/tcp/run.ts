import { failureOf } from '../../src/model/probe.ts';
import { type Failure, spreadPings, type TimedTarget } from '../shared/timing/pings.ts';
import type { TimedRun } from '../shared/timing/worker.ts';
import { secureContextOf, type TlsFiles } from '../shared/tls/context.ts';
import { type TcpPlan, type TcpRoom, type TcpServer, tcpPing } from './ping.ts';

/** Where to connect, and what for. Plain data: it goes to another thread. */
export interface TcpRun {
	readonly servers: readonly TcpServer[];
	readonly pings: number;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** Null where no TLS is spoken. */
	readonly tlsFiles: TlsFiles | null;
	readonly plan: TcpPlan;
}

/** Connects to all servers. Never rejects. */
export const run: TimedRun<TcpRun, readonly TimedTarget[] | Failure> = async (
	{ servers, pings, intervalMs, timeoutMs, tlsFiles, plan },
	signal,
	early,
) => {
	try {
		const context = tlsFiles === null ? null : secureContextOf(tlsFiles);
		const room: TcpRoom = { plan, timeoutMs, context };
		const ping = (target: number, _index: number, over: AbortSignal) =>
			tcpPing(servers[target] as TcpServer, room, over);
		return await spreadPings({ targets: servers.length, pings, intervalMs }, ping, signal, early);
	} catch (error) {
		return failureOf(error);
	}
};
