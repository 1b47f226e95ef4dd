import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import type {
	Job,
	Probe,
	ProbeFinding,
	ProbeResults,
	ProbeTools,
	TargetResult,
	Timing,
} from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';
import { burstSetting, closeIcmp, icmpFacts, icmpLanes, measureIcmp } from '../icmp/index.ts';
import {
	type AddressingOptions,
	checkAddressing,
	flagOption,
	hostOption,
	interfaceOption,
	sourceIpOption,
} from '../shared/addressing.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { measureHosts } from '../shared/fping-hosts.ts';
import { type FpingRun, rawSocketRemedy, resultsOf } from '../shared/fping-output.ts';
import { batchMax, checkInterval, intervalOption, needMs, type Pace } from '../shared/fping-pace.ts';

export interface FpingOptions extends AddressingOptions, Readonly<Record<string, unknown>> {
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
}

export interface FpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
	/** What measures: the program fping, or the engine of the probe icmp. */
	readonly engine?: 'fping' | 'icmp' | undefined;
	/** With the engine of icmp: at most so many packets are sent in a millisecond. */
	readonly burst?: number | undefined;
}

const sectionSchema = once(() =>
	z.strictObject({
		host: hostOption(),
		interface: interfaceOption().optional(),
		source_ip: sourceIpOption().optional(),
		interval: intervalOption(),
		ipv6: flagOption(),
	}),
);

const settingsSchema = once(() =>
	z
		.strictObject({
			command: commandSetting('/usr/bin/fping'),
			engine: z.enum(['fping', 'icmp']).optional(),
			burst: burstSetting(),
		})
		.refine(({ engine, burst }) => burst === undefined || engine === 'icmp', {
			path: ['burst'],
			message: 'goes with engine: icmp only. The program fping sends one packet a millisecond',
		}),
);

/** ICMP echo by the program fping: one process for a whole batch. */
export const fping: Probe<FpingOptions, FpingSettings> = {
	name: 'fping',
	get options() {
		return sectionSchema();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	// With its engine; the program tells none of them.
	facts: icmpFacts,
	// Every raw socket receives every answer: n processes cost n times n. The engine has but one thread.
	lanes: ({ engine }) => (engine === 'icmp' ? icmpLanes : 10),
	batchMax,
	needMs,
	check,
	measure,
	// Its engine may be that of icmp.
	close: closeIcmp,
};

function check(order: FpingOptions, timing: Timing): ProbeFinding[] {
	return [...checkAddressing(order), ...checkInterval(order.interval, timing)];
}

/** The command line, without the program. The hosts go to standard input. */
export function argvOf(order: AddressingOptions, pings: number, { intervalMs, timeoutMs }: Pace): string[] {
	const argv = `-q -p ${intervalMs} -C ${pings} -i 1 -t ${timeoutMs}`.split(' ');
	if (order.source_ip !== undefined) argv.push('-S', order.source_ip);
	if (order.interface !== undefined) argv.push('-I', order.interface);
	return argv;
}

async function measure(job: Job<FpingOptions>, tools: ProbeTools<FpingSettings>): Promise<ProbeResults> {
	if (tools.settings.engine === 'icmp') {
		const { burst } = tools.settings;
		return measureIcmp(job, { ...tools, settings: { burst } });
	}
	return measureHosts(job, tools, async (run) => {
		const byAddress = await ping(run, tools);
		const isSuspect = noneAnswered(byAddress) && run.options.source_ip === undefined;
		if (isSuspect && !tools.signal.aborted) await assertNotDeaf(tools);
		return byAddress;
	});
}

function commandOf({ settings }: ProbeTools<FpingSettings>): string {
	return settings.command ?? 'fping';
}

/** Runs fping once. */
async function ping(run: FpingRun, tools: ProbeTools<FpingSettings>): Promise<Map<string, TargetResult>> {
	const { signal } = tools;
	const assertClockKept = watchClock('fping', tools.clock);
	let timers: NodeJS.Timeout[] = [];
	const wakeSoon = () => {
		timers = wakeAfterMs.map((delayMs) => setTimeout(() => wake(run.options.source_ip), delayMs));
	};
	signal.addEventListener('abort', wakeSoon, { once: true });
	try {
		const result = await tools.runCommand(commandOf(tools), argvOf(run.options, run.pings, run), {
			input: run.hosts.map((host) => `${host}\n`).join(''),
			signal,
			endWith: 'SIGINT',
			debianPackage: 'fping',
		});
		assertClockKept();
		return resultsOf(result, run);
	} finally {
		signal.removeEventListener('abort', wakeSoon);
		for (const timer of timers) clearTimeout(timer);
	}
}

/** After the signal to stop: soon, and once more in case that was too early. */
const wakeAfterMs = [20, 150];
/** Nothing listens there. */
const closedPort = 1;

/**
 * fping heeds SIGINT only when something wakes it: its next ping, which may be minutes away, or an ICMP packet to the
 * address it sends from. A datagram from that address to itself, to a port where nobody listens, makes one. It comes
 * in by loopback: an fping that is bound to another interface sleeps on, is killed, and what it had is unknown.
 */
function wake(source: string | undefined): void {
	const address = source ?? '127.0.0.1';
	const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
	socket.on('error', () => socket.close());
	socket.bind(0, address, () => socket.send('', closedPort, address, () => socket.close()));
}

function noneAnswered(results: ReadonlyMap<string, TargetResult>): boolean {
	const isAnswered = (result: TargetResult) =>
		'samples' in result && result.samples.some(({ rttSeconds }) => rttSeconds !== null);
	return ![...results.values()].some(isAnswered);
}

/** When each program was last found to hear answers, by the monotonic clock. */
const foundHearingMs = new Map<string, number>();
const hearingHoldsMs = 60_000;

/**
 * Without the right to raw sockets fping 5.1 falls back to ping sockets, does not recognise the answers that come in
 * there, and reports every ping as lost. It does recognise them when it is told its source address.
 */
async function assertNotDeaf(tools: ProbeTools<FpingSettings>): Promise<void> {
	const command = commandOf(tools);
	const lastMs = foundHearingMs.get(command) ?? Number.NEGATIVE_INFINITY;
	if (tools.clock.monotonicMs() - lastMs < hearingHoldsMs) return;

	const host = '127.0.0.1';
	const isHeard = async (options: AddressingOptions) => {
		const run = { hosts: [host], pings: 1, options, intervalMs: 1000, timeoutMs: 100 };
		return !noneAnswered(await ping(run, tools));
	};
	const ways = [{ host }, { host, source_ip: host }].map((options) => isHeard(options).catch(() => false));
	const [usually, fromOwnAddress] = await Promise.all(ways);
	if (!usually && fromOwnAddress) {
		throw new ProbeError(
			'refused_here',
			`fping hears no answers, not even those of this machine. ${rawSocketRemedy}`,
		);
	}
	foundHearingMs.set(command, tools.clock.monotonicMs());
}
