import { jitterOf, mosOf } from '../../model/derived-facts.ts';
import type { EarlyPing, Measurement } from '../../model/measurement.ts';
import type { Outcome } from '../../model/outcome.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import { outcomeToJson } from '../../outcomes/outcome-json.ts';
import type { Paint } from '../terminal/paint.ts';
import { lossPercent, milliseconds } from '../terminal/text.ts';

/** What is printed while it is measured: each ping once, as soon as it is known. */
export class PingLines {
	readonly #pings: number;
	readonly #paint: Paint;
	readonly #print: (line: string) => void;
	readonly #told = new Map<number, EarlyPing>();

	constructor(pings: number, paint: Paint, print: (line: string) => void) {
		this.#pings = pings;
		this.#paint = paint;
		this.#print = print;
	}

	/** Those that were told, in sending order. */
	get told(): readonly EarlyPing[] {
		return [...this.#told.values()].sort((a, b) => a.index - b.index);
	}

	tell(pings: readonly EarlyPing[]): void {
		for (const ping of pings) {
			if (this.#told.has(ping.index)) continue;
			this.#told.set(ping.index, ping);
			const number = String(ping.index + 1).padStart(String(this.#pings).length);
			const { rttSeconds } = ping;
			const rtt = rttSeconds === null ? this.#paint('lost', 'lost') : `${milliseconds(rttSeconds)} ms`;
			this.#print(`  ping ${number}  ${rtt}`);
		}
	}
}

/** What a measurement comes to. RTTs in seconds. */
export interface Summary {
	readonly sent: number;
	readonly received: number;
	readonly loss: number;
	readonly min: number | null;
	readonly median: number | null;
	readonly max: number | null;
	readonly jitter: number | null;
	readonly mos: number;
}

export function summaryOf({ samples, loss, ...rtts }: Measurement): Summary {
	const jitter = jitterOf(samples);
	return {
		sent: samples.length,
		received: samples.length - loss,
		loss,
		min: rtts.minSeconds,
		median: rtts.medianSeconds,
		max: rtts.maxSeconds,
		jitter,
		mos: mosOf(loss / samples.length, rtts.medianSeconds, jitter),
	};
}

/** The last lines, in the manner of fping. */
export function summaryLines(target: string, measurement: Measurement): string[] {
	const { sent, received, min, median, max, jitter, mos } = summaryOf(measurement);
	const { facts } = measurement;
	const address = facts['address'];
	const why = facts['loss_reason'];
	const shown = printable(target);
	const at = typeof address === 'string' && address !== target ? ` (${printable(address)})` : '';
	const loss = lossPercent(sent - received, sent);
	const lines = [`${shown}${at} : xmt/rcv/%loss = ${sent}/${received}/${loss}`];
	const rtts = [min, median, max, jitter].map(milliseconds).join('/');
	lines.push(`  min/median/max/jitter = ${rtts} ms, MOS = ${mos.toFixed(2)}`);
	if (typeof why === 'string') lines.push(`  lost: ${printable(why)}`);
	return lines;
}

/** What one has measured, among others. */
export function jsonPartOf(outcome: Outcome): object {
	const { order: _order, pop: _pop, ...told } = outcomeToJson(outcome);
	return outcome.kind === 'measured' ? { ...told, ...summaryOf(outcome.measurement) } : told;
}

/** One object: what is known of the outcome, and its summary. `by`: who measured. */
export function jsonOf(outcome: Outcome, by: 'daemon' | 'here'): string {
	const { order, ...told } = outcomeToJson(outcome);
	const { probe, target } = order;
	const summary = outcome.kind === 'measured' ? summaryOf(outcome.measurement) : {};
	return escapeJson(JSON.stringify({ probe, target, by, ...told, ...summary }));
}
