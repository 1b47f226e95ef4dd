import { randomBytes } from 'node:crypto';
import { describeFindings } from '../../model/findings.ts';
import type { Order } from '../../model/order.ts';
import type { AnyProbe, ProbeTable } from '../../model/probe.ts';
import { optionValue, orderText, readOrderText } from '../../orders/lists/text.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import { keysOf } from '../../reading/strict-section.ts';

/** What is to be measured, as typed. */
export interface Typed {
	readonly probe: AnyProbe;
	readonly target: string;
	readonly user: string;
	readonly pings: string;
	/** Seconds. */
	readonly interval: string | undefined;
	/** Who is to measure it; left out: this machine. */
	readonly where?: { readonly pops: readonly string[]; readonly here?: true };
	/** Of the probe's section, by key. */
	readonly options: ReadonlyMap<string, string | boolean>;
}

/** What is to be measured: an order for once. */
export interface Wish {
	readonly order: Order;
	readonly text: string;
	readonly probe: AnyProbe;
	readonly intervalSeconds: number;
	/** The daemon can keep the interval: the probe has an option for it, or none was asked for. */
	readonly suitsDaemon: boolean;
}

const usualIntervalSeconds = 1;
/** An answer that has not come by then is lost. */
const answerSeconds = 3;
/** So much of a window probes use. */
const usableShare = 0.8;
const stepLeastSeconds = 60;
/** How long it may take until the daemon begins. */
const pickUpSeconds = 3;
/** The same of points of presence, whose clocks may be ahead. */
const pickUpThereSeconds = 13;

/** Throws `OrderTrouble` when it is not an order. */
export function wishOf(typed: Typed, probes: ProbeTable, nowSeconds: number): Wish {
	const { probe, target, user, interval } = typed;
	const intervalSeconds = interval === undefined ? usualIntervalSeconds : secondsIn(interval);
	const pings = /^[1-9]\d{0,5}$/.test(typed.pings) ? Number(typed.pings) : typed.pings;
	const count = typeof pings === 'number' ? pings : 1;
	const options = new Map<string, unknown>();
	for (const [key, value] of typed.options) options.set(key, optionValue(probe, key, String(value)));
	const canSay = keysOf(probe.options).includes('interval') && probe.intervalUnit !== undefined;
	if (canSay) options.set('interval', probe.intervalUnit === 'ms' ? intervalSeconds * 1000 : intervalSeconds);
	const top = new Map<string, unknown>([
		['user', user],
		['task', 'pingmachine measure'],
		['step', stepFor(count, intervalSeconds, nowSeconds, typed.where !== undefined)],
		['pings', pings],
		['probe', probe.name],
		['once', true],
		['rrd_template', 'norrd'],
		// Should nobody be left to remove it.
		['expires', 3600],
		...(typed.where === undefined ? [] : [['where', typed.where] as const]),
	]);
	const id = `measure/${probe.name}-${randomBytes(5).toString('hex')}`;
	const fields = { top, probe: probe.name, target: probe.target, options, tags: new Map() };
	const text = orderText(fields, target);
	const read = readOrderText(id, text, probes);
	if ('findings' in read) throw new OrderTrouble(describeFindings(read.findings));
	return { order: read.order, text, probe, intervalSeconds, suitsDaemon: canSay || interval === undefined };
}

export function secondsIn(text: string): number {
	const seconds = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
	if (seconds > 0 && seconds <= 3600) return seconds;
	throw new OrderTrouble(`--interval: must be seconds from one ping to the next, such as 0.2, not "${text}"`);
}

/** In how many seconds so many pings are sent and answered. */
export function spanSeconds(pings: number, intervalSeconds: number): number {
	return (pings * intervalSeconds + answerSeconds) / usableShare;
}

/**
 * A step of which enough is left now, so that nobody waits for the next slot: slots are aligned to the epoch. At least
 * so many seconds as there are pings, for orders need that.
 */
function stepFor(pings: number, intervalSeconds: number, nowSeconds: number, isElsewhere: boolean): number {
	const readySeconds = isElsewhere ? pickUpThereSeconds : pickUpSeconds;
	const needed = spanSeconds(pings, Math.max(intervalSeconds, 1)) + readySeconds;
	const least = Math.max(stepLeastSeconds, pings, Math.ceil(needed));
	for (let step = least; step < 3 * least; step++) {
		if (step - (nowSeconds % step) >= needed) return step;
	}
	return least;
}

/** The window in which a probe without an option for it keeps the interval. Milliseconds. */
export function windowMsOf({ order, intervalSeconds, probe }: Wish): number {
	const span = spanSeconds(order.pings, intervalSeconds) * 1000;
	return probe.intervalUnit === undefined ? Math.ceil(span) : order.stepSeconds * 1000;
}
