import { resolve } from 'node:path';
import { spanForms, spanSeconds } from '../../model/span.ts';
import { ownName, writeMute } from '../../orders/mute-writer.ts';
import { firedOf } from '../../web/alerts/acknowledge.ts';
import { CommandProblem } from '../shared/find-orders.ts';
import { readTime } from '../shared/times.ts';
import { localTime } from '../shared/words.ts';
import { firingOf } from './firing.ts';
import { type AlertsPlace, type CommonOptions, telling } from './place.ts';

/** As typed. */
export interface MuteOptions extends CommonOptions {
	readonly for?: string | undefined;
	readonly until?: string | undefined;
	readonly rule?: readonly string[] | undefined;
	readonly why?: string | undefined;
	readonly by?: string | undefined;
}

/** Mutes all alerts of orders for a while. Resolves with the exit code. */
export function muteCommand(
	orders: readonly string[],
	options: MuteOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, () => {
		const { stdout, nowSeconds } = place;
		const untilSeconds = endOf(options, nowSeconds);
		const name = writeMute(
			resolve(options.basedir),
			{ orders: [...orders], rules: options.rule ?? null, untilSeconds, ...wordsOf(options) },
			nowSeconds,
		);
		stdout.write(
			`muted until ${localTime(untilSeconds, nowSeconds)}: mutes/${name}. Remove the file to end it before\n`,
		);
		return 0;
	});
}

function endOf({ for: span, until }: MuteOptions, nowSeconds: number): number {
	if ((span === undefined) === (until === undefined))
		throw new CommandProblem('mute: write either --for, such as --for 2h, or --until');
	if (until !== undefined) {
		const seconds = readTime('--until', until, nowSeconds);
		if (seconds > nowSeconds) return seconds;
		throw new CommandProblem(`--until: must be in the future, not ${JSON.stringify(until)}`);
	}
	const seconds = spanSeconds(span);
	if (seconds !== null && seconds >= 1) return Math.round(nowSeconds + seconds);
	throw new CommandProblem(`--for: must be ${spanForms}, not ${JSON.stringify(span)}`);
}

function wordsOf({ why, by }: MuteOptions): { by: string; why?: string } {
	return { by: by ?? ownName(), ...(why === undefined ? {} : { why }) };
}

/** Says of alerts that fire that somebody knows: nobody is reminded of them. Resolves with the exit code. */
export function ackCommand(
	words: readonly string[],
	options: MuteOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, async (): Promise<0 | 1> => {
		const { stdout, nowSeconds } = place;
		const firing = await firingOf(options.basedir);
		const alerts = words.flatMap((word) => {
			const found = firedOf(firing, word);
			if (found.length > 0) return found;
			throw new CommandProblem(`${word}: no alert of that fires. pingmachine alerts lists them`);
		});
		for (const { id, order, part, rule, acknowledged } of new Set(alerts)) {
			const what = `${rule}${order === null && part === undefined ? '' : ` of ${order ?? part}`}`;
			if (acknowledged !== null) {
				stdout.write(`${what}: ${acknowledged} has acknowledged it already\n`);
				continue;
			}
			const mute = { orders: null, rules: null, untilSeconds: null, alert: id, ...wordsOf(options) };
			stdout.write(`acknowledged ${what}: mutes/${writeMute(resolve(options.basedir), mute, nowSeconds)}\n`);
		}
		return 0;
	});
}
