import { accessSync, constants } from 'node:fs';
import { errorCode } from '../../model/errno.ts';
import { describeFindings } from '../../model/findings.ts';
import type { Order } from '../../model/order.ts';
import { popFolderOf } from '../../model/pop.ts';
import { withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { asksPops, isElsewhere } from '../../model/where.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { isMapping, readMapping } from '../../reading/yaml-mapping.ts';
import { popsIn } from '../../store/find-orders.ts';
import type { ListedOrder } from './listed-orders.ts';
import { type Life, lifeOf } from './order-life.ts';
import { type Output, outputOf } from './order-output.ts';
import { verdictOn } from './order-verdict.ts';
import { type RowAsked, type RowSources, rowOf, type StatusRow, states } from './status-row.ts';

/**
 * Reads what there is of an order; where points of presence alone measure it, how the worst of them does. Null when there
 * is no such file (any more). Never throws.
 */
export function readRow(listed: ListedOrder, sources: RowSources): StatusRow | null {
	const read = readFile(listed, sources);
	if (read === null || !('order' in read)) return read;
	const own = placeRow(read, null, sources);
	// Of the order itself the files say why nobody measures it, and nothing else.
	const { error, broken } = isElsewhere(read.order) ? outputOf(listed.id, sources) : noOutput;
	if (!isElsewhere(read.order) || error !== null || broken !== null) return own;
	const rows = popsIn(sources.baseDir, listed.id).map((pop) => placeRow(read, pop, sources));
	const worst = rows.reduce<StatusRow | null>(
		(one, row) => (one === null || isWorse(row, one) ? row : one),
		null,
	);
	if (worst === null) return own;
	const reason = worst.reason === null ? null : `${worst.pop}: ${worst.reason}`;
	return { ...worst, id: listed.id, reason };
}

const noOutput: Output = { result: null, error: null, broken: null };

/** The same of what one point of presence measures. Null also when it is not one of those of this order. */
export function readPopRow(listed: ListedOrder, pop: string, sources: RowSources): StatusRow | null {
	const read = readFile(listed, sources);
	if (read === null) return null;
	const id = popFolderOf(listed.id, pop);
	if (!('order' in read)) return { ...read, id, pop };
	const { where } = read.order;
	if (where === undefined || !asksPops(where)) return null;
	return popsIn(sources.baseDir, listed.id).includes(pop) ? placeRow(read, pop, sources) : null;
}

interface RightOrder {
	readonly order: Order;
	readonly life: Life;
}

/** An order that is right, or the row of one that is not. */
function readFile({ id, refusal }: ListedOrder, sources: RowSources): RightOrder | StatusRow | null {
	if (refusal !== undefined) {
		const verdict = { state: 'rejected', reason: refusal } as const;
		return rowOf(id, nothingAsked, verdict, outputOf(id, sources), sources);
	}
	const path = `${sources.baseDir}/orders/${id}`;
	const read = readOrderFile(path);
	if ('gone' in read) return null;
	if ('problem' in read) {
		// What only we may not read may well be an order to the daemon.
		const isOurs = read.isPassing || !isReadable(path);
		const output = outputOf(id, sources);
		if (isOurs) sources.problem(path, read.problem);
		const state = isOurs ? 'unreadable' : 'rejected';
		return rowOf(id, nothingAsked, { state, reason: read.problem }, output, sources);
	}
	const judged = readOrder(id, read.text, sources.probes);
	if ('findings' in judged) {
		const verdict = { state: 'rejected', reason: describeFindings(judged.findings) } as const;
		return rowOf(id, askedBy(read.text, sources.probes), verdict, outputOf(id, sources), sources);
	}
	const { order } = judged;
	return { order, life: lifeOf(order.expiresSeconds, read.mtimeMs, sources) };
}

/** @param pop null: this machine */
function placeRow({ order, life }: RightOrder, pop: string | null, sources: RowSources): StatusRow {
	const name = pop === null ? order.id : popFolderOf(order.id, pop);
	const output = outputOf(name, sources);
	const { user, stepSeconds, pings, probe, title = null, note = null, link: url } = order;
	const verdict = verdictOn({ name, stepSeconds, life, isPop: pop !== null }, output, sources);
	const asked = {
		...{ user, stepSeconds, pings, probe, title, note },
		target: order.shownTarget ?? order.target,
		link: url === undefined ? null : withoutPasswords(url),
	};
	const row = rowOf(name, asked, verdict, output, sources, life.expiresInSeconds);
	return pop === null ? row : { ...row, pop };
}

/** By state, then by loss, then by median. */
function isWorse(row: StatusRow, other: StatusRow): boolean {
	const badness = ({ state, result }: StatusRow) => [
		states.indexOf(state),
		result === null ? 0 : result.loss / Math.max(1, result.pings),
		result?.median ?? 0,
	];
	const [own, others] = [badness(row), badness(other)];
	const at = own.findIndex((value, index) => value !== others[index]);
	return at !== -1 && (own[at] ?? 0) > (others[at] ?? 0);
}

const noLabels = { title: null, note: null, link: null };
const nothingAsked: RowAsked = {
	user: null,
	stepSeconds: null,
	pings: null,
	probe: null,
	target: null,
	...noLabels,
};

/** What can be told of an order that is not right, to find it under its user. */
function askedBy(text: string, probes: ProbeTable): RowAsked {
	const read = readMapping(text);
	const mapping = 'mapping' in read ? (read.mapping ?? {}) : {};
	const textAt = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : null);
	const numberAt = (value: unknown) => (Number.isSafeInteger(value) ? Number(value) : null);
	const probe = textAt(mapping['probe']);
	const section = mapping[probe ?? ''];
	const known = probes.get(probe ?? '');
	const target = isMapping(section) ? textAt(section[known?.target ?? '']) : null;
	return {
		user: textAt(mapping['user']),
		stepSeconds: numberAt(mapping['step']),
		pings: numberAt(mapping['pings']),
		probe,
		target: target === null ? null : (known?.shown?.(target) ?? target),
		...noLabels,
	};
}

function isReadable(path: string): boolean {
	try {
		accessSync(path, constants.R_OK);
		return true;
	} catch (error) {
		// Links in a circle are one to everybody.
		return errorCode(error) === 'ELOOP';
	}
}
