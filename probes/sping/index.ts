import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import type {
	CommandResult,
	Job,
	Probe,
	ProbeFinding,
	ProbeResults,
	ProbeTools,
	TargetResult,
	Timing,
} from '../../src/model/probe.ts';
import { failureOf, ProbeError } from '../../src/model/probe.ts';
import { flagOption, interfaceOption } from '../shared/addressing.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { checkFlags, flagsOption } from '../shared/flags.ts';
import { checkInterval, intervalOption, type Pace } from '../shared/fping-pace.ts';
import { fullBatches, measureEach, needMs, processesMax } from '../shared/process-each.ts';
import { scionHostOption, scionSourceOption } from '../shared/scion-address.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { factsIn, spingFacts } from './facts.ts';
import { nextHopIn, resultOf } from './output.ts';
import { type AsUser, asUser, type CommandLine, remedyForUser } from './user.ts';

interface SpingOptions extends Readonly<Record<string, unknown>> {
	/** A SCION address, without brackets. */
	readonly host: string;
	readonly interface?: string | undefined;
	readonly source_ip?: string | undefined;
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
	/** Goes without saying. Orders for the Perl pingmachine may have it. */
	readonly ipv6?: boolean | undefined;
	readonly flags?: readonly string[] | undefined;
}

interface SpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
	/** Whom to run it as. */
	readonly user?: string | undefined;
	/** For every run, before those of the order. */
	readonly flags?: readonly string[] | undefined;
}

const sectionSchema = once(() =>
	z.strictObject({
		host: scionHostOption(),
		interface: interfaceOption().optional(),
		source_ip: scionSourceOption().optional(),
		interval: intervalOption(),
		ipv6: flagOption(),
		flags: flagsOption(),
	}),
);

const userName = /^[a-z_][a-z0-9_.-]*\$?$/i;

const settingsSchema = once(() =>
	z.strictObject({
		command: commandSetting('/usr/bin/scion'),
		user: z.string().regex(userName, 'must be the name of a user, such as scion').optional(),
		flags: flagsOption(),
	}),
);

/** SCION: SCMP echo by `scion ping` of scionproto, a process for each target. */
export const sping: Probe<SpingOptions, SpingSettings> = {
	name: 'sping',
	get options() {
		return sectionSchema();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	facts: spingFacts,
	lanes: fullBatches,
	batchMax: () => processesMax,
	needMs,
	check,
	measure,
};

/** Flags that change the path or the packets, and those of them that take a value. */
const plainFlags: ReadonlySet<string> = new Set(['--healthy-only', '--refresh', '--epic']);
const valueFlags: ReadonlySet<string> = new Set(['--sequence', '--payload-size', '-s']);

/** The others would change how often it pings, or make it talk to somebody else: those are for the config to set. */
function wrongWithFlag(flag: string, index: number, flags: readonly string[]): string | null {
	const [name = ''] = flag.split('=');
	if (plainFlags.has(flag) || (valueFlags.has(name) && flag.length > name.length)) return null;
	if (valueFlags.has(flag) && flags[index + 1] !== undefined) return null;
	if (valueFlags.has(flags[index - 1] ?? '') && !flag.startsWith('-')) return null;
	const known = [...plainFlags, ...valueFlags].join(', ');
	return `${inWords(flag)} is not for orders to say. Known: ${known}. Others can be set for all orders: probes.sping.flags in the config file`;
}

function check({ host, interval, ipv6, flags }: SpingOptions, timing: Timing): ProbeFinding[] {
	const findings = [...checkInterval(interval, timing), ...checkFlags(flags, wrongWithFlag)];
	const isSix = isIPv6(host.slice(host.indexOf(',') + 1));
	if (ipv6 !== undefined && ipv6 !== isSix) {
		const message = `is ${ipv6}, but the host has an IPv${isSix ? 6 : 4} address. Leave it out`;
		findings.push({ key: 'ipv6', message });
	}
	return findings;
}

/** The arguments of the program, one by one. */
export function argvOf(
	target: string,
	flags: readonly string[],
	pings: number,
	{ intervalMs, timeoutMs }: Pace,
	localAddress: string | null,
): string[] {
	const argv = ['ping', ...flags, '--format', 'json', '--count', String(pings)];
	argv.push('--interval', `${intervalMs}ms`, '--timeout', `${timeoutMs}ms`);
	if (localAddress !== null) argv.push('--local', localAddress);
	return [...argv, target];
}

async function measure(job: Job<SpingOptions>, tools: ProbeTools<SpingSettings>): Promise<ProbeResults> {
	const { options, pings, windowMs } = job;
	const { settings } = tools;
	const localAddress = localAddressOf(options);
	const as = settings.user === undefined ? itself : await asUser(settings.user, windowMs, tools);
	// A flag that is given twice counts as given last: ours come after these.
	const flags = [...(settings.flags ?? []), ...(options.flags ?? [])];
	return measureEach(job, tools, (target, pace) => {
		const argv = argvOf(target, flags, pings, pace, localAddress);
		return ping({ target, pings, ...pace }, argv, as, tools);
	});
}

const itself: AsUser = (line) => line;

const howToInstall = 'install the SCION tools, https://docs.scion.org says how';

async function ping(
	run: Parameters<typeof resultOf>[0],
	args: readonly string[],
	as: AsUser,
	{ clock, runCommand, settings, signal }: ProbeTools<SpingSettings>,
): Promise<TargetResult> {
	const line: CommandLine = { program: settings.command ?? 'scion', args };
	const { program, args: argv } = as(line);
	try {
		const assertClockKept = watchClock('scion ping', clock);
		const source =
			program === line.program ? { howToInstall } : { debianPackage: packages[program] ?? program };
		const result = await runCommand(program, argv, { signal, endWith: 'SIGINT', ...source });
		assertClockKept();
		const outcome = await knownToBeOut(resultOf(run, result), result);
		if ('samples' in outcome) return withFacts(outcome, result);
		if (heardNothing(result)) return { ...outcome, failure: `${outcome.failure}${withoutDaemon}` };
		if (settings.user === undefined) return outcome;
		const isMissing = program !== line.program && saysMissing(result.stderr);
		if (isMissing)
			return { failure: `${line.program} is not installed: ${howToInstall}`, code: 'no_program' };
		return { ...outcome, failure: outcome.failure + remedyForUser(settings.user, result) };
	} catch (error) {
		return failureOf(error);
	}
}

const withoutDaemon =
	': it had no answer from the SCION daemon. Look whether that runs, at the address that --sciond tells if it is given';

/** As long as the daemon does not answer it catches no signal, and it prints nothing before it knows a path. */
function heardNothing({ stopped, stdout, stderr }: CommandResult): boolean {
	return stopped && stdout === '' && stderr === '';
}

/** The historical program tells no facts. */
function withFacts(outcome: TargetResult, { stdout }: CommandResult): TargetResult {
	const facts = factsIn(stdout);
	return Object.keys(facts).length === 0 ? outcome : { ...outcome, facts };
}

/** By setpriv or timeout: the program that they were to start is not there. */
function saysMissing(stderr: string): boolean {
	return stderr
		.split('\n')
		.some((line) => /(?:setpriv|timeout): /.test(line) && line.includes('No such file'));
}

/** SCION packets go to a router in this network first: they are lost without it, but not when there is no way to it. */
async function knownToBeOut(outcome: TargetResult, { stdout }: CommandResult): Promise<TargetResult> {
	const hop = nextHopIn(stdout);
	if (hop === null) return outcome;
	return (await knownToBeSent(new Map([[hop, outcome]]), {})).get(hop) ?? outcome;
}

const packages: Readonly<Record<string, string>> = { setpriv: 'util-linux', sudo: 'sudo' };

/** scion takes an address and no interface: the first one that the interface has, IPv4 before IPv6. */
function localAddressOf({ source_ip: source, interface: name }: SpingOptions): string | null {
	if (source !== undefined) return source;
	if (name === undefined) return null;
	const addresses = (networkInterfaces()[name] ?? [])
		.filter(({ scopeid }) => (scopeid ?? 0) === 0)
		.map(({ address }) => address);
	const address = addresses.find(isIPv4) ?? addresses[0];
	if (address !== undefined) return address;
	throw new ProbeError(
		'no_address',
		`there is no interface ${name} with an address. ip address shows those there are`,
	);
}
