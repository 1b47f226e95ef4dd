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
import type { LastResult } from '../../store/last-result.ts';
import type { ListedOrder } from './listed-orders.ts';
import { type Life, lifeOf } from './order-life.ts';
import { type Output, outputOf } from './order-output.ts';
import { type Verdict, verdictOn } from './order-verdict.ts';

/**
 * `expiring`: less than a tenth of the maximum age is left. `down`: it is measured, and every ping of the last slot was
 * lost. `failing`: the order is right, but is not measured. `unreadable`: a file that would tell cannot be read. The
 * worst comes last.
 */
export const states = [
	'measuring',
	'waiting',
	'expiring',
	'down',
	'failing',
	'rejected',
	'unreadable',
] as const;
export type State = (typeof states)[number];

/** What an order says; null where a rejected one does not say it. */
interface Asked {
	readonly user: string | null;
	readonly stepSeconds: number | null;
	readonly pings: number | null;
	readonly probe: string | null;
	readonly target: string | null;
	/** What it says of itself to people. */
	readonly title: string | null;
	readonly note: string | null;
	readonly link: string | null;
}

/** How one order is doing, or what one point of presence measures of it. */
export interface StatusRow extends Asked {
	/** Of an order, or `ID/@POP`. */
	readonly id: string;
	/** The point of presence that it tells of; of an order that others alone measure, the worst of its own. */
	readonly pop?: string;
	readonly state: State;
	/** Why, for orders that are not measured. */
	readonly reason: string | null;
	readonly result: LastResult | null;
	/** Since the last result was written. */
	readonly ageSeconds: number | null;
	/** The last result is older than two steps. */
	readonly isLate: boolean;
	/** Until the order is archived unless it is refreshed; null for orders that are never archived. */
	readonly expiresInSeconds: number | null;
}

export interface RowSources {
	/** Absolute path. */
	readonly baseDir: string;
	readonly probes: ProbeTable;
	readonly nowSeconds: number;
	/** Of orders that do not say; null: they never expire. */
	readonly maxAgeSeconds: number | null;
	/** Told of each file that cannot be read. */
	problem(path: string, message: string): void;
}

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

/** The row of what says this, is judged so and was written so. */
export function rowOf(
	id: string,
	asked: Asked,
	verdict: Verdict,
	{ result }: Output,
	{ nowSeconds }: RowSources,
	expiresInSeconds: number | null = null,
): StatusRow {
	const { user, stepSeconds, pings, probe, target, title, note, link } = asked;
	const { state, reason } = verdict;
	const ageSeconds = result === null ? null : Math.max(0, nowSeconds - result.updated);
	const isLate = ageSeconds !== null && ageSeconds > 2 * Math.max(stepSeconds ?? 0, result?.step ?? 0);
	// One literal: there are thousands of rows, and copying takes longer than all else.
	return {
		id,
		user,
		stepSeconds,
		pings,
		probe,
		target,
		title,
		note,
		link,
		state,
		reason,
		result,
		ageSeconds,
		isLate,
		expiresInSeconds,
	};
}

const noLabels = { title: null, note: null, link: null };
const nothingAsked: Asked = {
	user: null,
	stepSeconds: null,
	pings: null,
	probe: null,
	target: null,
	...noLabels,
};

/** What can be told of an order that is not right, to find it under its user. */
function askedBy(text: string, probes: ProbeTable): Asked {
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
