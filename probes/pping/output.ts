import type { CommandResult, TargetResult } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';
import { parseFpingOutput } from '../shared/fping-output.ts';
import { readScionEndpoint } from '../shared/scion-address.ts';

/** What was to be done. */
export interface PingpongRun {
	/** As `readScionEndpoint` writes it. */
	readonly host: string;
	readonly pings: number;
	readonly intervalMs: number;
}

/**
 * What came of the host, of a row such as `1-ff00:0:110,[10.0.0.1]:40002 : 1.23 1.31 1.19`, milliseconds. Never throws,
 * whatever the output.
 */
export function resultOf({ host, pings, intervalMs }: PingpongRun, result: CommandResult): TargetResult {
	if (result.truncated)
		return {
			failure: 'pingpong printed far more than a result. Is it the right program?',
			code: 'program_failed',
		};
	const { rows, messages } = rowsOf(result);
	const rtts = [...rows].find(([name]) => readScionEndpoint(name) === host)?.[1] ?? [];
	const isSilent = messages.length === 0 && rtts.length === 0;
	if (!result.stopped && (result.exitCode !== 0 || isSilent))
		return { failure: describeFailedRun('pingpong', result, messages), code: 'program_failed' };
	if (rtts.length > pings)
		return { failure: `pingpong printed ${rtts.length} results instead of ${pings}`, code: 'program_failed' };
	if (rtts.length === 0) return withoutRow(result);
	const samples = rtts.map((rttSeconds, index) => ({
		sentAtSeconds: result.startedAtSeconds + (index * intervalMs) / 1000,
		rttSeconds,
	}));
	return { samples };
}

/** After a ping that is not answered it prints nothing more: how many were lost nobody knows. */
function withoutRow({ stopped }: CommandResult): TargetResult {
	const why = 'it prints its row only when the last ping was answered, so it is not known how many were lost';
	return stopped
		? { failure: `pingpong was stopped before it said what it had measured: ${why}`, code: 'stopped' }
		: { failure: `pingpong printed no result for the host (exit code 0): ${why}`, code: 'program_failed' };
}

/** Whichever stream it prints its row on, with or without the quotes of its format. A row that was cut off is none. */
function rowsOf({ stdout, stderr }: CommandResult): ReturnType<typeof parseFpingOutput> {
	const whole = [stdout, stderr].map((text) => text.slice(0, text.lastIndexOf('\n') + 1)).join('');
	return parseFpingOutput(whole.replaceAll('"', ''));
}
