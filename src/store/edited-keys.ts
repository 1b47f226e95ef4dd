import type { Order } from '../model/order.ts';

const keysInFile = {
	user: 'user',
	task: 'task',
	stepSeconds: 'step',
	pings: 'pings',
	probe: 'probe',
	title: 'title',
	note: 'note',
	link: 'link',
	expiresSeconds: 'expires',
	once: 'once',
	rrdTemplate: 'rrd_template',
	slotsSeconds: 'slots',
	objectivePercent: 'objective',
	routeSeconds: 'route',
	buckets: 'buckets',
	measurementName: 'measurement_name',
	tags: 'tags',
} as const;

/** The keys, as they are called in the file, in which an order was changed; the probe's section counts as one. */
export function editedKeys(before: Order, after: Order): string[] {
	if (before === after) return [];
	const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
	const known = Object.entries(keysInFile) as [keyof typeof keysInFile, string][];
	return [
		...known.filter(([key]) => differs(before[key], after[key])).map(([, name]) => name),
		...(differs(before.options, after.options) ? [after.probe] : []),
	];
}
