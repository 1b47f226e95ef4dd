import {
	accountOf,
	type Budget,
	beginningOf,
	budgetOf,
	lossOf,
	unknownShareOf,
	uptimeOf,
} from '../../history/account.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { readHistory } from '../../store/read-history.ts';
import { lastSecondsOf, readStoredOrder } from '../../store/series.ts';
import { CommandProblem, type FoundOrder, reasonOf } from '../shared/find-orders.ts';
import { readOrderLabels } from '../shared/order-labels.ts';
import type { Month } from './month.ts';

/** What an order came to in a month. Shares are 0 to 1, null where there is nothing to share. */
export interface ReportRow {
	readonly id: string;
	readonly title: string | null;
	readonly isArchived: boolean;
	/** Seconds. */
	readonly step: number;
	/** Slots that were measured, those of them without any answer, and those that were not measured. */
	readonly slots: number;
	readonly down: number;
	readonly unknown: number;
	readonly uptime: number | null;
	readonly unknownShare: number | null;
	/** Pings. */
	readonly sent: number;
	readonly lost: number;
	readonly loss: number | null;
	/** Seconds. */
	readonly median: number | null;
	readonly p90: number | null;
	readonly p99: number | null;
	readonly max: number | null;
	/** Null: it has no objective. */
	readonly budget: Budget | null;
}

export interface ReportCase {
	readonly baseDir: string;
	readonly probes: ProbeTable;
	readonly month: Month;
	/** Of orders that have none of their own, percent. */
	readonly objectivePercent: number | null;
	readonly nowSeconds: number;
}

/** Null when nothing was to be measured in that month. Throws `CommandProblem` when that cannot be told. */
export function reportRow(order: FoundOrder, about: ReportCase): ReportRow | null {
	try {
		return rowOf(order, about);
	} catch (error) {
		if (error instanceof CommandProblem) throw error;
		throw new CommandProblem(`${order.id}: ${reasonOf(error)}`);
	}
}

function rowOf(order: FoundOrder, { baseDir, probes, month, nowSeconds, ...about }: ReportCase) {
	const history = readHistory(order.folder);
	const beginning = beginningOf(history);
	if (beginning === null || beginning >= month.endSeconds) return null;
	const stored = readStoredOrder(order);
	const untilSeconds = lastSecondsOf(order, stored, nowSeconds);
	const stepSeconds = stored.stepSeconds;
	if (untilSeconds <= month.startSeconds) return null;
	const { tally } = accountOf(history, month, { stepSeconds, untilSeconds });
	const labels = readOrderLabels(baseDir, order, probes);
	const objective = labels.objectivePercent ?? about.objectivePercent;
	const comingSeconds = order.isArchived ? 0 : month.endSeconds - Math.max(untilSeconds, month.startSeconds);
	const coming = Math.floor(Math.max(0, comingSeconds) / stepSeconds);
	const { slots, down, unknown, sent, lost, max, histogram } = tally;
	return {
		...{ id: order.id, title: labels.title, isArchived: order.isArchived, step: stepSeconds },
		...{ slots, down, unknown, sent, lost, max },
		...{ uptime: uptimeOf(tally), unknownShare: unknownShareOf(tally), loss: lossOf(tally) },
		...{ median: histogram.quantile(0.5), p90: histogram.quantile(0.9), p99: histogram.quantile(0.99) },
		budget: objective === null ? null : budgetOf(tally, objective, coming),
	};
}
