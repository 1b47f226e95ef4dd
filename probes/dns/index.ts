import { Resolver } from 'node:dns';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { FactDeclaration } from '../../src/model/facts.ts';
import { once } from '../../src/model/once.ts';
import type {
	FoundAddress,
	Job,
	Probe,
	ProbeResults,
	ProbeTools,
	TargetResult,
} from '../../src/model/probe.ts';
import { lookUpMs } from '../shared/look-up.ts';
import { addressesOfHosts } from '../shared/timing/hosts.ts';
import { needMs, type Pace, paceOf } from '../shared/timing/pace.ts';
import type { Failure, TimedTarget } from '../shared/timing/pings.ts';
import { delayedFact, resultOf } from '../shared/timing/results.ts';
import { closeTimingThread, runInTimingThread } from '../shared/timing/thread.ts';
import { readTlsFiles, secretFoldersByDefault } from '../shared/tls/context.ts';
import { tlsFacts } from '../shared/tls/facts.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { checkDns, type DnsOptions, dnsOptions, splitPort } from './options.ts';
import type { DnsServer } from './ping.ts';
import type { DnsRun } from './run.ts';

interface DnsSettings {
	/** Where files with secrets are that orders may name. */
	readonly secret_folders?: readonly string[] | undefined;
}

const facts: readonly FactDeclaration[] = [
	{ name: 'rcode', kind: 'text', help: 'response code', per: 'ping' },
	{ name: 'answer', kind: 'text', help: 'the records that were asked for, sorted', per: 'measurement' },
	{ name: 'query_type', kind: 'text', help: 'type of the records that were asked for', per: 'measurement' },
	{ name: 'ttl', kind: 'seconds', help: 'least time to live of the records', per: 'ping' },
	{ name: 'serial', kind: 'gauge', help: 'serial of the zone, of a SOA record', per: 'ping' },
	{ name: 'flags', kind: 'text', help: 'flags of the last answer, as dig writes them', per: 'measurement' },
	{ name: 'size', kind: 'gauge', unit: 'bytes', help: 'length of the answer', per: 'ping' },
	{ name: 'truncated', kind: 'flag', help: 'whether the answer was cut (TC flag)', per: 'ping' },
	{ name: 'nsid', kind: 'text', help: 'which server of several it was, as it says', per: 'measurement' },
	{ name: 'connect', kind: 'seconds', help: 'time to connect, by TCP', per: 'ping' },
	{ name: 'tls', kind: 'seconds', help: 'time of the TLS handshake', per: 'ping' },
	{ name: 'request', kind: 'seconds', help: 'time from the question to its answer', per: 'ping' },
	{
		name: 'ignored',
		kind: 'count',
		help: 'messages that were no answer to the question: another id, another question, malformed',
		per: 'ping',
	},
	...tlsFacts,
	delayedFact,
];

const usualTimeoutMs = 5000;
const usualEdnsSize = 1232;
const usualPorts = { udp: 53, tcp: 53, tls: 853, https: 443 } as const;

const targetsMax = 1000;
/** Results are taken apart in the main thread. */
const pingsMax = 20_000;

const settingsSchema = once(() =>
	z.strictObject({ secret_folders: z.array(z.string().startsWith('/')).optional() }),
);

/** Questions to name servers, timed in the thread for all probes that time in JavaScript: a new socket for each. */
export const dns: Probe<DnsOptions, DnsSettings> = {
	name: 'dns',
	get options() {
		return dnsOptions();
	},
	target: 'name',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	// Jobs share a thread.
	lanes: 1000,
	facts,
	batchMax: ({ pings }) => Math.max(1, Math.min(targetsMax, Math.floor(pingsMax / pings))),
	needMs: (_targets, timing) => needMs(timing, usualTimeoutMs),
	check: checkDns,
	measure,
	close: closeTimingThread,
};

async function measure(job: Job<DnsOptions>, tools: ProbeTools<DnsSettings>): Promise<ProbeResults> {
	const { options, targets: names, pings } = job;
	const startedMs = tools.clock.monotonicMs();
	const { transport, interval: intervalMs, timeout: timeoutMs = usualTimeoutMs } = options;
	const found = await serversOf(job, tools);
	if ('failure' in found) return new Map(names.map((name) => [name, found] as const));
	const { server, reference } = found;
	const isTls = transport === 'tls' || transport === 'https';
	const folders = tools.settings.secret_folders ?? secretFoldersByDefault;
	const tlsFiles = isTls ? await readTlsFiles(options, folders) : null;
	// The wait for the name of the server, where that is one.
	const spentMs = tools.clock.monotonicMs() - startedMs;
	const windowMs = spentMs > job.windowMs / 100 ? job.windowMs - spentMs : job.windowMs;
	const pace = paceOf({ windowMs, pings, intervalMs, timeoutMs });
	const run: DnsRun = {
		...{ names, pings, ...pace, server, reference, tlsFiles },
		question: questionOf(options),
		expected: expectedOf(options),
	};
	tools.note(noteOf(server, pace, job));
	const watching = watchingHosts(names, new Map(names.map((name) => [name, name])), tools.early);
	const outcomes = await runInTimingThread<DnsRun, readonly TimedTarget[] | Failure>(
		new URL('./run.js', import.meta.url),
		run,
		tools.signal,
		watching,
	);
	if ('failure' in outcomes) return new Map(names.map((name) => [name, outcomes] as const));
	const results = new Map<string, TargetResult>();
	for (const [at, outcome] of outcomes.entries())
		results.set(names[at] ?? '', resultOf(outcome, facts, 'dns'));
	return results;
}

function questionOf(options: DnsOptions): DnsRun['question'] {
	return {
		type: options.type,
		class: options.class,
		ednsSize: options.edns_size ?? usualEdnsSize,
		dnssecOk: options.do ?? false,
		checkingDisabled: options.cd ?? false,
		recursionDesired: options.rd ?? true,
		authenticData: options.ad ?? false,
		nsid: options.nsid ?? false,
		clientSubnet: options.client_subnet ?? null,
	};
}

function expectedOf(options: DnsOptions): DnsRun['expected'] {
	return {
		rcode: options.rcode,
		answer: options.answer ?? null,
		answerHas: options.answer_has ?? null,
		answerMatch: options.answer_match ?? null,
		ttlMin: options.ttl_min ?? null,
		serialMin: options.serial_min ?? null,
		authenticData: options.ad ?? false,
	};
}

/** Where the server is that is measured, and the one that it is compared with. */
async function serversOf(
	{ options, windowMs }: Job<DnsOptions>,
	tools: Pick<ProbeTools, 'resolve'>,
): Promise<{ readonly server: DnsServer; readonly reference: DnsServer | null } | Failure> {
	const { transport, family, source_ip: sourceIp } = options;
	const own = options.server === undefined ? systemServer() : { host: options.server, port: null };
	const other = options.serial_of === undefined ? null : splitPort(options.serial_of);
	const hosts = [...new Set([own.host, ...(other === null ? [] : [other.host])])];
	const addresses = await addressesOfHosts(hosts, { family, sourceIp }, lookUpMs(windowMs), tools);
	const silent: Failure = { failure: `no address: ${own.host}`, code: 'name_silent' };
	const at = (host: string): FoundAddress | Failure => addresses.get(host) ?? silent;
	const [ours, theirs] = [at(own.host), other === null ? null : at(other.host)];
	if ('failure' in ours) return ours;
	if (theirs !== null && 'failure' in theirs) return theirs;
	const server: DnsServer = {
		...{ address: ours.address, sourceIp, transport, path: options.path ?? '/dns-query' },
		port: options.port ?? Number(own.port ?? usualPorts[transport]),
		serverName: options.tls_server_name ?? own.host,
		verify: options.tls_verify ?? true,
	};
	if (theirs === null || other === null) return { server, reference: null };
	// By UDP, whatever the other speaks: so every server does.
	const isPlain = transport === 'udp' || transport === 'tcp';
	const port = other.port === null ? (isPlain ? server.port : 53) : Number(other.port);
	const plain = isPlain ? transport : 'udp';
	return { server, reference: { ...server, address: theirs.address, port, transport: plain } };
}

/** The first of resolv.conf, as it is now. */
function systemServer(): { readonly host: string; readonly port: string | null } {
	const [first = '127.0.0.1'] = new Resolver().getServers();
	return isIP(first) === 0 ? splitPort(first) : { host: first, port: null };
}

function noteOf(
	{ transport, address, port }: DnsServer,
	{ intervalMs, timeoutMs }: Pace,
	{ pings, targets, options }: Job<DnsOptions>,
): string {
	return (
		`asks ${address} port ${port} by ${transport} for ${options.type} in the timing thread: ${pings} ` +
		`${pings === 1 ? 'question' : 'questions'} for each of ${targets.length} ${targets.length === 1 ? 'name' : 'names'}, ` +
		`every ${Math.round(intervalMs)} ms, timeout ${Math.round(timeoutMs)} ms`
	);
}
