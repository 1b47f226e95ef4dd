import type { ProbeTable } from '../../model/probe.ts';
import type { OrderReport } from '../../orders/lists/report.ts';
import { isMarked } from '../../orders/lists/text.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { listedById } from '../order/listed.ts';

/** An order as meshping has its targets. */
export interface MeshpingTarget {
	/** The order's. */
	readonly id: string;
	readonly name: string;
	readonly address: string;
	/** `NAME@ADDRESS`. */
	readonly line: string;
}

/**
 * The orders that were made from targets, by name: those of `order add` and its lists, and all that are called
 * `NAME@ADDRESS`. What an application has ordered otherwise is its own.
 */
export function meshpingTargets(
	baseDir: string,
	probes: ProbeTable,
	report: OrderReport,
): readonly MeshpingTarget[] {
	const targets: MeshpingTarget[] = [];
	for (const { id, path, refusal } of listedById(baseDir, probes, report).values()) {
		if (refusal !== undefined) continue;
		const file = readOrderFile(path);
		if (!('text' in file)) continue;
		const target = targetOf(id, file.text, probes);
		if (target !== null) targets.push(target);
	}
	return targets.sort((one, other) => (one.line < other.line ? -1 : 1));
}

/** Null for an order that was not made from a target, or does not measure a host. */
export function targetOf(id: string, text: string, probes: ProbeTable): MeshpingTarget | null {
	const read = readOrder(id, text, probes);
	if (!('order' in read) || probes.get(read.order.probe)?.target !== 'host') return null;
	const address = read.order.target;
	const called = id.slice(id.lastIndexOf('/') + 1);
	const isCalledSo = called.length > address.length + 1 && called.endsWith(`@${address}`);
	if (!isCalledSo && !isMarked(id, text) && !isMarked(id, text, 'words')) return null;
	// One address can be written in several ways.
	const [name = ''] = called.split('@');
	return { id, name, address, line: `${name}@${address}` };
}
