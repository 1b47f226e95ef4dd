import { z } from 'zod';
import type { Order } from '../../model/order.ts';
import { withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';

const seconds = z.number();

/** An order as it is understood. No passwords are in it. */
export const orderView = z.strictObject({
	id: z.string(),
	user: z.string(),
	task: z.string().optional(),
	step: z.number().describe('seconds'),
	pings: z.int(),
	probe: z.string(),
	target: z.string(),
	options: z.record(z.string(), z.unknown()),
	rrd_template: z.string().nullable().describe('null: as the config says'),
	expires: z.number().nullable().optional().describe('seconds; null: never; left out: as the config says'),
	title: z.string().optional(),
	note: z.string().optional(),
	link: z.string().optional(),
	objective: z.number().optional().describe('percent of the measured slots that shall have an answer'),
	measurement_name: z.string().optional(),
	tags: z.record(z.string(), z.string()),
});

export type OrderView = z.infer<typeof orderView>;

export function viewOf(order: Order, probes: ProbeTable): OrderView {
	const { id, user, task, stepSeconds, pings, probe, target, shownTarget, rrdTemplate, tags } = order;
	const shown = shownTarget ?? target;
	const targetKey = probes.get(probe)?.target;
	const values = Object.entries(order.options).filter(([, value]) => value !== undefined);
	return {
		...{ id, user, ...(task === undefined ? {} : { task }), step: stepSeconds, pings, probe, target: shown },
		options: Object.fromEntries(
			values.map(([key, value]) => [
				key,
				key === targetKey ? shown : typeof value === 'string' ? withoutPasswords(value) : value,
			]),
		),
		rrd_template: rrdTemplate,
		...(order.expiresSeconds === undefined ? {} : { expires: order.expiresSeconds }),
		...(order.title === undefined ? {} : { title: order.title }),
		...(order.note === undefined ? {} : { note: order.note }),
		...(order.link === undefined ? {} : { link: withoutPasswords(order.link) }),
		...(order.objectivePercent === undefined ? {} : { objective: order.objectivePercent }),
		...(order.measurementName === undefined ? {} : { measurement_name: order.measurementName }),
		tags,
	};
}

const lastView = z.strictObject({
	time: seconds.describe('start of the slot'),
	loss: z.int().describe('lost pings'),
	sent: z.int(),
	median: seconds.nullable(),
});

export const listedOrder = z.strictObject({
	id: z.string(),
	state: z.enum(['measured', 'rejected']),
	user: z.string().optional(),
	task: z.string().optional(),
	probe: z.string().optional(),
	target: z.string().optional(),
	step: z.number().optional(),
	pings: z.int().optional(),
	tags: z.record(z.string(), z.string()).optional(),
	last: lastView.nullable().optional().describe('the last measured slot'),
	reason: z.string().nullable().optional().describe('of a rejected order'),
});
