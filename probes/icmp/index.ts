import type { FactDeclaration, Facts } from '../../src/model/facts.ts';
import type { Sample } from '../../src/model/measurement.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { familyOf } from '../shared/addressing.ts';
import { addressBytes, packAddress } from '../shared/ip-address.ts';
import {
	addressesOf,
	byTarget,
	type FamilyRemedy,
	nameFailureText,
	restOfWindow,
} from '../shared/look-up.ts';
import { lossFacts } from '../shared/loss-reasons.ts';
import { type MadeWhenAsked, ResultsWhenAsked } from '../shared/results-when-asked.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { makePingEngine, type PingEngine } from './engine/engine.ts';
import {
	counterNames,
	noSample,
	type PacketOptions,
	type PingDone,
	type SocketOptions,
	stampBits,
} from './engine/messages.ts';
import { addressingOf, checkIcmp, type IcmpOptions, icmpOptions, icmpSettings } from './options.ts';
import { batchMax, type IcmpPace, needMs, paceOf } from './pace.ts';

export { addressingOf, burstSetting, type IcmpOptions } from './options.ts';
export { paceOf } from './pace.ts';

export interface IcmpSettings {
	/** At most so many packets are sent in a millisecond. */
	readonly burst?: number | undefined;
}

/** Jobs share a thread and, mostly, a socket. */
export const icmpLanes = 1000;

/** Of whole measurements. */
export const icmpFacts: readonly FactDeclaration[] = [
	{ name: 'ttl', kind: 'gauge', help: 'time to live or hop limit of the last answer', per: 'measurement' },
	{ name: 'duplicates', kind: 'count', help: 'second and further answers to a ping', per: 'measurement' },
	{
		name: 'reordered',
		kind: 'count',
		help: 'answers that were overtaken by that to a later ping',
		per: 'measurement',
	},
	{
		name: 'late',
		kind: 'count',
		help: 'answers after the timeout, whose pings are lost',
		per: 'measurement',
	},
	{ name: 'corrupted', kind: 'count', help: 'answers whose content was damaged', per: 'measurement' },
	{
		name: 'from_other_address',
		kind: 'count',
		help: 'answers from another address than the one that was pinged',
		per: 'measurement',
	},
	{
		name: 'timestamps',
		kind: 'text',
		help: 'who took the times: the kernel, or for some of them a program (user)',
		per: 'measurement',
	},
];

/** ICMP echo by an engine of our own: one thread for all jobs, timed by the kernel. */
export const icmp: Probe<IcmpOptions, IcmpSettings> = {
	name: 'icmp',
	get options() {
		return icmpOptions();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return icmpSettings();
	},
	facts: icmpFacts,
	lanes: icmpLanes,
	batchMax,
	needMs,
	check: checkIcmp,
	measure: measureIcmp,
	close: closeIcmp,
};

/** One for all. */
const engine = makePingEngine();

export function closeIcmp(): Promise<void> {
	return engine.close();
}

/** Routes are traced in the same thread. */
export const traceRoutes: PingEngine['trace'] = (request, signal, watching) =>
	engine.trace(request, signal, watching);

/** Also measures orders of other probes whose options mean the same. */
export async function measureIcmp(
	job: Job<IcmpOptions>,
	tools: Pick<
		ProbeTools<IcmpSettings>,
		'settings' | 'signal' | 'clock' | 'resolve' | 'measuredAt' | 'early' | 'note' | 'log'
	>,
): Promise<ProbeResults> {
	const startedMs = tools.clock.monotonicMs();
	const { addresses, failures } = await lookUpHosts(job, tools);
	if (addresses.size === 0) return failures;

	const { options, pings } = job;
	const windowMs = restOfWindow(job, tools.clock.monotonicMs() - startedMs);
	const pace = paceOf({ windowMs, pings, intervalMs: options.interval, timeoutMs: options.timeout });
	const hosts: Record<4 | 6, Set<string>> = { 4: new Set(), 6: new Set() };
	for (const address of addresses.values()) hosts[address.includes(':') ? 6 : 4].add(address);
	const byAddress = new Map<string, MadeWhenAsked>();
	const run = { pings, options, pace, windowMs, addresses, into: byAddress };
	await Promise.all(
		([4, 6] as const).map(async (family) => {
			if (hosts[family].size > 0) await pingAll({ ...run, hosts: [...hosts[family]], family }, tools);
		}),
	);
	return new ResultsWhenAsked(byTarget(addresses, byAddress, failures));
}

// ---- Names ----

/** By family and name: the address that it had last time. */
const lastAddresses = new Map<string, string>();
const lastAddressesMax = 200_000;

type Tools = Pick<
	ProbeTools<IcmpSettings>,
	'settings' | 'signal' | 'resolve' | 'measuredAt' | 'early' | 'note' | 'log'
>;

/** The addresses of a job's hosts, and why others have none. */
export async function lookUpHosts(
	{ targets, options, windowMs }: Pick<Job<IcmpOptions>, 'targets' | 'options' | 'windowMs'>,
	tools: Pick<Tools, 'resolve' | 'measuredAt' | 'log'>,
): Promise<{ addresses: Map<string, string>; failures: Map<string, TargetResult> }> {
	const { ipv6, interface: device } = addressingOf(options);
	const asked = { ipv6, interface: device };
	const { addresses, without } = await addressesOf({ targets, options: asked, windowMs }, tools);
	if (options.family === 'auto' && ipv6 === undefined) {
		const others = { targets: [...without.keys()], options: { ...asked, ipv6: true }, windowMs };
		for (const [name, address] of (await addressesOf(others, tools)).addresses) {
			addresses.set(name, address);
			without.delete(name);
		}
	}
	const failures = new Map<string, TargetResult>();
	for (const [name, why] of without) {
		failures.set(name, { failure: nameFailureText(name, why, remedyIn(options)), code: why.code });
	}
	for (const [name, address] of addresses) {
		if (address !== name) watchAddress(`${familyOf({ host: name, ipv6 })} ${name}`, name, address, tools.log);
	}
	return { addresses, failures };
}

/** Who says `family` is not told of `ipv6`. */
function remedyIn({ family }: IcmpOptions): FamilyRemedy | undefined {
	return family === 4 || family === 6 ? (has) => `write family: ${has}, or auto` : undefined;
}

function watchAddress(key: string, name: string, address: string, log: ProbeTools['log']): void {
	const before = lastAddresses.get(key);
	if (before === address) return;
	if (before !== undefined)
		log(`address changed: ${name} is now ${address}, it was ${before}`, 'address_changed');
	if (lastAddresses.size < lastAddressesMax || before !== undefined) lastAddresses.set(key, address);
}

// ---- Pings ----

const usualSize = 56;

interface Run {
	readonly hosts: readonly string[];
	readonly family: 4 | 6;
	readonly pings: number;
	readonly options: IcmpOptions;
	readonly pace: IcmpPace;
	readonly windowMs: number;
	/** By target. */
	readonly addresses: ReadonlyMap<string, string>;
	/** Where to put what came of each host. */
	readonly into: Map<string, MadeWhenAsked>;
}

/** Loops rather than callbacks for what is done for each host: callbacks would be compiled anew for each job. */
async function pingAll(run: Run, { settings, signal, early, note }: Tools): Promise<void> {
	const { hosts, pings, pace, windowMs, addresses: byTargets, into } = run;
	const { burst = null } = settings;
	const addresses = new Uint8Array(hosts.length * addressBytes);
	let zones: (string | null)[] | null = null;
	for (const [i, host] of hosts.entries()) {
		const [address = host, zone] = host.split('%');
		packAddress(address, addresses, i * addressBytes);
		if (zone === undefined) continue;
		zones ??= hosts.map(() => null);
		zones[i] = zone;
	}
	const [socket, packets] = [socketOf(run), packetsOf(run)];
	const request = { socket, packets, addresses, zones, pings, ...pace, windowMs, burst };
	const done = await engine.ping(request, signal, watchingHosts(hosts, byTargets, early));
	if ('failure' in done) {
		for (const host of hosts) into.set(host, { failure: done.failure, code: done.code });
		return;
	}
	note(described(run, done));
	const unseen = new Map<string, TargetResult>();
	for (const [i, host] of hosts.entries()) {
		// What the kernel has stamped has left. An interface that is down takes packets, and drops them.
		if (((done.stamps[i] as number) & stampBits.transmitSeen) === 0)
			unseen.set(host, resultOf(done, i, pings));
		else into.set(host, () => resultOf(done, i, pings));
	}
	// Of the routes of a mark nothing is known here.
	const known = run.options.fwmark === undefined ? await knownToBeSent(unseen, run.options) : unseen;
	for (const [host, result] of known) into.set(host, result);
}

function socketOf({ family, options }: Run): SocketOptions {
	const { size = usualSize, source_ip: source, interface: device, df } = options;
	return { family, size, source, interface: device, df };
}

function packetsOf({ options: { tos, dscp, ttl, fwmark } }: Run): PacketOptions {
	return { tos: tos ?? (dscp === undefined ? undefined : dscp * 4), ttl, fwmark };
}

function described({ hosts, family, pings, pace }: Run, { kind, stamps }: PingDone): string {
	const ms = (value: number) => `${Math.round(value * 10) / 10} ms`;
	const byKernel = stamps.every(isByKernel);
	const times = byKernel ? 'timed by the kernel' : 'timed in part by the engine';
	return (
		`IPv${family}, ${kind} socket, ${times}: ${pings} ${pings === 1 ? 'ping' : 'pings'} to each of ${hosts.length} ` +
		`${hosts.length === 1 ? 'address' : 'addresses'}, every ${ms(pace.intervalMs)}, one address after the other, ` +
		`timeout ${ms(pace.timeoutMs)}`
	);
}

function isByKernel(bits: number): boolean {
	return (bits & stampBits.kernelOnly) !== 0;
}

function resultOf(done: PingDone, target: number, pings: number): TargetResult {
	const reason = done.failures[target] ?? 0;
	if (reason > 0) {
		const code = done.codes[reason - 1] ?? 'probe_failed';
		return { failure: done.texts[reason - 1] ?? '', code };
	}
	const samples: Sample[] = [];
	for (let at = target * pings; at < (target + 1) * pings; at++) {
		const rtt = done.rttSeconds[at] as number;
		if (rtt === noSample) continue;
		samples.push({
			sentAtSeconds: done.sentAtSeconds[at] as number,
			rttSeconds: Number.isNaN(rtt) ? null : rtt,
		});
	}
	return { samples, facts: factsOf(done, target, samples.length) };
}

function factsOf(done: PingDone, target: number, sent: number): Facts {
	const facts: { [name: string]: number | string } = {
		timestamps: isByKernel(done.stamps[target] as number) ? 'kernel' : 'user',
	};
	const at = target * counterNames.length;
	for (const [index, name] of counterNames.entries()) facts[name] = done.counters[at + index] as number;
	const ttl = done.ttl[target] as number;
	if (ttl !== 0) facts['ttl'] = ttl;
	const lossReasons = reasonsOf(done).get(target);
	return lossReasons === undefined ? facts : { ...facts, ...lossFacts(lossReasons, sent) };
}

const reasonsByJob = new WeakMap<PingDone, Map<number, Record<string, number>>>();

/** Why pings were lost, by target. Most jobs have none. */
function reasonsOf(done: PingDone): Map<number, Record<string, number>> {
	let byTarget = reasonsByJob.get(done);
	if (byTarget !== undefined) return byTarget;
	byTarget = new Map();
	const { lossReasons, texts } = done;
	for (let at = 0; at < lossReasons.length; at += 3) {
		const [target = 0, text = 0, count = 0] = lossReasons.subarray(at, at + 3);
		const reasons = byTarget.get(target) ?? {};
		reasons[texts[text] ?? ''] = count;
		byTarget.set(target, reasons);
	}
	reasonsByJob.set(done, byTarget);
	return byTarget;
}
