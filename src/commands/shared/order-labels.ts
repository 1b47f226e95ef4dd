import { dirname } from 'node:path';
import { popFolderIn } from '../../model/pop.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import type { FoundOrder } from './find-orders.ts';
import { readSmallText } from './small-text.ts';

/** What an order says of itself to people. Null: it does not say, or its file is gone or wrong. */
export interface OrderLabels {
	/** One line, unescaped. */
	readonly title: string | null;
	/** More about it, for a heading. */
	readonly note: string | null;
	/** A URL of http or https. */
	readonly link: string | null;
	/** Percent of the measured slots that shall have an answer. */
	readonly objectivePercent: number | null;
	/** The probe and what it measures, as it may be shown: `icmp 192.0.2.7`. */
	readonly measured: string | null;
}

/** Reads the file of an order, of `ID/@POP` that of the order, of an archived one the text that was kept. Never throws. */
export function readOrderLabels(baseDir: string, order: FoundOrder, probes: ProbeTable): OrderLabels {
	const named = popFolderIn(order.id);
	if (named === null) {
		const text = textOf(baseDir, order);
		return text === null ? noLabels : labelsIn(order.id, text, probes);
	}
	const { id, pop } = named;
	const labels = readOrderLabels(baseDir, { ...order, id, folder: dirname(order.folder) }, probes);
	return { ...labels, title: labels.title === null ? null : `${labels.title}, ${pop}` };
}

const noLabels: OrderLabels = { title: null, note: null, link: null, objectivePercent: null, measured: null };

/** What the text of an order says. Never throws. */
export function labelsIn(id: string, text: string, probes: ProbeTable): OrderLabels {
	const read = readOrder(id, text, probes);
	if (!('order' in read)) return noLabels;
	const { title = null, note = null, link = null, objectivePercent = null } = read.order;
	const { probe, target, shownTarget } = read.order;
	return { title, note, link, objectivePercent, measured: `${probe} ${shownTarget ?? target}` };
}

function textOf(baseDir: string, { id, folder, isArchived }: FoundOrder): string | null {
	if (!isArchived) {
		const file = readOrderFile(`${baseDir}/orders/${id}`);
		if ('text' in file) return file.text;
	}
	const kept = readSmallText(`${folder}/order`);
	return kept !== null && 'text' in kept ? kept.text : null;
}
