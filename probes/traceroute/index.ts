import type { FactDeclaration, Facts } from '../../src/model/facts.ts';
import { hopText, readHop } from '../../src/model/hop.ts';
import type { Sample } from '../../src/model/measurement.ts';
import type {
	Job,
	Probe,
	ProbeResults,
	ProbeTools,
	RouteTarget,
	TargetResult,
	Timing,
} from '../../src/model/probe.ts';
import { closeIcmp, type IcmpOptions, icmpLanes, lookUpHosts, paceOf, traceRoutes } from '../icmp/index.ts';
import { addressBytes, packAddress } from '../shared/ip-address.ts';
import { byTarget, restOfWindow } from '../shared/look-up.ts';
import { lossFacts } from '../shared/loss-reasons.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { checkTraceroute, portOf, type TracerouteOptions, tracerouteOptions } from './options.ts';
import { type TracerouteSettings, tracerouteSettings } from './settings.ts';
import { Who } from './who.ts';

const tracerouteFacts: readonly FactDeclaration[] = [
	{
		name: 'path',
		kind: 'path',
		help: 'the hops on the way: who answered, loss, round-trip times and what is known of them',
		per: 'measurement',
	},
	{ name: 'hops', kind: 'gauge', help: 'which hop the target is, if it answered', per: 'measurement' },
	{ name: 'reached', kind: 'flag', help: 'whether the target answered', per: 'measurement' },
	{
		name: 'path_mtu',
		kind: 'gauge',
		unit: 'bytes',
		help: 'the longest packet that reaches the target, at most 9000',
		per: 'measurement',
	},
	{
		name: 'timestamps',
		kind: 'text',
		help: 'who took the times: the kernel, or for some of them a program (user)',
		per: 'measurement',
	},
];

/** Results are taken apart in the main thread. */
const targetsMax = 250;
/** The shortest window in which unknown ways can be explored. */
const exploringMs = 10_000;

/** The way to a target, hop by hop, by the engine of the probe icmp: timed by the kernel, in its thread. */
export const traceroute: Probe<TracerouteOptions, TracerouteSettings> = {
	name: 'traceroute',
	get options() {
		return tracerouteOptions();
	},
	target: 'host',
	get settings() {
		return tracerouteSettings();
	},
	facts: tracerouteFacts,
	lanes: icmpLanes,
	batchMax: ({ pings }: Timing) => Math.max(1, Math.min(targetsMax, Math.floor(20_000 / pings))),
	needMs: (_targets, { stepSeconds, pings }) => Math.min(stepSeconds * 1000, exploringMs + pings * 1000),
	check: checkTraceroute,
	route: optionsFor,
	measure,
	close: closeIcmp,
};

/** Of orders of other probes whose route is traced. */
function optionsFor({
	host,
	family,
	interface: device,
	source,
	withinMs,
}: RouteTarget): TracerouteOptions | null {
	const read = tracerouteOptions().safeParse({
		host,
		family: host.includes(':') ? undefined : (family ?? 'auto'),
		...(device === undefined ? {} : { interface: device }),
		...(source === undefined ? {} : { source_ip: source }),
		...(withinMs === undefined ? {} : hurried(withinMs)),
	});
	return read.success ? read.data : null;
}

/** The way to a target that is silent ends with a ping whose timeout has to be over, too, before it is known. */
function hurried(withinMs: number) {
	const timeout = Math.max(100, Math.round(withinMs * 0.3));
	return withinMs < 3000 ? { timeout, gap_limit: 2 } : { timeout };
}

/** One for each way to configure it: there is one, but in tests. */
const known = new WeakMap<TracerouteSettings, Who>();

async function measure(
	job: Job<TracerouteOptions>,
	tools: ProbeTools<TracerouteSettings>,
): Promise<ProbeResults> {
	const startedMs = tools.clock.monotonicMs();
	const { options, targets, windowMs } = job;
	const asked = { targets, windowMs, options: options as unknown as IcmpOptions };
	const { addresses, failures } = await lookUpHosts(asked, tools);
	if (addresses.size === 0) return failures;
	const leftMs = restOfWindow(job, tools.clock.monotonicMs() - startedMs);
	const hosts: Record<4 | 6, Set<string>> = { 4: new Set(), 6: new Set() };
	for (const address of addresses.values()) hosts[address.includes(':') ? 6 : 4].add(address);
	const byAddress = new Map<string, TargetResult>();
	await Promise.all(
		([4, 6] as const).map(async (family) => {
			if (hosts[family].size === 0) return;
			const run = { job, family, hosts: [...hosts[family]], addresses, windowMs: leftMs };
			for (const [host, result] of await traceAll(run, tools)) byAddress.set(host, result);
		}),
	);
	return byTarget(addresses, byAddress, failures);
}

interface Run {
	readonly job: Job<TracerouteOptions>;
	readonly family: 4 | 6;
	readonly hosts: readonly string[];
	/** By target. */
	readonly addresses: ReadonlyMap<string, string>;
	readonly windowMs: number;
}

async function traceAll(
	{ job, family, hosts, addresses: byTargets, windowMs }: Run,
	tools: ProbeTools<TracerouteSettings>,
): Promise<Map<string, TargetResult>> {
	const { options, pings } = job;
	const { protocol, source_ip: source, interface: device, tos } = options;
	// One interval more: in each the hops are asked after the target, and targets begin over the first one.
	const { intervalMs, timeoutMs } = paceOf({ windowMs, pings: pings + 1, timeoutMs: options.timeout });
	const { packed, zones } = packedHosts(hosts);
	const request = {
		trace: { family, protocol, source, interface: device, tos },
		...{ addresses: packed, zones, pings, intervalMs, timeoutMs, windowMs },
		...{ firstHop: options.first_hop, maxHop: options.max_hop, gapLimit: options.gap_limit },
		...{ port: portOf(options), mtu: options.mtu },
	};
	const watching = watchingHosts(hosts, byTargets, tools.early);
	const done = await traceRoutes(request, tools.signal, watching);
	if ('failure' in done) {
		const { failure, code } = done;
		return new Map(hosts.map((host) => [host, { failure, code }]));
	}
	tools.note(
		`IPv${family}, ${protocol}, ${done.kind} socket: every hop of ${hosts.length} ${hosts.length === 1 ? 'target' : 'targets'} ` +
			`${pings} times, every ${Math.round(intervalMs)} ms, timeout ${Math.round(timeoutMs)} ms`,
	);
	const who = whoOf(tools);
	const results = new Map<string, TargetResult>();
	const unseen = new Map<string, TargetResult>();
	for (const [index, host] of hosts.entries()) {
		const traced = done.traced[index];
		if (traced === undefined) continue;
		if ('failure' in traced) results.set(host, traced);
		else (traced.transmitSeen ? results : unseen).set(host, resultOf(traced, who));
	}
	for (const [host, result] of await knownToBeSent(unseen, options)) results.set(host, result);
	return results;
}

function packedHosts(hosts: readonly string[]): { packed: Uint8Array; zones: (string | null)[] | null } {
	const packed = new Uint8Array(hosts.length * addressBytes);
	const zones = hosts.map((host, i) => {
		const [address = host, zone] = host.split('%');
		packAddress(address, packed, i * addressBytes);
		return zone ?? null;
	});
	return { packed, zones: zones.every((zone) => zone === null) ? null : zones };
}

function whoOf({ settings, clock }: ProbeTools<TracerouteSettings>): Who {
	let who = known.get(settings);
	if (who === undefined) {
		who = new Who(settings, () => clock.monotonicMs());
		known.set(settings, who);
	}
	return who;
}

type Traced = Exclude<
	Extract<Awaited<ReturnType<typeof traceRoutes>>, { traced: unknown }>['traced'][number],
	{ failure: string }
>;

function resultOf(traced: Traced, who: Who): TargetResult {
	const { sentAtSeconds, rttSeconds, hops, reached, pathMtu, lossReasons, isByKernel } = traced;
	const samples: Sample[] = rttSeconds.map((rtt, i) => ({
		sentAtSeconds: sentAtSeconds[i] ?? 0,
		rttSeconds: rtt,
	}));
	const path = hops.map((hop) => (hop === null ? null : withNames(hop, who)));
	const facts: Facts = {
		...{ path, reached, timestamps: isByKernel ? 'kernel' : 'user' },
		...(reached ? { hops: path.length } : {}),
		...(pathMtu === null ? {} : { path_mtu: pathMtu }),
		...lossFacts(lossReasons, samples.length),
	};
	return { samples, facts };
}

function withNames(text: string, who: Who): string {
	const hop = readHop(text);
	return hop === null ? text : hopText({ ...hop, ...who.of(hop.addresses) });
}
