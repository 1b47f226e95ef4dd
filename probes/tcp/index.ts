import { z } from 'zod';
import type { FactDeclaration } from '../../src/model/facts.ts';
import { once } from '../../src/model/once.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { lookUpMs, restOfWindow } from '../shared/look-up.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { addressesOfHosts } from '../shared/timing/hosts.ts';
import { needMs, type Pace, paceOf } from '../shared/timing/pace.ts';
import type { Failure, TimedTarget } from '../shared/timing/pings.ts';
import { delayedFact, resultOf } from '../shared/timing/results.ts';
import { closeTimingThread, runInTimingThread } from '../shared/timing/thread.ts';
import { readTlsFiles, secretFoldersByDefault } from '../shared/tls/context.ts';
import { tlsFacts } from '../shared/tls/facts.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { checkTcp, type TcpOptions, tcpOptions } from './options.ts';
import type { TcpServer } from './ping.ts';
import type { TcpRun } from './run.ts';

interface TcpSettings {
	/** Where files with secrets are that orders may name. */
	readonly secret_folders?: readonly string[] | undefined;
}

const facts: readonly FactDeclaration[] = [
	{ name: 'connect', kind: 'seconds', help: 'time to connect, by TCP', per: 'ping' },
	{ name: 'starttls', kind: 'seconds', help: 'time to ask for TLS', per: 'ping' },
	{ name: 'tls', kind: 'seconds', help: 'time of the TLS handshake', per: 'ping' },
	{
		name: 'first_byte',
		kind: 'seconds',
		help: 'time from the connection, or what was sent on it, to the first byte of what came',
		per: 'ping',
	},
	{
		name: 'banner',
		kind: 'text',
		help: 'first line of what came, where something is expected',
		per: 'measurement',
	},
	...tlsFacts,
	delayedFact,
];

const usualTimeoutMs = 5000;
const targetsMax = 1000;
/** Results are taken apart in the main thread. */
const pingsMax = 20_000;

const settingsSchema = once(() =>
	z.strictObject({ secret_folders: z.array(z.string().startsWith('/')).optional() }),
);

/** Connections by TCP, timed in the thread for all probes that time in JavaScript: a new one for each ping. */
export const tcp: Probe<TcpOptions, TcpSettings> = {
	name: 'tcp',
	get options() {
		return tcpOptions();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	// Jobs share a thread.
	lanes: 1000,
	facts,
	batchMax: ({ pings }) => Math.max(1, Math.min(targetsMax, Math.floor(pingsMax / pings))),
	needMs: (_targets, timing) => needMs(timing, usualTimeoutMs),
	check: checkTcp,
	measure,
	close: closeTimingThread,
};

async function measure(job: Job<TcpOptions>, tools: ProbeTools<TcpSettings>): Promise<ProbeResults> {
	const { options, targets, pings } = job;
	const startedMs = tools.clock.monotonicMs();
	const {
		family,
		source_ip: sourceIp,
		port,
		interval: intervalMs,
		timeout: timeoutMs = usualTimeoutMs,
	} = options;
	const isTls = options.tls === true || options.starttls !== undefined;
	const folders = tools.settings.secret_folders ?? secretFoldersByDefault;
	const tlsFiles = isTls ? await readTlsFiles(options, folders) : null;
	const found = await addressesOfHosts(targets, { family, sourceIp }, lookUpMs(job.windowMs), tools);
	const results = new Map<string, TargetResult>();
	const servers: TcpServer[] = [];
	for (const [host, at] of found) {
		if ('failure' in at) results.set(host, at);
		else servers.push({ host, address: at.address, port, sourceIp });
		if ('address' in at && at.address !== host) tools.measuredAt(host, at);
	}
	if (servers.length === 0) return results;

	const windowMs = restOfWindow(job, tools.clock.monotonicMs() - startedMs);
	const pace = paceOf({ windowMs, pings, intervalMs, timeoutMs });
	const run: TcpRun = { servers, pings, ...pace, tlsFiles, plan: planOf(options) };
	tools.note(noteOf(servers.length, pace, job));
	const hosts = servers.map(({ host }) => host);
	const watching = watchingHosts(hosts, new Map(hosts.map((host) => [host, host])), tools.early);
	const outcomes = await runInTimingThread<TcpRun, readonly TimedTarget[] | Failure>(
		new URL('./run.js', import.meta.url),
		run,
		tools.signal,
		watching,
	);
	if ('failure' in outcomes) return new Map([...results, ...hosts.map((host) => [host, outcomes] as const)]);
	const measured = new Map<string, TargetResult>();
	for (const [at, outcome] of outcomes.entries())
		measured.set(hosts[at] ?? '', resultOf(outcome, facts, 'tcp'));
	const addresses = new Map(servers.map(({ host, address }) => [host, address]));
	const known = await knownToBeSent(measured, options, (host) => addresses.get(host) ?? '');
	return new Map([...results, ...known]);
}

function planOf(options: TcpOptions): TcpRun['plan'] {
	return {
		tls: options.tls ?? false,
		starttls: options.starttls ?? null,
		verify: options.tls_verify ?? true,
		serverName: options.tls_server_name ?? null,
		send: options.send ?? null,
		expect: options.expect ?? null,
	};
}

function noteOf(hosts: number, { intervalMs, timeoutMs }: Pace, { pings, options }: Job<TcpOptions>): string {
	const { port, tls, starttls } = options;
	const secure =
		starttls === undefined ? (tls === true ? ' with TLS' : '') : ` with TLS as ${starttls} asks for it`;
	return (
		`connects to port ${port}${secure} in the timing thread: ${pings} ${pings === 1 ? 'connection' : 'connections'} to each ` +
		`of ${hosts} ${hosts === 1 ? 'host' : 'hosts'}, every ${Math.round(intervalMs)} ms, timeout ${Math.round(timeoutMs)} ms`
	);
}
