import { isIP } from 'node:net';
import { z } from 'zod';
import type { Sample } from '../../src/model/measurement.ts';
import { once } from '../../src/model/once.ts';
import type { CommandResult, TargetResult } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';
import { parseFpingOutput } from '../shared/fping-output.ts';
import { readScionAddress } from '../shared/scion-address.ts';

/** What was to be done. */
export interface SpingRun {
	/** As `readScionAddress` writes it. */
	readonly target: string;
	readonly pings: number;
	readonly intervalMs: number;
	readonly timeoutMs: number;
}

/** What `scion ping --format json` prints, as far as it is needed. Times in milliseconds. */
const scionOutput = once(() =>
	z.object({
		/** Null when there are none. A ping that was lost has no entry. */
		replies: z
			.array(
				z.object({
					scmp_seq: z.int().min(0),
					round_trip_time: z.number().min(0),
					/** `success`, `out_of_order` (a later one overtook it), `after_timeout` or `duplicate`. */
					state: z.string(),
				}),
			)
			.nullable(),
		statistics: z.object({ sent: z.int().min(0), time: z.number().min(0) }),
	}),
);

type ScionOutput = z.infer<ReturnType<typeof scionOutput>>;

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
		return scionOutput().safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}

/** The times that it takes for its whole run and for single pings may differ by so much. */
const clockSlackMs = 5;
const answers: ReadonlySet<string> = new Set(['success', 'out_of_order']);

function samplesOfJson(told: ScionOutput, run: SpingRun, result: CommandResult): Sample[] {
	const { statistics } = told;
	const rtts = rttsIn(told, run);
	const sent = Math.min(statistics.sent, run.pings);
	const unanswered = Array.from({ length: sent }, (_, seq) => seq).filter((seq) => !rtts.has(seq));
	const lost = new Set(unanswered.slice(0, surelyLost(told, rtts.size, unanswered.length, result)));
	const samples: Sample[] = [];
	for (let seq = 0; seq < sent; seq++) {
		const rttMs = rtts.get(seq);
		const sentAtMs = seq * run.intervalMs;
		const isInFlight = rttMs === undefined && !lost.has(seq) && statistics.time < sentAtMs + run.timeoutMs;
		const rttSeconds = rttMs === undefined || rttMs === null ? null : rttMs / 1000;
		if (!isInFlight) samples.push(sampleOf(result, sentAtMs, rttSeconds));
	}
	return samples;
}

/** By sequence number, milliseconds; null: answered, but too late. */
function rttsIn({ replies, statistics }: ScionOutput, run: SpingRun): Map<number, number | null> {
	const rtts = new Map<number, number | null>();
	for (const { scmp_seq: seq, round_trip_time: rttMs, state } of replies ?? []) {
		// Older than its ping: it answers one of the run before, which had the same port and number.
		if (rttMs > statistics.time - seq * run.intervalMs + clockSlackMs) continue;
		// What comes once more has this state too, so the first one counts.
		const isInTime = answers.has(state.toLowerCase()) && rttMs <= run.timeoutMs;
		if (!rtts.has(seq)) rtts.set(seq, isInTime ? rttMs : null);
	}
	return rtts;
}

/**
 * How many of the unanswered pings are lost, however early it ended. Each SCMP error and each repeated answer counts for
 * it as one of the answers that it waits for, and after the last of them it does not wait any longer.
 */
function surelyLost(
	{ replies }: ScionOutput,
	answered: number,
	unanswered: number,
	{ stopped, stderr }: CommandResult,
): number {
	if (stopped) return stderr.split('\n').filter((line) => /^ERROR: (?!reading packet)/.test(line)).length;
	const repeated = (replies ?? []).length - answered;
	return Math.max(0, unanswered - repeated);
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
