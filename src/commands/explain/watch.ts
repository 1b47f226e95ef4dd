import type { EarlyPing } from '../../model/measurement.ts';
import type { Outcome } from '../../model/outcome.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { ToldEvent } from '../../outcomes/event-json.ts';
import { followOrder } from '../shared/follow-order.ts';
import { localTime } from '../shared/words.ts';
import { lossPercent, milliseconds } from '../terminal/text.ts';

/** Where it is printed, and when it ends. */
export interface WatchPlace {
	readonly baseDir: string;
	readonly id: string;
	readonly isJson: boolean;
	readonly signal: AbortSignal;
	/** Milliseconds since the epoch. */
	nowMs(): number;
	/** Takes whole lines, without their ends. */
	print(line: string): void;
}

/** Prints each ping as it is answered, and what comes of each slot, until the signal fires. Resolves as `followOrder`. */
export function watchOrder({
	baseDir,
	id,
	isJson,
	signal,
	nowMs,
	print,
}: WatchPlace): Promise<string | null> {
	const heard = (event: ToldEvent, line: string) => {
		if (event.about === 'hello' || event.about === 'alive') return;
		if (isJson) print(escapeJson(line));
		else for (const told of linesOf(event, nowMs() / 1000)) print(told);
	};
	return followOrder({ baseDir, id, signal, heard });
}

function linesOf(event: ToldEvent, nowSeconds: number): string[] {
	switch (event.about) {
		case 'early':
			return event.early.map((ping) => pingLine(ping, event.pings, nowSeconds));
		case 'outcomes':
			return event.outcomes.map((outcome) => outcomeLine(outcome, nowSeconds));
		case 'gone':
			return [
				`the order is measured no more: it was ${event.why === 'expired' ? 'not refreshed' : event.why}`,
			];
		case 'missed':
			return [`${event.count} results were not told: this command is too slow`];
		default:
			return [];
	}
}

function pingLine(
	{ index, sentAtSeconds, rttSeconds }: EarlyPing,
	pings: number,
	nowSeconds: number,
): string {
	const rtt = rttSeconds === null ? 'lost' : `${milliseconds(rttSeconds)} ms`;
	return `${localTime(sentAtSeconds, nowSeconds)}  ping ${index + 1} of ${pings}  ${rtt}`;
}

function outcomeLine(outcome: Outcome, nowSeconds: number): string {
	const slot = `slot of ${localTime(outcome.slot.startSeconds, nowSeconds)}`;
	if (outcome.kind !== 'measured')
		return `${slot}: ${outcome.kind}, ${outcome.code}: ${printable(outcome.reason)}`;
	const { loss, samples, minSeconds, medianSeconds, maxSeconds } = outcome.measurement;
	const rtts =
		medianSeconds === null
			? ''
			: `, median ${milliseconds(medianSeconds)} ms (${milliseconds(minSeconds)}-${milliseconds(maxSeconds)})`;
	return `${slot}: loss ${lossPercent(loss, samples.length)}${rtts}`;
}
