import type { SecureContext } from 'node:tls';
import { failureOf } from '../../src/model/probe.ts';
import { attempt } from '../shared/timing/attempt.ts';
import { type Failure, spreadPings, type TimedTarget } from '../shared/timing/pings.ts';
import type { TimedRun } from '../shared/timing/worker.ts';
import { secureContextOf, type TlsFiles } from '../shared/tls/context.ts';
import type { Expected } from './judge.ts';
import { ask, type DnsRoom, type DnsServer, dnsPing } from './ping.ts';
import type { Question } from './query.ts';

/** What to ask, whom and how. Plain data: it goes to another thread. */
export interface DnsRun {
	/** The names that are asked for. */
	readonly names: readonly string[];
	readonly question: Omit<Question, 'name'>;
	readonly pings: number;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	readonly server: DnsServer;
	/** Null where no TLS is spoken. */
	readonly tlsFiles: TlsFiles | null;
	readonly expected: Expected;
	/** The server whose serial ours must not be behind. */
	readonly reference: DnsServer | null;
}

/** Asks all questions. Never rejects. */
export const run: TimedRun<DnsRun, readonly TimedTarget[] | Failure> = async (
	{ names, question, pings, intervalMs, timeoutMs, server, tlsFiles, expected, reference },
	signal,
	early,
) => {
	try {
		const context = tlsFiles === null ? null : secureContextOf(tlsFiles);
		const serials = reference === null ? null : new Serials(reference, question, timeoutMs, context, signal);
		const room: DnsRoom = {
			...{ server, context, timeoutMs, expected },
			reference: serials === null ? null : (zone) => serials.of(zone),
		};
		const ping = (target: number, _index: number, over: AbortSignal) =>
			dnsPing({ ...question, name: names[target] ?? '' }, room, over);
		return await spreadPings({ targets: names.length, pings, intervalMs }, ping, signal, early);
	} catch (error) {
		return failureOf(error);
	}
};

/** An answer may get lost. */
const tries = 3;

/** The serials of another server: each zone is asked for once a run, before the server that is measured. */
class Serials {
	readonly #asked = new Map<string, Promise<number | Failure | null>>();
	readonly #ask: (zone: string) => Promise<number | Failure | null>;

	constructor(
		server: DnsServer,
		question: Omit<Question, 'name'>,
		timeoutMs: number,
		context: SecureContext | null,
		signal: AbortSignal,
	) {
		this.#ask = async (zone) => {
			let why = 'does not answer';
			for (let left = tries; left > 0 && !signal.aborted; left--) {
				let serial: number | null = null;
				const pinged = await attempt(timeoutMs / tries, signal, async (one) => {
					const got = await ask({ ...question, name: zone }, { server, context }, one);
					if (got !== null && 'answer' in got) {
						serial = got.answer.serial;
						if (serial === null) return { lossReason: `tells no serial (${got.answer.rcode})` };
					}
					return got === null || !('answer' in got) ? got : { endMs: got.endMs };
				});
				if (serial !== null) return serial;
				if (pinged === null) return null;
				if ('failure' in pinged) return pinged;
				why = pinged.lossReason ?? why;
			}
			const where = `${server.address} port ${server.port}`;
			return {
				failure: `dns.serial_of: ${where} has no serial of ${zone} for us: ${why}`,
				code: 'probe_failed',
			};
		};
	}

	of(zone: string): Promise<number | Failure | null> {
		let asked = this.#asked.get(zone);
		if (asked === undefined) {
			asked = this.#ask(zone);
			this.#asked.set(zone, asked);
		}
		return asked;
	}
}
