import type { Variable } from './panel-spec.ts';

/** What the machines are that are looked at: of every query. */
export const machines = 'instance=~"$instance"';

/** The order that is looked at. */
export const theOrder = `${machines},order="$order"`;

export const instanceVariable: Variable = {
	name: 'instance',
	label: 'Machine',
	query: 'label_values(pingmachine_up, instance)',
	several: true,
};

export const orderVariable: Variable = {
	name: 'order',
	label: 'Order',
	query: 'label_values(pingmachine_order_info{instance=~"$instance"}, order)',
};

/** @param probes a pattern: those of these probes alone */
export function ordersOfVariable(probes: string): Variable {
	return {
		name: 'order',
		label: 'Order',
		query: `label_values(pingmachine_order_info{instance=~"$instance",probe=~"${probes}"}, order)`,
		several: true,
	};
}

export const popVariable: Variable = {
	name: 'pop',
	label: 'Point of presence',
	query: 'label_values(pingmachine_pings_sent_total{instance=~"$instance",pop!=""}, pop)',
};

/** Loss of a span, 0 to 1, from the counters: what was not measured has no part in it. */
export function lossOf(selector: string): string {
	const increase = (what: string) =>
		`increase(pingmachine_pings_${what}_total{${selector}}[$__rate_interval])`;
	return `${increase('lost')} / (${increase('sent')} > 0)`;
}

/** The same of several series together. */
export function lossOfAll(selector: string, by: string): string {
	const sum = (what: string) =>
		`sum by (${by}) (increase(pingmachine_pings_${what}_total{${selector}}[$__rate_interval]))`;
	return `${sum('lost')} / (${sum('sent')} > 0)`;
}

/** A quantile of round-trip times, of native histograms where there are such, else of classic ones. */
export function quantileOf(quantile: number, selector: string, by: string): string {
	const rate = (what: string) => `rate(pingmachine_rtt_seconds${what}{${selector}}[$__rate_interval])`;
	const native = `histogram_quantile(${quantile}, sum by (${by}) (${rate('')}))`;
	const classic = `histogram_quantile(${quantile}, sum by (${by}, le) (${rate('_bucket')}))`;
	return `${native} or ${classic}`;
}

/** With who the order is: `target`, `title` and tags that are asked for. */
export function withInfo(expr: string, labels: string): string {
	return `(${expr}) * on (job, instance, order) group_left (${labels}) pingmachine_order_info{${machines}}`;
}
