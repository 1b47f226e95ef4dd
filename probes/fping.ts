import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import type {
	Job,
	Probe,
	ProbeFinding,
	ProbeResults,
	ProbeTools,
	TargetResult,
	Timing,
} from '../src/model/probe.ts';
import {
	type AddressingOptions,
	checkAddressing,
	familyOf,
	hostOption,
	interfaceOption,
	ipv6Option,
	sourceIpOption,
} from './addressing.ts';
import { type FpingRun, rawSocketRemedy, resultsOf } from './fping-output.ts';
import { batchMax, leastPeriodMs, needMs, type Pace, paceOf } from './fping-pace.ts';

export interface FpingOptions extends AddressingOptions, Readonly<Record<string, unknown>> {
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
}

export interface FpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
}

const options = z.strictObject({
	host: hostOption,
	interface: interfaceOption.optional(),
	source_ip: sourceIpOption.optional(),
	interval: z.preprocess(
		(value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
		z.number().min(leastPeriodMs).optional(),
	),
	ipv6: ipv6Option,
});

const settings = z.strictObject({
	command: z
		.string()
		.regex(
			/^(?:\/.*|[^-/][^/]*)$/,
			'must be the name of a program or its path from the root, such as /usr/bin/fping',
		)
		.optional(),
});

/** ICMP echo by the program fping: one process for a whole batch. */
export const fping: Probe<FpingOptions, FpingSettings> = {
	name: 'fping',
	options,
	target: 'host',
	settings,
	// Every raw socket receives every answer: n processes cost n times n.
	lanes: 10,
	batchMax,
	needMs,
	check,
	measure,
};

function check(order: FpingOptions, { stepSeconds, pings }: Timing): ProbeFinding[] {
	const findings = checkAddressing(order);
	const { interval } = order;
	const largest = Math.floor((stepSeconds * 1000) / pings);
	if (interval !== undefined && pings > 1 && interval > largest) {
		const message = `${pings} pings every ${interval} ms do not fit into a step of ${stepSeconds} s. Write at most ${largest}`;
		findings.push({ key: 'interval', message });
	}
	return findings;
}

/** The command line, without the program. The hosts go to standard input. */
export function argvOf(order: AddressingOptions, pings: number, { intervalMs, timeoutMs }: Pace): string[] {
	const argv = `-q -p ${intervalMs} -C ${pings} -i 1 -t ${timeoutMs}`.split(' ');
	if (order.source_ip !== undefined) argv.push('-S', order.source_ip);
	if (order.interface !== undefined) argv.push('-I', order.interface);
	return argv;
}

async function measure(job: Job<FpingOptions>, tools: ProbeTools<FpingSettings>): Promise<ProbeResults> {
	const startedMs = performance.now();
	const { addresses, failures } = await lookUp(job, tools);
	const hosts = [...new Set(addresses.values())];
	if (hosts.length === 0) return failures;

	const { options, pings } = job;
	const windowMs = restOfWindow(job, performance.now() - startedMs);
	const pace = paceOf({ windowMs, hosts: hosts.length, pings, intervalMs: options.interval });
	const byAddress = await ping({ hosts, pings, options, ...pace }, tools);
	const isSuspect = noneAnswered(byAddress) && options.source_ip === undefined;
	if (isSuspect && !tools.signal.aborted) await assertNotDeaf(tools);

	const results = new Map<string, TargetResult>(failures);
	for (const [target, address] of addresses) {
		const result = byAddress.get(address);
		if (result !== undefined) results.set(target, result);
	}
	return results;
}

/** Looking up names may take a tenth of the window, and never more than this. */
const lookUpMaxMs = 5000;

/** fping is given addresses only: no name can become an option or delay the others. */
async function lookUp(
	{ targets, options: { ipv6 }, windowMs }: Job<FpingOptions>,
	{ resolve }: ProbeTools<FpingSettings>,
): Promise<{ addresses: Map<string, string>; failures: Map<string, TargetResult> }> {
	const names = targets.map((name) => ({ name, family: familyOf({ host: name, ipv6 }) }));
	const answers = await resolve(names, Math.min(lookUpMaxMs, windowMs / 10));
	const addresses = new Map<string, string>();
	const failures = new Map<string, TargetResult>();
	for (const target of targets) {
		const answer = answers.get(target);
		if (answer === undefined) continue;
		if ('address' in answer) addresses.set(target, answer.address);
		else failures.set(target, answer);
	}
	return { addresses, failures };
}

/** What looking up names has left of the window. A hundredth does not count: the pace should always be the same. */
function restOfWindow({ windowMs, targets }: Job<FpingOptions>, spentMs: number): number {
	const hadNames = targets.some((target) => isIP(target) === 0);
	return hadNames && spentMs > windowMs / 100 ? windowMs - spentMs : windowMs;
}

function commandOf({ settings }: ProbeTools<FpingSettings>): string {
	return settings.command ?? 'fping';
}

/** Runs fping once. */
async function ping(run: FpingRun, tools: ProbeTools<FpingSettings>): Promise<Map<string, TargetResult>> {
	const { signal } = tools;
	const assertClockKept = watchClock();
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

/** A clock that is corrected bit by bit never differs by so much between two looks at it. */
const clockStepMs = 100;

/** fping times with the wall clock: when that is set meanwhile, answers seem lost that were not. */
function watchClock(): () => void {
	const difference = () => Date.now() - performance.now();
	const before = difference();
	return () => {
		if (Math.abs(difference() - before) <= clockStepMs) return;
		throw new Error('the clock was set, or the machine slept, while fping ran: its times cannot be trusted');
	};
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
	if (performance.now() - lastMs < hearingHoldsMs) return;

	const host = '127.0.0.1';
	const isHeard = async (options: AddressingOptions) => {
		const run = { hosts: [host], pings: 1, options, intervalMs: 1000, timeoutMs: 100 };
		return !noneAnswered(await ping(run, tools));
	};
	const ways = [{ host }, { host, source_ip: host }].map((options) => isHeard(options).catch(() => false));
	const [usually, fromOwnAddress] = await Promise.all(ways);
	if (!usually && fromOwnAddress) {
		throw new Error(`fping hears no answers, not even those of this machine. ${rawSocketRemedy}`);
	}
	foundHearingMs.set(command, performance.now());
}
