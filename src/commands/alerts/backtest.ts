import { resolve } from 'node:path';
import type { CompiledRule } from '../../alerts/compiled-rule.ts';
import { identityOf } from '../../model/outcome.ts';
import { factTableOf } from '../../model/probe.ts';
import { type FoundOrder, findOrderFolder, listOrders } from '../../store/find-orders.ts';
import { type Backtest, backtest } from '../../web/alerts/backtest.ts';
import { notReplayedHolds, PastHolds } from '../../web/alerts/past-holds.ts';
import { isFile, orderOf, ruleInFile, ruleOfName, rulePath } from '../../web/alerts/rule-files.ts';
import { CommandProblem, findOrders } from '../shared/find-orders.ts';
import { readTime } from '../shared/times.ts';
import { counted, localTime } from '../shared/words.ts';
import { duration } from '../terminal/text.ts';
import { type AlertsPlace, type CommonOptions, jsonLine, problemText, telling } from './place.ts';

/** As typed. */
export interface BacktestOptions extends CommonOptions {
	readonly since?: string | undefined;
}

const usualSince = '-8d';

/** Tells when a rule would have fired. Resolves with the exit code. */
export function backtestCommand(
	ruleWord: string,
	words: readonly string[],
	options: BacktestOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, () => {
		const { stderr, nowSeconds, probes } = place;
		const baseDir = resolve(options.basedir);
		const compiled = ruleOf(baseDir, ruleWord, place);
		const since = readTime('--since', options.since ?? usualSince, nowSeconds);
		const teller = options.json === true ? new JsonTeller(place) : new TextTeller(place);
		const all = words.length === 0 ? listOrders(baseDir) : findOrders(baseDir, words);
		const parentsOf = (id: string) => parentsIn(baseDir, id, place);
		const holds = new PastHolds({ baseDir, startSeconds: since, endSeconds: nowSeconds + 1, parentsOf });
		let isWhole = true;
		for (const found of all) {
			try {
				const order = orderOf(baseDir, found, probes);
				const isFor = order !== null && compiled.isFor(identityOf(order), order.alerts ?? []);
				// Whoever names an order wants to know of it.
				if (!isFor && words.length === 0) continue;
				teller.tell(found, backtest(compiled, found, since, nowSeconds + 1, holds), isFor);
			} catch (error) {
				isWhole = false;
				stderr.write(`pingmachine alerts: ${found.id}: ${problemText(error)}\n`);
			}
		}
		if (teller.count === 0 && isWhole)
			throw new CommandProblem(
				`${ruleWord}: is for no order that has results. Name orders to try it with them`,
			);
		teller.end();
		return isWhole ? 0 : 1;
	});
}

function parentsIn(baseDir: string, id: string, { probes }: AlertsPlace): readonly string[] {
	const found = findOrderFolder(baseDir, id);
	return found === null ? [] : (orderOf(baseDir, found, probes)?.parents ?? []);
}

/** What looks like a path is one first; all else is the name of a rule first. */
function ruleOf(baseDir: string, word: string, { probes }: AlertsPlace): CompiledRule {
	const facts = factTableOf(probes);
	const isPath = /^\.{0,2}\/|\.ya?ml$/.test(word);
	const isTaken = isFile(word) && (isPath || rulePath(baseDir, word) === null);
	if (isTaken) return ruleInFile(word, word.replace(/^.*\/|\.ya?ml$/g, ''), facts);
	return ruleOfName(baseDir, word, facts);
}

abstract class Teller {
	protected readonly place: AlertsPlace;
	count = 0;

	constructor(place: AlertsPlace) {
		this.place = place;
	}

	abstract tell(order: FoundOrder, tested: Backtest, isFor: boolean): void;
	abstract end(): void;
}

class JsonTeller extends Teller {
	tell({ id }: FoundOrder, { past, fired, firingSeconds }: Backtest, isFor: boolean): void {
		const { stdout } = this.place;
		this.count++;
		for (const { raisedSeconds, clearedSeconds, toldSeconds, heldBy, sinceSeconds, what, pops } of fired) {
			const raise = { about: 'raise', order: id, time: raisedSeconds, since: sinceSeconds };
			stdout.write(jsonLine({ ...raise, told: toldSeconds, held: heldBy, what, pops }));
			if (clearedSeconds !== null)
				stdout.write(jsonLine({ about: 'clear', order: id, time: clearedSeconds }));
		}
		const clears = fired.filter(({ clearedSeconds }) => clearedSeconds !== null).length;
		const slots = past === null ? 0 : Math.round((past.untilSeconds - past.fromSeconds) / past.stepSeconds);
		stdout.write(
			jsonLine({
				...{ about: 'order', order: id, matches: isFor, raises: fired.length, clears },
				...{ firing: firingSeconds, slots, unknown: past?.unknownSlots ?? 0 },
				...{ from: past?.fromSeconds ?? null, until: past?.untilSeconds ?? null },
				slots_file_from:
					past !== null && Number.isFinite(past.slotsFromSeconds) ? past.slotsFromSeconds : null,
			}),
		);
	}

	end(): void {}
}

class TextTeller extends Teller {
	#raises = 0;
	#clears = 0;
	#firingSeconds = 0;
	#held = 0;

	tell({ id }: FoundOrder, { past, fired, firingSeconds }: Backtest, isFor: boolean): void {
		const { stdout, nowSeconds } = this.place;
		this.count++;
		let clears = 0;
		for (const one of fired) {
			const { raisedSeconds, clearedSeconds, what } = one;
			stdout.write(`${localTime(raisedSeconds, nowSeconds)}  raise  ${id}  ${what}${heldInWords(one)}\n`);
			if (one.heldBy !== null) this.#held++;
			if (clearedSeconds === null) continue;
			clears++;
			const span = duration(clearedSeconds - raisedSeconds);
			stdout.write(`${localTime(clearedSeconds, nowSeconds)}  clear  ${id}  after ${span}\n`);
		}
		this.#raises += fired.length;
		this.#clears += clears;
		this.#firingSeconds += firingSeconds;
		const other = isFor ? '' : '; the rule is not for it as it stands';
		stdout.write(`${id}: ${countsOf(fired.length, clears, firingSeconds)}; ${this.#reachOf(past)}${other}\n`);
	}

	end(): void {
		const { stdout } = this.place;
		if (this.#raises > 0) {
			const held = this.#held === 0 ? '' : `${this.#held} of ${counted(this.#raises, 'raise')} held; `;
			stdout.write(`${held}${notReplayedHolds}\n`);
		}
		if (this.count < 2) return;
		const counts = countsOf(this.#raises, this.#clears, this.#firingSeconds);
		this.place.stdout.write(`${counted(this.count, 'order')}: ${counts}\n`);
	}

	#reachOf(past: Backtest['past']): string {
		if (past === null) return 'there are no single slots in that time';
		const { nowSeconds } = this.place;
		const { fromSeconds, untilSeconds, stepSeconds, unknownSlots, slotsFromSeconds } = past;
		const slots = Math.round((untilSeconds - fromSeconds) / stepSeconds);
		const from = `looked back to ${localTime(fromSeconds, nowSeconds)}, ${counted(slots, 'slot')}, ${unknownSlots} of them unknown`;
		if (slotsFromSeconds <= fromSeconds) return from;
		const until = Number.isFinite(slotsFromSeconds)
			? ` up to ${localTime(slotsFromSeconds, nowSeconds)}`
			: '';
		return `${from}; of main.rrd${until}`;
	}
}

function heldInWords({ heldBy, toldSeconds, raisedSeconds }: Backtest['fired'][number]): string {
	if (heldBy === null) return '';
	const end = toldSeconds === null ? 'not told' : `told ${duration(toldSeconds - raisedSeconds)} later`;
	return ` (held by ${heldBy}, ${end})`;
}

function countsOf(raises: number, clears: number, firingSeconds: number): string {
	const span = firingSeconds === 0 ? '' : `, fired for ${duration(firingSeconds)}`;
	return `${counted(raises, 'raise')}, ${counted(clears, 'clear')}${span}`;
}
