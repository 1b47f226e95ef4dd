import type { Sample } from '../../src/model/measurement.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
import { type CommandResult, ProbeError, type TargetResult } from '../../src/model/probe.ts';
import type { AddressingOptions } from './addressing.ts';
import { describeFailedRun } from './command.ts';
import type { Pace } from './fping-pace.ts';

export interface FpingOutput {
	/** By host as it was given: seconds, null for no answer. The first row of a host counts. */
	readonly rows: ReadonlyMap<string, readonly (number | null)[]>;
	/** Whatever else it said, but for what it says of single packets. */
	readonly messages: readonly string[];
}

/** `127.0.0.1 : 0.057 - 20.1`; with no values when it was stopped before the first ping was over. */
const row = /^(\S+)\s* :((?: (?:-|\d{1,9}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?))*)\s*$/;
/** Duplicate answers, ICMP errors, and the answer to SIGQUIT: they say nothing of why a run failed. */
function isOfOnePacket(line: string): boolean {
	// Not one pattern with .* in between: on a long line that would take the square of its length.
	if (/\bICMP\b/.test(line) && line.includes(' for ICMP')) return true;
	return / : duplicate for \[|^ *\[|: xmt\/rcv\//.test(line);
}

/** Reads what fping wrote to standard error with `-q -C`. Never throws, whatever the text. */
export function parseFpingOutput(text: string): FpingOutput {
	const rows = new Map<string, (number | null)[]>();
	const messages: string[] = [];
	const lines = text.split('\n');
	// A row that does not end was cut off: its last value may be half of one.
	const last = lines.pop();
	if (last !== undefined && row.exec(last) === null) lines.push(last);
	for (const line of lines) {
		const [, host, values] = row.exec(line) ?? [];
		if (host === undefined || values === undefined) {
			if (line.trim() !== '' && !isOfOnePacket(line)) messages.push(line);
		} else if (!rows.has(host)) {
			rows.set(host, values.trim() === '' ? [] : values.trim().split(' ').map(readSeconds));
		}
	}
	return { rows, messages };
}

/** Milliseconds in decimal to the nearest number of seconds: 0.057 is 5.7e-5, not 5.700000000000001e-5. */
function readSeconds(value: string): number | null {
	if (value === '-') return null;
	const [digits, exponent = '0'] = value.split('e');
	return Number(`${digits}e${Number(exponent) - 3}`);
}

/** What fping was told to do. */
export interface FpingRun extends Pace {
	/** In the order in which they were given to it. */
	readonly hosts: readonly string[];
	readonly pings: number;
	readonly options: AddressingOptions;
}

/**
 * What came of each host. Throws an `Error` for the user when the run as a whole failed: it did not end well, or
 * gave no row for any host, whatever its exit code.
 */
export function resultsOf(result: CommandResult, run: FpingRun): Map<string, TargetResult> {
	// What was cut off cannot be trusted, and takes seconds to read.
	if (result.truncated)
		throw new ProbeError('program_failed', `fping printed far more than results. Is it the right program?`);
	const { rows, messages } = parseFpingOutput(result.stderr);
	const hasRows = run.hosts.some((host) => rows.has(host));
	if (result.stopped) {
		if (!hasRows) throw new ProbeError('stopped', `fping was stopped before it said what it had measured`);
	} else if (!hasRows || !goodExits.includes(result.exitCode)) {
		const remedy = remedyFor(messages.join('\n'), result, run);
		const code = codeOf(messages.join('\n'), result);
		throw new ProbeError(code, describeFailedRun('fping', result, messages) + remedy);
	}

	const results = new Map<string, TargetResult>();
	for (const [position, host] of run.hosts.entries()) {
		const samples = rows.get(host)?.map((rttSeconds, index) => ({
			// fping does not tell when it sent a ping, but it sends them in turns, one each millisecond.
			sentAtSeconds: result.startedAtSeconds + (position + index * run.intervalMs) / 1000,
			rttSeconds,
		}));
		results.set(host, resultOf(host, samples, run, result.stopped));
	}
	return results;
}

/** Every host answered; some did not; a name was not known. */
const goodExits: readonly (number | null)[] = [0, 1, 2];

function resultOf(
	host: string,
	samples: readonly Sample[] | undefined,
	run: FpingRun,
	stopped: boolean,
): TargetResult {
	if (samples === undefined)
		return {
			failure: `fping printed no result for ${host}${hintFor(host)}`,
			// Of all addresses it passes over those alone whose interface there is not.
			code: host.includes('%') ? 'no_route' : 'program_failed',
		};
	if (samples.length === run.pings) return { samples };
	if (!stopped || samples.length > run.pings) {
		return {
			failure: `fping printed ${samples.length} results for ${host} instead of ${run.pings}`,
			code: 'program_failed',
		};
	}
	const over = withoutInFlight(samples, run);
	if (over.length > 0) return { samples: over };
	return { failure: `fping was stopped before a ping to ${host} was over`, code: 'stopped' };
}

function hintFor(host: string): string {
	const [, zone] = host.split('%');
	return zone === undefined ? '' : `. Is there an interface ${zone}?`;
}

/**
 * fping prints as many values as there were pings that were over when it was stopped. Of those that it prints as lost,
 * the last may still have been in flight, while later ones had been answered.
 */
function withoutInFlight(samples: readonly Sample[], { intervalMs, timeoutMs }: Pace): Sample[] {
	const surelyOver = samples.length - Math.ceil(timeoutMs / intervalMs);
	return samples.filter(({ rttSeconds }, index) => rttSeconds !== null || index < surelyOver);
}

export const rawSocketRemedy =
	'It needs the right to raw sockets: run setcap cap_net_raw+ep on it, or add AmbientCapabilities=CAP_NET_RAW to the systemd unit';

function remedyFor(said: string, { exitCode }: CommandResult, { options }: FpingRun): string {
	if (said.includes('No such device')) {
		return `. Is there an interface ${options.interface}? ip link shows those there are`;
	}
	if (said.includes('bind source address')) {
		return `. ${options.source_ip} must be an address of this machine: ip address shows those there are`;
	}
	// With -q it says nothing of sockets that it could not open.
	const mayNot = said.includes('not permitted') || (said === '' && exitCode === 4);
	return mayNot ? `. ${rawSocketRemedy}` : '';
}

function codeOf(said: string, { exitCode }: CommandResult): ReasonCode {
	if (said.includes('No such device') || said.includes('bind source address')) return 'no_address';
	return said.includes('not permitted') || (said === '' && exitCode === 4)
		? 'refused_here'
		: 'program_failed';
}
