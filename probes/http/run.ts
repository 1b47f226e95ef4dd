import type { SecureContext } from 'node:tls';
import { failureOf } from '../../src/model/probe.ts';
import type { Early } from '../shared/serve-thread.ts';
import { type Family, PingNames } from '../shared/timing/names.ts';
import { type Failure, spreadPings, type TimedTarget } from '../shared/timing/pings.ts';
import type { TimedRun } from '../shared/timing/worker.ts';
import { secureContextOf, type TlsFiles } from '../shared/tls/context.ts';
import type { Expectations } from './expectations.ts';
import { httpPing } from './ping.ts';

/** What to ask for, of which servers, and how. Plain data: it goes to another thread. */
export interface HttpRun {
	readonly sites: readonly Site[];
	readonly pings: number;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	readonly plan: HttpPlan;
}

export interface Site {
	readonly url: string;
	/** Where the server, or the proxy, is by getaddrinfo. Used when the name servers do not know. */
	readonly address: string;
}

/** What is the same for all sites. */
export interface HttpPlan {
	readonly method: string;
	/** Lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | undefined;
	/** The value of `Authorization`; instead of what the URL says. */
	readonly authorization: string | undefined;
	readonly expected: Expectations;
	/** So many are followed. */
	readonly redirects: number;
	readonly proxy: string | undefined;
	readonly tls: {
		readonly files: TlsFiles;
		readonly verify: boolean;
		readonly serverName: string | undefined;
	};
	readonly httpVersion: '1.1' | '2' | undefined;
	readonly family: Family;
	/** The host of the URL is there, whatever name servers say. */
	readonly resolve: string | undefined;
	readonly sourceIp: string | undefined;
	readonly until: 'headers' | 'body';
}

/** What all pings of a run use. */
export interface HttpRoom {
	readonly plan: HttpPlan;
	readonly timeoutMs: number;
	readonly names: PingNames;
	readonly context: SecureContext;
	/** Without our certificate: for servers that we were redirected to. */
	readonly strangerContext: SecureContext;
}

/** Asks all sites. Never rejects. */
export const run: TimedRun<HttpRun, readonly TimedTarget[] | Failure> = async (
	{ sites, pings, intervalMs, timeoutMs, plan },
	signal,
	early: Early,
) => {
	const names = new PingNames();
	try {
		const { ca } = plan.tls.files;
		const room: HttpRoom = {
			plan,
			timeoutMs,
			names,
			context: secureContextOf(plan.tls.files),
			strangerContext: secureContextOf({ ca }),
		};
		const spread = { targets: sites.length, pings, intervalMs };
		const ping = (target: number, _index: number, over: AbortSignal) =>
			httpPing(sites[target] as Site, room, over);
		return await spreadPings(spread, ping, signal, early);
	} catch (error) {
		return failureOf(error);
	} finally {
		names.cancel();
	}
};
