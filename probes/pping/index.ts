import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import type { CommandResult, Job, Probe, ProbeResults, ProbeTools } from '../../src/model/probe.ts';
import {
	type AddressingOptions,
	checkAddressing,
	flagOption,
	hostOption,
	interfaceOption,
	sourceIpOption,
} from '../shared/addressing.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { checkFlags, flagsOption } from '../shared/flags.ts';
import { measureHosts } from '../shared/fping-hosts.ts';
import { type RowProgram, resultsOf } from '../shared/fping-output.ts';
import { batchMax, checkInterval, intervalOption, needMs } from '../shared/fping-pace.ts';

interface PpingArguments extends Omit<AddressingOptions, 'host'> {
	readonly flags?: readonly string[] | undefined;
}

interface PpingOptions extends AddressingOptions, PpingArguments, Readonly<Record<string, unknown>> {
	/** Milliseconds between the pings to one host. */
	readonly interval?: number | undefined;
}

interface PpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
}

const options = z.strictObject({
	host: hostOption,
	interface: interfaceOption.optional(),
	source_ip: sourceIpOption.optional(),
	interval: intervalOption,
	ipv6: flagOption,
	flags: flagsOption,
});

/**
 * The client of the pingpong application: one process for a whole batch. No public source of it exists; what is known
 * of it is that it was called as fping is, without the options that fping has got since, and prints the same rows.
 */
export const pping: Probe<PpingOptions, PpingSettings> = {
	name: 'pping',
	options,
	target: 'host',
	intervalUnit: 'ms',
	settings: z.strictObject({ command: commandSetting('/usr/local/bin/pping') }),
	lanes: 10,
	batchMax,
	needMs,
	check: (order, timing) => [
		...checkAddressing(order),
		...checkInterval(order.interval, timing),
		...checkFlags(order.flags, wrongWithFlag),
	],
	measure,
};

/** Of fping: what we say ourselves, what never ends, and what reads files or makes up hosts. */
const shortFlags = /^-(?!-)[^=]*[CcfgIilpqSt]/;
const longFlags = /^--?(?:count|vcount|file|generate|iface|interval|loop|period|quiet|src|timeout)(?:=|$)/;

function wrongWithFlag(flag: string): string | null {
	if (!shortFlags.test(flag) && !longFlags.test(flag)) return null;
	return `${inWords(flag)} is not for orders to say: it would change how often, from where or whom it pings. Remove it`;
}

/** The command line, without the program. The hosts go to standard input. */
export function argvOf(order: PpingArguments, pings: number, intervalMs: number): string[] {
	const argv = ['-q', '-p', String(intervalMs), '-C', String(pings)];
	if (order.source_ip !== undefined) argv.push('-S', order.source_ip);
	if (order.interface !== undefined) argv.push('-I', order.interface);
	return [...argv, ...(order.flags ?? [])];
}

const program: RowProgram = { name: 'pping', remedyFor: () => '' };

function measure(job: Job<PpingOptions>, tools: ProbeTools<PpingSettings>): Promise<ProbeResults> {
	return measureHosts(job, tools, async (run) => {
		const assertClockKept = watchClock('pping', tools.clock);
		const argv = argvOf(job.options, run.pings, run.intervalMs);
		const result = await tools.runCommand(tools.settings.command ?? 'pping', argv, {
			input: run.hosts.map((host) => `${host}\n`).join(''),
			signal: tools.signal,
			endWith: 'SIGINT',
			howToInstall: 'get it from who runs the pingpong application, since no package brings it',
		});
		assertClockKept();
		return resultsOf(onOneStream(result), run, program);
	});
}

/** Nobody knows any more on which stream it prints its rows. A row that was cut off must stay so. */
function onOneStream(result: CommandResult): CommandResult {
	const end = result.stdout.lastIndexOf('\n') + 1;
	const isEnded = result.stderr === '' || result.stderr.endsWith('\n');
	const cutOff = isEnded ? result.stdout.slice(end) : '';
	return { ...result, stderr: `${result.stdout.slice(0, end)}${result.stderr}${cutOff}` };
}
