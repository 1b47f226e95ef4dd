import type { Order } from '../../model/order.ts';
import { withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { RrdTemplate } from '../../model/rrd-template.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { keysOf } from '../../reading/strict-section.ts';
import { isMapping, type Mapping, readMapping } from '../../reading/yaml-mapping.ts';
import { orderTextName } from '../../store/order-text.ts';

/** An order as pingmachine understands it. No passwords are in it. */
export interface OrderFacts {
	readonly user: string;
	readonly task: string | null;
	readonly title: string | null;
	readonly note: string | null;
	readonly link: string | null;
	/** Percent of the measured slots that shall have an answer. */
	readonly objective: number | null;
	/** Seconds. */
	readonly step: number;
	readonly pings: number;
	readonly probe: string;
	/** What is measured, fit to be shown. */
	readonly target: string;
	/** The probe's section, the target included. */
	readonly options: Readonly<Record<string, unknown>>;
	/** Options that the probe knows and that have no value. */
	readonly not_set: readonly string[];
	/** It is archived as soon as it has been measured. */
	readonly once: boolean;
	readonly rrd_template: string;
	readonly measurement_name: string | null;
	readonly tags: Readonly<Record<string, string>>;
	/** What the order does not say, `rrd_template` or `fping.ipv6`: its value is the default. */
	readonly defaults: readonly string[];
}

/** What holds where an order does not say. */
export interface Usual {
	readonly probes: ProbeTable;
	readonly rrdTemplate: RrdTemplate;
}

/** Reads an order file; null when there is no order in it. */
export function orderFacts(path: string, id: string, usual: Usual): OrderFacts | null {
	const file = readOrderFile(path);
	if (!('text' in file)) return null;
	const read = readOrder(id, file.text, usual.probes);
	if (!('order' in read)) return null;
	const mapping = readMapping(file.text);
	return factsOf(read.order, 'mapping' in mapping ? (mapping.mapping ?? {}) : {}, usual);
}

/** The order that a folder in archive/ was made for, if its text was kept. */
export function archivedOrder(folder: string, id: string, usual: Usual): OrderFacts | null {
	return orderFacts(`${folder}/${orderTextName}`, id, usual);
}

function factsOf(order: Order, written: Mapping, { probes, ...usual }: Usual): OrderFacts {
	const { user, task, stepSeconds, pings, probe, target, shownTarget, rrdTemplate, measurementName } = order;
	const section = isMapping(written[probe]) ? written[probe] : {};
	const known = probes.get(probe);
	const shown = shownTarget ?? target;
	const values = Object.entries(order.options).filter(([, value]) => value !== undefined);
	const options = Object.fromEntries(
		values.map(([key, value]) => [key, key === known?.target ? shown : withoutPassword(value)]),
	);
	const optionKeys = known === undefined ? [] : [...new Set(keysOf(known.options))];
	return {
		user,
		task: task ?? null,
		title: order.title ?? null,
		note: order.note ?? null,
		link: order.link === undefined ? null : withoutPasswords(order.link),
		objective: order.objectivePercent ?? null,
		step: stepSeconds,
		pings,
		probe,
		target: shown,
		options,
		not_set: optionKeys.filter((key) => !(key in options)),
		once: order.once === true,
		rrd_template: rrdTemplate ?? usual.rrdTemplate,
		measurement_name: measurementName ?? null,
		tags: order.tags,
		defaults: [
			...(isGiven(written, 'rrd_template') ? [] : ['rrd_template']),
			...Object.keys(options)
				.filter((key) => !isGiven(section, key))
				.map((key) => `${probe}.${key}`),
		],
	};
}

function isGiven(mapping: Mapping, key: string): boolean {
	return Object.hasOwn(mapping, key) && mapping[key] !== null;
}

/** A proxy's password, say. */
function withoutPassword(value: unknown): unknown {
	return typeof value === 'string' ? withoutPasswords(value) : value;
}
