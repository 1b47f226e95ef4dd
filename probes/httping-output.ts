import type { Sample } from '../src/model/measurement.ts';
import type { CommandResult } from '../src/model/probe.ts';
import { describeFailedRun } from './command.ts';
import type { HttpingPace } from './httping-pace.ts';

export interface HttpingOutput {
	/** What it says of each ping that is over, in sending order. */
	readonly pings: readonly HttpingPing[];
	/** How many pings it says to have begun; null when it did not come to its end. */
	readonly begun: number | null;
}

type HttpingPing = HttpingAnswer | 'failed' | 'timed out';

interface HttpingAnswer {
	readonly rttSeconds: number;
	/** Null unless it was told to show them. */
	readonly statusCode: number | null;
}

/** What follows the time is the server's own text. */
const answerLine = /^connected to \S+ \(\d+ bytes\), seq=(\d+) +time= *(-?\d+\.\d+) ms ?(?:(\d{3})(?!\d))?/;
const timeOutLine = /^(?:connect time out|timeout |problem retrieving proxy response)/i;
const failureLine =
	/^(?:ssl handshake error|could not connect|short read |error sending request|connection prematurely closed|retrieved invalid data|problem |proxy indicated error)/i;
const endLine = /^(\d+) connects, -?\d+ ok, /;

/** Reads what httping wrote to standard output. Never throws, whatever the text. */
export function parseHttpingOutput(text: string): HttpingOutput {
	const pings: HttpingPing[] = [];
	let begun: number | null = null;
	for (const line of text.split('\n')) {
		const [, sequence, ms, code] = answerLine.exec(line) ?? [];
		if (ms !== undefined) {
			const before = Math.min(Number(sequence), sequenceMax);
			// The sequence numbers are right whatever the lines of failures are like.
			pings.length = Math.min(pings.length, before);
			while (pings.length < before) pings.push('failed');
			pings.push({ rttSeconds: readSeconds(ms), statusCode: code === undefined ? null : Number(code) });
		} else if (timeOutLine.test(line)) pings.push('timed out');
		else if (failureLine.test(line)) pings.push('failed');
		else {
			const [, connects] = endLine.exec(line) ?? [];
			if (connects !== undefined) begun = Number(connects);
		}
	}
	return { pings, begun };
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
	/** Why it did not make all its pings, unless it was stopped. */
	readonly failure: string | null;
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
	let sentAtSeconds = result.startedAtSeconds;
	const add = (ping: HttpingPing) => {
		if (isPlausible(ping, tookSeconds)) samples.push({ sentAtSeconds, rttSeconds: rttOf(ping, run) });
		sentAtSeconds += secondsToNext(ping, run);
	};
	for (const ping of pings.slice(0, run.count)) add(ping);
	if (isWhole) for (let i = pings.length; i < run.count; i++) add('failed');

	// A ping that was under way when it was stopped is lost if it had had its time. A process that had to be killed hung
	// in the TLS handshake; without TLS, in looking up the name, which says nothing of the server.
	const wasUnderWay = result.stopped && pings.length < (begun ?? (run.tls ? run.count : 0));
	if (wasUnderWay && sentAtSeconds + run.timeoutMs / 1000 <= endedAtSeconds) add('timed out');
	const isFailed = !result.stopped && !isWhole;
	const failure = isFailed ? describeFailedRun('httping', result, said(result)) : null;
	return { samples, failure };
}

/** httping times with the wall clock: when that is set meanwhile, a time means nothing, neither answer nor loss. */
function isPlausible(ping: HttpingPing, tookSeconds: number): boolean {
	return typeof ping === 'string' || (ping.rttSeconds >= 0 && ping.rttSeconds <= tookSeconds + 1);
}

/** Null for no answer, and for one that counts as none. */
function rttOf(ping: HttpingPing, { failureCodes }: HttpingRun): number | null {
	if (typeof ping === 'string') return null;
	return ping.statusCode !== null && failureCodes.includes(ping.statusCode) ? null : ping.rttSeconds;
}

/** It sends at multiples of the interval; a ping that takes longer than one makes the next wait for another. */
function secondsToNext(ping: HttpingPing, { intervalMs, timeoutMs }: HttpingRun): number {
	const tookMs = ping === 'failed' ? 0 : ping === 'timed out' ? timeoutMs : ping.rttSeconds * 1000;
	return (Math.max(1, Math.ceil(tookMs / intervalMs)) * intervalMs) / 1000;
}

/** What it says whenever all is well, or of itself. */
const ofNoInterest = /^(?:Auto enabling SSL|Got signal|errno=|\s*$)/;

function said({ stderr }: CommandResult): string[] {
	return stderr.split('\n').filter((line) => !ofNoInterest.test(line));
}
