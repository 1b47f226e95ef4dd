import type { OrderIdentity } from '../../model/outcome.ts';
import { Labels } from './exposition.ts';

/** Labels that we or Prometheus give; a tag of such a name gets `tag_` before it. */
const takenNames: ReadonlySet<string> = new Set([
	...['order', 'pop', 'user', 'probe', 'target', 'step', 'title'],
	...['outcome', 'quantile', 'job', 'instance', 'le', 'reason'],
]);

/**
 * What a tag is called as a label. Characters that a label cannot have become `_`. Names that begin with two of these
 * are Prometheus' own: `__name__` would be another metric.
 */
export function labelName(tag: string): string {
	const name = tag.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_') || '_';
	return takenNames.has(name) || name.startsWith('__') ? `tag_${name}` : name;
}

/** Tags as labels, in the order of their names. Of two that become one label the first by name counts. */
export function tagLabels(tags: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
	const labels = new Map<string, string>();
	for (const tag of Object.keys(tags).sort()) {
		const name = labelName(tag);
		if (!labels.has(name)) labels.set(name, tags[tag] ?? '');
	}
	return [...labels];
}

/** The labels of what one order, or one point of presence for it, gives. */
export interface SeriesLabels {
	/** Of every series: the order, the point of presence, and those tags that the config chose. */
	readonly own: Labels;
	/** The same with a label more, made once for each of its values. */
	with(name: string, value: string): Labels;
}

/** @param chosenTags tags that are labels of every series */
export function seriesLabels(
	order: OrderIdentity,
	pop: string | undefined,
	chosenTags: readonly string[],
): SeriesLabels {
	const chosen = Object.fromEntries(Object.entries(order.tags).filter(([tag]) => chosenTags.includes(tag)));
	const pairs = [
		['order', order.id],
		...(pop === undefined ? [] : [['pop', pop]]),
		...tagLabels(chosen),
	] as (readonly [string, string])[];
	const more = new Map<string, Labels>();
	return {
		own: new Labels(pairs),
		with: (name, value) => {
			const key = `${name}\n${value}`;
			let labels = more.get(key);
			if (labels === undefined) {
				labels = new Labels([...pairs, [name, value]]);
				more.set(key, labels);
			}
			return labels;
		},
	};
}

/** The labels of `pingmachine_order_info`: all that is known of who the order is. */
export function infoLabels(order: OrderIdentity, stepSeconds: number): Labels {
	const { id, user, probe, target, title } = order;
	return new Labels([
		['order', id],
		['user', user],
		['probe', probe],
		['target', target],
		['step', String(stepSeconds)],
		...(title === undefined ? [] : [['title', title] as const]),
		...tagLabels(order.tags),
	]);
}
