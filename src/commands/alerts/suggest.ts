import { resolve } from 'node:path';
import { factTableOf } from '../../model/probe.ts';
import { readPast } from '../../web/alerts/past.ts';
import { quantileShares, Suggesting, type Suggestion } from '../../web/alerts/suggestion.ts';
import { CommandProblem, findOrders } from '../shared/find-orders.ts';
import { readTime } from '../shared/times.ts';
import { counted } from '../shared/words.ts';
import { duration, milliseconds } from '../terminal/text.ts';
import type { BacktestOptions } from './backtest.ts';
import { type AlertsPlace, jsonLine, problemText, tableText, telling } from './place.ts';

const usualSince = '-8d';

/** Proposes thresholds from the past of orders. Resolves with the exit code. */
export function suggestCommand(
	words: readonly string[],
	options: BacktestOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, () => {
		const { stdout, stderr, nowSeconds, probes } = place;
		const baseDir = resolve(options.basedir);
		const since = readTime('--since', options.since ?? usualSince, nowSeconds);
		const suggesting = new Suggesting(factTableOf(probes));
		let isWhole = true;
		for (const { id, folder } of findOrders(baseDir, words)) {
			try {
				const past = readPast(folder, since, nowSeconds + 1);
				if (past !== null) suggesting.add(past);
			} catch (error) {
				isWhole = false;
				stderr.write(`pingmachine alerts: ${id}: ${problemText(error)}\n`);
			}
		}
		const suggestions = suggesting.suggest();
		if (suggestions.length === 0 && isWhole)
			throw new CommandProblem(`${words.join(' ')}: there are no single slots in that time`);
		const { orders, slots, seconds } = suggesting.reach;
		if (options.json === true) stdout.write(suggestions.map((one) => jsonLine(jsonOf(one))).join(''));
		else {
			const span = orders === 0 ? '' : `, ${duration(seconds / orders)} an order`;
			stdout.write(`${counted(orders, 'order')}, ${counted(slots, 'known slot')}${span}\n`);
			for (const one of suggestions) stdout.write(`\n${textOf(one)}`);
		}
		return isWhole ? 0 : 1;
	});
}

const names = quantileShares.map((share) => (share === 1 ? 'most' : `${share * 100} %`));

function jsonOf({ kind, quantiles, candidates }: Suggestion): object {
	return {
		kind,
		quantiles: Object.fromEntries(quantileShares.map((share, at) => [share, quantiles[at] ?? null])),
		candidates: candidates.map(({ text, fired, orders, firingSeconds, isProposed }) => ({
			...{ rule: text, fired, orders, firing: firingSeconds, proposed: isProposed },
		})),
	};
}

function textOf({ kind, quantiles, candidates }: Suggestion): string {
	const values = quantiles.map((value) =>
		kind === 'loss' ? `${Number((value * 100).toPrecision(3))} %` : `${milliseconds(value)} ms`,
	);
	const told = values.map((value, at) => `${names[at]}: ${value}`).join('   ');
	const rows = candidates.map(({ text, fired, orders, firingSeconds, isProposed }) => [
		isProposed ? '->' : '',
		...[String(fired), String(orders), firingSeconds === 0 ? '-' : duration(firingSeconds), text],
	]);
	return `${kind}  ${told}\n${tableText(['', 'FIRED', 'ORDERS', 'FOR', 'RULE'], rows)}`;
}
