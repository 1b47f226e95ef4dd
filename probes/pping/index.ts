import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import type {
	Job,
	Probe,
	ProbeFinding,
	ProbeResults,
	ProbeTools,
	TargetResult,
} from '../../src/model/probe.ts';
import { failureOf } from '../../src/model/probe.ts';
import { flagOption, interfaceOption } from '../shared/addressing.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { checkFlags, flagsOption } from '../shared/flags.ts';
import { checkInterval, intervalOption, type Pace } from '../shared/fping-pace.ts';
import { fullBatches, measureEach, needMs, processesMax } from '../shared/process-each.ts';
import { scionEndpointOption } from '../shared/scion-address.ts';
import { resultOf } from './output.ts';

interface PpingOptions extends Readonly<Record<string, unknown>> {
	/** A SCION address with a port. */
	readonly host: string;
	/** Where to send from: a SCION address with a port, 0 for any. */
	readonly source_ip?: string | undefined;
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
	/** Orders for the Perl pingmachine may have these. pingpong has nothing of the kind. */
	readonly interface?: string | undefined;
	readonly ipv6?: boolean | undefined;
	readonly flags?: readonly string[] | undefined;
}

interface PpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
}

const sectionSchema = once(() =>
	z.strictObject({
		host: scionEndpointOption(1),
		source_ip: scionEndpointOption(0).optional(),
		interval: intervalOption(),
		interface: interfaceOption().optional(),
		ipv6: flagOption(),
		flags: flagsOption(),
	}),
);

const settingsSchema = once(() => z.strictObject({ command: commandSetting('/usr/local/bin/pingpong') }));

/** The client of SCION's pingpong application, as the Perl pingmachine called it: a process for each host. */
export const pping: Probe<PpingOptions, PpingSettings> = {
	name: 'pping',
	get options() {
		return sectionSchema();
	},
	target: 'host',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	lanes: fullBatches,
	batchMax: () => processesMax,
	needMs,
	check: (order, timing): ProbeFinding[] => [
		...checkInterval(order.interval, timing),
		...checkFlags(order.flags, wrongWithFlag),
	],
	measure,
};

/** What we say ourselves, and what would make it a server. */
const ourFlags = /^--?(?:id|mode|interval|count|timeout|format|remote|local|aggregate)(?:=|$)/;

function wrongWithFlag(flag: string): string | null {
	if (!ourFlags.test(flag)) return null;
	return `${inWords(flag)} is not for orders to say: it would change how often, from where or whom it pings, or what it prints. Remove it`;
}

/** The command line, without the program. */
export function argvOf(
	{ source_ip: local, flags = [] }: Pick<PpingOptions, 'source_ip' | 'flags'>,
	host: string,
	pings: number,
	intervalMs: number,
): string[] {
	const argv = ['-id', 'pingpong_client', '-mode', 'client', '-interval', `${intervalMs}ms`];
	// It takes its format in quotes. Its own timeout is for the whole run, which ends by ours.
	argv.push('-count', String(pings), '-timeout', '3000s', '-format', '"%[3]s : %[5]s"', '-remote', host);
	if (local !== undefined) argv.push('-local', local);
	return [...argv, '-aggregate', ...flags];
}

function measure(job: Job<PpingOptions>, tools: ProbeTools<PpingSettings>): Promise<ProbeResults> {
	return measureEach(job, tools, (host, pace) => ping(job, host, pace, tools));
}

async function ping(
	{ options, pings }: Job<PpingOptions>,
	host: string,
	{ intervalMs }: Pace,
	{ clock, runCommand, settings, signal }: ProbeTools<PpingSettings>,
): Promise<TargetResult> {
	try {
		const assertClockKept = watchClock('pingpong', clock);
		const argv = argvOf(options, host, pings, intervalMs);
		const result = await runCommand(settings.command ?? 'pingpong', argv, {
			signal,
			endWith: 'SIGINT',
			howToInstall: 'build it from the SCION of 2018 to 2020, since no package brings it',
		});
		assertClockKept();
		return resultOf({ host, pings, intervalMs }, result);
	} catch (error) {
		return failureOf(error);
	}
}
