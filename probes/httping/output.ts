import { isIP } from 'node:net';
import type { Sample } from '../../src/model/measurement.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
import type { CommandResult } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';
import { isOfThisMachine, lossByLine } from './loss.ts';
import type { HttpingPace } from './pace.ts';

export interface HttpingOutput {
	/** What it says of each ping that is over, in sending order. */
	readonly pings: readonly HttpingPing[];
	/** How many pings it says to have begun; null when it did not come to its end. */
	readonly begun: number | null;
}

type HttpingPing = HttpingAnswer | HttpingLoss;

interface HttpingLoss {
	readonly lost: 'failed' | 'timed out';
	readonly reason: string;
}

/** Lost, and httping has not said why. */
const failedSilently: HttpingLoss = { lost: 'failed', reason: 'no answer' };

interface HttpingAnswer {
	readonly rttSeconds: number;
	/** Null unless it was told to show them. */
	readonly statusCode: number | null;
}

/** What follows the time is the server's own text. */
const answerLine =
	/^connected to \S+ \(\d+ bytes\), seq=(\d+) +time= *(-?\d{1,9}\.\d{1,9}) ms ?(?:(\d{3})(?!\d))?/;
const timeOutLine = /^(?:connect time out|timeout |problem retrieving proxy response)/i;
const failureLine =
	/^(?:ssl handshake error|could not connect|short read |error sending request|connection prematurely closed|retrieved invalid data|problem |proxy indicated error)/i;
const endLine = /^(\d+) connects, -?\d+ ok, /;

/** Reads what httping wrote to standard output. Never throws, whatever the text. */
export function parseHttpingOutput(text: string): HttpingOutput {
	const pings: HttpingPing[] = [];
	let begun: number | null = null;
	let lastAnswered = -1;
	for (const line of text.split('\n')) {
		const [, sequence, ms, code] = answerLine.exec(line) ?? [];
		if (ms !== undefined) {
			const before = Math.min(Number(sequence), sequenceMax);
			// It counts upwards, and has at most one answer for each.
			if (before <= lastAnswered) continue;
			lastAnswered = before;
			// The sequence numbers are right whatever the lines of failures are like.
			pings.length = Math.min(pings.length, before);
			while (pings.length < before) pings.push(failedSilently);
			pings.push({ rttSeconds: readSeconds(ms), statusCode: code === undefined ? null : Number(code) });
		} else if (timeOutLine.test(line)) pings.push({ lost: 'timed out', reason: lossByLine(line) });
		else if (failureLine.test(line)) pings.push({ lost: 'failed', reason: lossByLine(line) });
		else {
			const [, connects] = endLine.exec(line) ?? [];
			if (connects !== undefined) begun = Number(connects);
		}
	}
	return { pings, begun };
}

/** That which httping says to have been connected to last; null when it was to none. */
export function connectedAddress(text: string): string | null {
	const at = text.lastIndexOf('\nconnected to ');
	const [, address = ''] = /^connected to (\S{1,45}):\d+ /.exec(text.slice(at + 1, at + 80)) ?? [];
	return isIP(address) === 0 ? null : address;
}

/** No order has so many pings. */
const sequenceMax = 1000;

/** Milliseconds in decimal to the nearest number of seconds. */
function readSeconds(ms: string): number {
	return Number(`${ms}e-3`);
}

/** What httping was told to do. */
export interface HttpingRun extends HttpingPace {
	readonly count: number;
	/** Whether a process that had to be killed may have hung in the TLS handshake. */
	readonly tls: boolean;
	/** Status codes that count as lost. */
	readonly failureCodes: readonly number[];
}

/** What came of a run. */
export interface HttpingRunResult {
	/** In sending order; as many as there were pings, or fewer. */
	readonly samples: readonly Sample[];
	/** In the same places; null where it is not known. */
	readonly statusCodes: readonly (number | null)[];
	/** Why, of each of those that are lost. Not fit to be shown yet. */
	readonly losses: readonly string[];
	/** Why it did not make all its pings, unless it was stopped. */
	readonly failure: string | null;
	/** Of what kind that was; the program's, if nothing is said. */
	readonly code?: ReasonCode;
	/** What it said of the last ping that this machine could not send: no sample. */
	readonly unsent?: string;
	/** The status of an answer that another one follows, which it did not wait for: no sample. */
	readonly interim?: number;
}

/**
 * What came of one process.
 *
 * @param endedAtSeconds when it was told to end, or did by itself; seconds since the epoch
 */
export function resultOf(result: CommandResult, run: HttpingRun, endedAtSeconds: number): HttpingRunResult {
	const { pings, begun } = parseHttpingOutput(result.stdout);
	const isWhole = !result.stopped && begun === run.count;
	const tookSeconds = endedAtSeconds - result.startedAtSeconds;
	const samples: Sample[] = [];
	const losses: string[] = [];
	const statusCodes: (number | null)[] = [];
	let sentAtSeconds = result.startedAtSeconds;
	const noSamples: { unsent?: string; interim?: number } = {};
	const add = (ping: HttpingPing) => {
		if ('lost' in ping && isOfThisMachine(ping.reason)) noSamples.unsent = ping.reason;
		else if ('statusCode' in ping && isInterim(ping.statusCode)) noSamples.interim = ping.statusCode;
		else if (isPlausible(ping, tookSeconds)) {
			const lossReason = lossReasonOf(ping, run);
			if (lossReason !== null) losses.push(lossReason);
			const rttSeconds = 'lost' in ping || lossReason !== null ? null : ping.rttSeconds;
			samples.push({ sentAtSeconds, rttSeconds });
			statusCodes.push('lost' in ping ? null : ping.statusCode);
		}
		sentAtSeconds += secondsToNext(ping, run);
	};
	for (const ping of pings.slice(0, run.count)) add(ping);
	if (isWhole) for (let i = pings.length; i < run.count; i++) add(failedSilently);

	// A ping that was under way when it was stopped is lost if it had had its time. A process that had to be killed hung
	// in the TLS handshake; without TLS, in looking up the name, which says nothing of the server.
	const wasUnderWay =
		result.stopped && pings.length < Math.min(run.count, begun ?? (run.tls ? run.count : 0));
	if (wasUnderWay && sentAtSeconds + run.timeoutMs / 1000 <= endedAtSeconds)
		add({ lost: 'timed out', reason: 'timed out' });
	const isFailed = !result.stopped && !isWhole;
	const failure = isFailed ? describeFailedRun('httping', result, said(result)) : null;
	return { samples, losses, statusCodes, failure, ...noSamples };
}

/** httping times with the wall clock: when that is set meanwhile, a time means nothing, neither answer nor loss. */
function isPlausible(ping: HttpingPing, tookSeconds: number): boolean {
	return 'lost' in ping || (ping.rttSeconds >= 0 && ping.rttSeconds <= tookSeconds + 1);
}

/** Such a status says that the answer is still to come; but 101 is one. */
function isInterim(statusCode: number | null): statusCode is number {
	return statusCode !== null && statusCode >= 100 && statusCode < 200 && statusCode !== 101;
}

/** Null for an answer that counts as one. */
function lossReasonOf(ping: HttpingPing, { failureCodes }: HttpingRun): string | null {
	if ('lost' in ping) return ping.reason;
	const { statusCode } = ping;
	return statusCode !== null && failureCodes.includes(statusCode) ? `HTTP ${statusCode}` : null;
}

/** It sends at multiples of the interval; a ping that takes longer than one makes the next wait for another. */
function secondsToNext(ping: HttpingPing, { intervalMs, timeoutMs }: HttpingRun): number {
	const lostMs = 'lost' in ping && ping.lost === 'timed out' ? timeoutMs : 0;
	const tookMs = 'lost' in ping ? lostMs : ping.rttSeconds * 1000;
	return (Math.max(1, Math.ceil(tookMs / intervalMs)) * intervalMs) / 1000;
}

/** What it says whenever all is well, or of itself. */
const ofNoInterest = /^(?:Auto enabling SSL|Got signal|errno=|\s*$)/;

function said({ stderr }: CommandResult): string[] {
	return stderr.split('\n').filter((line) => !ofNoInterest.test(line));
}
