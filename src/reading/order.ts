import type { Order, OrderFinding } from '../model/order.ts';
import { wrongWithOrderId } from '../model/order-id.ts';
import type { ProbeTable } from '../model/probe.ts';
import { readAlertNames, readParents } from './order-alerts.ts';
import { OrderDraft } from './order-draft.ts';
import {
	readBuckets,
	readExpires,
	readObjective,
	readOnce,
	readRoute,
	readSlots,
	readTemplate,
	readTiming,
	readUser,
} from './order-fields.ts';
import { readOrderLabels } from './order-labels.ts';
import { readProbe } from './order-probe.ts';
import { readTelegraf } from './order-telegraf.ts';
import { readWhere } from './order-where.ts';
import { readMapping } from './yaml-mapping.ts';

/**
 * An order, or what is wrong with its text: at least one finding. `notes`: values that are not understood, and without
 * which it is an order.
 */
export type ReadOrder =
	| { readonly order: Order; readonly notes?: readonly OrderFinding[] }
	| { readonly findings: readonly OrderFinding[] };

/** Larger order files are refused without being read. Bytes. */
export const orderMaxBytes = 64 * 1024;

/** Reads the text of an order. Never throws, whatever the text. */
export function readOrder(id: string, text: string, probes: ProbeTable): ReadOrder {
	const wrong = wrongWithOrderId(id);
	if (wrong !== null) return { findings: [{ message: wrong }] };
	// Every character takes at least one byte.
	if (text.length > orderMaxBytes) {
		return { findings: [{ message: `larger than ${orderMaxBytes} bytes. Write one order to each file` }] };
	}
	const read = readMapping(text);
	if ('finding' in read) return { findings: [read.finding] };
	if (read.mapping === null) {
		return {
			findings: [{ message: 'there is nothing in it. Write user:, step:, pings:, probe: and its section' }],
		};
	}
	return readDraft(id, new OrderDraft(text, read.mapping), probes);
}

/** Findings come in the order in which the keys are read here. */
function readDraft(id: string, draft: OrderDraft, probes: ProbeTable): ReadOrder {
	const user = readUser(draft);
	const task = draft.text('task');
	const timing = readTiming(draft);
	const probe = readProbe(draft, timing, probes);
	const rrdTemplate = readTemplate(draft);
	const expiresSeconds = readExpires(draft);
	const once = readOnce(draft);
	const labels = readOrderLabels(draft);
	const slotsSeconds = readSlots(draft);
	const objectivePercent = readObjective(draft);
	const routeSeconds = readRoute(draft);
	const buckets = readBuckets(draft);
	const alerts = readAlertNames(draft);
	const parents = readParents(draft);
	const where = readWhere(draft);
	const telegraf = readTelegraf(draft);
	const isWhole = user !== null && timing !== null && probe !== null;
	if (!isWhole || draft.findings.length > 0) return { findings: draft.findings };
	return {
		order: {
			id,
			user,
			...(task === undefined ? {} : { task }),
			...timing,
			...probe,
			rrdTemplate,
			...(expiresSeconds === undefined ? {} : { expiresSeconds }),
			...(once ? { once } : {}),
			...labels,
			...(slotsSeconds === undefined ? {} : { slotsSeconds }),
			...(objectivePercent === undefined ? {} : { objectivePercent }),
			...(routeSeconds === undefined ? {} : { routeSeconds }),
			...(buckets === undefined ? {} : { buckets }),
			...(alerts.length === 0 ? {} : { alerts }),
			...(parents.length === 0 ? {} : { parents }),
			...(where === undefined ? {} : { where }),
			...telegraf,
		},
		...(draft.notes.length === 0 ? {} : { notes: draft.notes }),
	};
}
