import type { HistoryLine } from '../alerts/history.ts';
import type { Outage } from './order-days.ts';

/** An alert as strangers are told of it. */
export interface AlertIncident extends Outage {
	/** The title of its rule, where it has one: what is wrong in detail may name what is nobody's business. */
	readonly title: string | null;
}

/**
 * Alerts of one order, from what was raised and cleared. `titles`: of rules, by name. What lies within an outage is that
 * outage, which is told already.
 */
export function alertIncidents(
	lines: readonly HistoryLine[],
	outages: readonly Outage[],
	titles: ReadonlyMap<string, string>,
): AlertIncident[] {
	const alerts = new Map<string, AlertIncident>();
	for (const { id, rule, sinceSeconds, clearedSeconds = null } of lines)
		alerts.set(id, {
			...{ startSeconds: sinceSeconds, endSeconds: clearedSeconds, title: titles.get(rule) ?? null },
		});
	return [...alerts.values()].filter((alert) => !outages.some((outage) => overlap(alert, outage)));
}

function overlap(one: Outage, other: Outage): boolean {
	return (
		one.startSeconds < (other.endSeconds ?? Number.POSITIVE_INFINITY) &&
		other.startSeconds < (one.endSeconds ?? Number.POSITIVE_INFINITY)
	);
}
