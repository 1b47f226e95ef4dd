import { resolve } from 'node:path';
import { alertHistory, type HistoryLine } from '../../web/alerts/history.ts';
import { findOrders } from '../shared/find-orders.ts';
import { readTime } from '../shared/times.ts';
import { localTime } from '../shared/words.ts';
import { duration } from '../terminal/text.ts';
import { type AlertsPlace, type CommonOptions, jsonLine, tableText, telling } from './place.ts';

/** As typed. */
export interface HistoryOptions extends CommonOptions {
	readonly since?: string | undefined;
}

/** Tells what was raised and cleared. Resolves with the exit code. */
export function historyCommand(
	words: readonly string[],
	options: HistoryOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, () => {
		const { stdout, nowSeconds } = place;
		const baseDir = resolve(options.basedir);
		const since = options.since === undefined ? 0 : readTime('--since', options.since, nowSeconds);
		const lines = alertHistory(baseDir, words.length === 0 ? null : findOrders(baseDir, words), since);
		if (options.json === true) stdout.write(lines.map(jsonLine).join(''));
		else if (lines.length === 0) stdout.write('nothing was raised or cleared\n');
		else
			stdout.write(
				tableText(
					titles,
					lines.map((line) => rowOf(line, nowSeconds)),
				),
			);
		return 0;
	});
}

const titles = ['TIME', 'ABOUT', 'SEVERITY', 'ORDER', 'RULE', 'WHAT'];

function rowOf(line: HistoryLine, nowSeconds: number) {
	const { time, about, severity, order, part, rule, what, raisedSeconds } = line;
	const how = about === 'clear' ? `${what}, for ${duration(time - raisedSeconds)}` : what;
	return [localTime(time, nowSeconds), about, severity, order ?? part ?? '-', rule, how];
}
