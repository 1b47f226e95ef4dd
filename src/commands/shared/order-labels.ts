import type { ProbeTable } from '../../model/probe.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { readMapping } from '../../reading/yaml-mapping.ts';
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
	/** The probe and what it measures, as it may be shown: `icmp 192.0.2.7`. */
	readonly measured: string | null;
}

/** Longer ones leave no room for anything else. Characters. */
const titleMax = 120;
const noteMax = 1000;

/** Reads the file of an order, of an archived one the text that was kept. Never throws. */
export function readOrderLabels(baseDir: string, order: FoundOrder, probes: ProbeTable): OrderLabels {
	const text = textOf(baseDir, order);
	return text === null ? noLabels : labelsIn(order.id, text, probes);
}

const noLabels: OrderLabels = { title: null, note: null, link: null, measured: null };

/** What the text of an order says. Never throws. */
export function labelsIn(id: string, text: string, probes: ProbeTable): OrderLabels {
	const read = readMapping(text);
	const said = ('mapping' in read ? read.mapping : null) ?? {};
	const judged = readOrder(id, text, probes);
	const measured =
		'order' in judged ? `${judged.order.probe} ${judged.order.shownTarget ?? judged.order.target}` : null;
	const title = lineIn(said['title'], titleMax);
	return { title, note: lineIn(said['note'], noteMax), link: linkIn(said['link']), measured };
}

function textOf(baseDir: string, { id, folder, isArchived }: FoundOrder): string | null {
	if (!isArchived) {
		const file = readOrderFile(`${baseDir}/orders/${id}`);
		if ('text' in file) return file.text;
	}
	const kept = readSmallText(`${folder}/order`);
	return kept !== null && 'text' in kept ? kept.text : null;
}

function lineIn(value: unknown, max: number): string | null {
	if (typeof value !== 'string') return null;
	const [...characters] = value.replaceAll(/\s+/g, ' ').trim();
	if (characters.length === 0) return null;
	return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}

function linkIn(value: unknown): string | null {
	if (typeof value !== 'string' || !/^https?:\/\//i.test(value) || value.length > 2000) return null;
	return URL.canParse(value) ? value : null;
}
