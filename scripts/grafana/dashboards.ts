import { alerts } from './alerts.ts';
import { fleet } from './fleet.ts';
import { health } from './health.ts';
import { order } from './order.ts';
import { dashboard } from './panels.ts';
import { onePop, popsCompared } from './pops.ts';
import { dns, http, routes } from './probes.ts';

/** Text of the files in packaging/grafana/dashboards, by their names. */
export const dashboardFiles: ReadonlyMap<string, string> = new Map(
	[fleet, order, popsCompared, onePop, routes, alerts, health, http, dns].map((spec) => [
		`${spec.uid}.json`,
		`${JSON.stringify(dashboard(spec), null, '\t')}\n`,
	]),
);
