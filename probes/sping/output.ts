import { isIP } from 'node:net';
import { z } from 'zod';
import type { Sample } from '../../src/model/measurement.ts';
import type { CommandResult, TargetResult } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';
import { parseFpingOutput } from '../shared/fping-output.ts';
import { readScionAddress } from './address.ts';

/** What was to be done. */
export interface SpingRun {
	/** As `readScionAddress` writes it. */
	readonly target: string;
	readonly pings: number;
	readonly intervalMs: number;
	readonly timeoutMs: number;
}

/** What `scion ping --format json` prints, as far as it is needed. Times in milliseconds. */
const scionOutput = z.object({
	/** Null when there are none. A ping that was lost has no entry. */
	replies: z
		.array(
			z.object({
				scmp_seq: z.int().min(0),
				round_trip_time: z.number().min(0),
				/** Others than `success`: an answer after the timeout, out of order, or once more. */
				state: z.string(),
			}),
		)
		.nullable(),
	statistics: z.object({ sent: z.int().min(0), time: z.number().min(0) }),
});

type ScionOutput = z.infer<typeof scionOutput>;

/** What came of the target: samples, or the reason why there are none. Never throws, whatever the output. */
export function resultOf(run: SpingRun, result: CommandResult): TargetResult {
	const read = readJson(result.stdout);
	const samples = read === null ? null : samplesOfJson(read, run, result);
	if (samples !== null && (result.exitCode === 0 || result.stopped)) return checked(samples, run, result);
	return read === null
		? resultOfRow(run, result)
		: { failure: failed(result), code: result.stopped ? 'stopped' : 'program_failed' };
}

/** The address of the router that the packets go to first; null when it is not told. */
export function nextHopIn(stdout: string): string | null {
	const [, hop = ''] = /"next_hop": ?"\[?([\da-f:.]{2,45})\]?:\d{1,5}"/i.exec(stdout) ?? [];
	return isIP(hop) === 0 ? null : hop;
}

function failed(result: CommandResult): string {
	if (result.stopped) return 'scion ping was stopped before it said what it had measured';
	return describeFailedRun('scion ping', result, `${result.stdout}\n${result.stderr}`.split('\n'));
}

function readJson(text: string): ScionOutput | null {
	if (!text.trimStart().startsWith('{')) return null;
	try {
		return scionOutput.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}

function samplesOfJson({ replies, statistics }: ScionOutput, run: SpingRun, result: CommandResult): Sample[] {
	const rtts = new Map<number, number>();
	for (const { scmp_seq: seq, round_trip_time: rttMs, state } of replies ?? []) {
		if (state.toLowerCase() === 'success' && !rtts.has(seq)) rtts.set(seq, rttMs);
	}
	const samples: Sample[] = [];
	for (let seq = 0; seq < Math.min(statistics.sent, run.pings); seq++) {
		const rttMs = rtts.get(seq);
		const sentAtMs = seq * run.intervalMs;
		// It ends early when it is interrupted, or has heard as many answers as it sends pings, one of them twice.
		const wasInFlight = rttMs === undefined && statistics.time < sentAtMs + run.timeoutMs;
		if (!wasInFlight) samples.push(sampleOf(result, sentAtMs, rttMs === undefined ? null : rttMs / 1000));
	}
	return samples;
}

/** The historical program: `1-ff00:0:110,10.0.0.1 : 1.2 3.4 - 5.6`, milliseconds. */
function resultOfRow(run: SpingRun, result: CommandResult): TargetResult {
	const streams = [result.stdout, result.stderr].flatMap((text) => [...parseFpingOutput(text).rows]);
	const rtts = streams.find(([host]) => readScionAddress(host) === run.target)?.[1];
	const isGood = result.stopped || historicalExits.includes(result.exitCode);
	if (rtts === undefined || !isGood)
		return { failure: failed(result), code: result.stopped ? 'stopped' : 'program_failed' };
	const samples = rtts.map((rttSeconds, seq) => sampleOf(result, seq * run.intervalMs, rttSeconds));
	return checked(samples, run, result);
}

/** All answered; some did not. */
const historicalExits: readonly (number | null)[] = [0, 1];

function sampleOf({ startedAtSeconds }: CommandResult, sentAtMs: number, rttSeconds: number | null): Sample {
	return { sentAtSeconds: startedAtSeconds + sentAtMs / 1000, rttSeconds };
}

function checked(samples: readonly Sample[], { pings }: SpingRun, { stopped }: CommandResult): TargetResult {
	if (samples.length > pings)
		return {
			failure: `scion ping printed ${samples.length} results instead of ${pings}`,
			code: 'program_failed',
		};
	if (samples.length > 0) return { samples };
	return {
		failure: `scion ping ${stopped ? 'was stopped' : 'ended'} before a ping was over`,
		code: stopped ? 'stopped' : 'program_failed',
	};
}
