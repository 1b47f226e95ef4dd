import { accessSync, constants, statSync } from 'node:fs';
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
import { duration } from '../terminal/text.ts';
import type { ListedOrder } from './listed-orders.ts';
import { type Output, outputOf } from './order-output.ts';

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
	return { order, life: lifeOf(order, read.mtimeMs / 1000, sources) };
}

/** @param pop null: this machine */
function placeRow({ order, life }: RightOrder, pop: string | null, sources: RowSources): StatusRow {
	const name = pop === null ? order.id : popFolderOf(order.id, pop);
	const output = outputOf(name, sources);
	const verdict = verdictOn({ order, life, name, isPop: pop !== null }, output, sources);
	const { title = null, note = null, link: url } = order;
	const link = url === undefined ? null : withoutPasswords(url);
	const asked = { ...order, target: order.shownTarget ?? order.target, title, note, link };
	const row = { ...rowOf(name, asked, verdict, output, sources), expiresInSeconds: life.expiresInSeconds };
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

function rowOf(id: string, asked: Asked, verdict: Verdict, output: Output, sources: RowSources): StatusRow {
	const { user, stepSeconds, pings, probe, target, title, note, link } = asked;
	const { result } = output;
	const ageSeconds = result === null ? null : Math.max(0, sources.nowSeconds - result.updated);
	const step = Math.max(stepSeconds ?? 0, result?.step ?? 0);
	const isLate = ageSeconds !== null && ageSeconds > 2 * step;
	const seen = { result, ageSeconds, isLate, expiresInSeconds: null };
	return { id, user, stepSeconds, pings, probe, target, title, note, link, ...verdict, ...seen };
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

// ---- The verdict on an order that is right ----

type Verdict = Pick<StatusRow, 'state' | 'reason'>;

/** How long the daemon may take to pick up an order among thousands. */
const pickUpSeconds = 60;

interface Life {
	/** Since its file was written or refreshed. */
	readonly ageSeconds: number;
	/** What it may come to; null: any. */
	readonly maxAgeSeconds: number | null;
	readonly expiresInSeconds: number | null;
}

function lifeOf(order: Order, mtimeSeconds: number, sources: RowSources): Life {
	const { expiresSeconds = sources.maxAgeSeconds } = order;
	const ageSeconds = sources.nowSeconds - mtimeSeconds;
	const expiresInSeconds = expiresSeconds === null ? null : expiresSeconds - ageSeconds;
	return { ageSeconds, maxAgeSeconds: expiresSeconds, expiresInSeconds };
}

/** What is judged; `name`: its id, or `ID/@POP`. */
interface Place extends RightOrder {
	readonly name: string;
	readonly isPop: boolean;
}

/** What a point of presence tells may take so much longer on its way. */
const lateSeconds = 60;

function verdictOn({ order, life, name, isPop }: Place, output: Output, sources: RowSources): Verdict {
	const { result, error, broken } = output;
	if (broken !== null) return { state: 'unreadable', reason: broken };
	if (error !== null) return { state: 'failing', reason: error };
	const { nowSeconds } = sources;
	const { ageSeconds: writtenAgo, maxAgeSeconds, expiresInSeconds } = life;
	const twoSteps = 2 * Math.max(order.stepSeconds, result?.step ?? 0) + (isPop ? lateSeconds : 0);
	if (result === null) {
		if (writtenAgo > Math.max(twoSteps, pickUpSeconds)) {
			return stalled(`since it was written ${duration(writtenAgo)} ago`, isPop);
		}
	} else if (nowSeconds - result.updated > twoSteps) {
		const cameAgo = nowSeconds - cameSeconds(name, sources);
		return Math.abs(cameAgo) <= twoSteps
			? waiting
			: stalled(`for ${duration(nowSeconds - result.updated)}`, isPop);
	}
	if (result !== null && isAllLost(result)) return { state: 'down', reason: null };
	const isExpiring =
		expiresInSeconds !== null && maxAgeSeconds !== null && expiresInSeconds < maxAgeSeconds / 10;
	if (isExpiring) return { state: 'expiring', reason: null };
	return result === null ? waiting : { state: 'measuring', reason: null };
}

/** Every ping of the last slot was lost. */
export function isAllLost({ loss, pings }: LastResult): boolean {
	return pings > 0 && loss >= pings;
}

const waiting: Verdict = { state: 'waiting', reason: null };

function stalled(since: string, isPop: boolean): Verdict {
	const hint = isPop
		? 'How it does is unknown: see pingmachine pops for whether it is heard of'
		: 'Is the daemon running?';
	return { state: 'failing', reason: `no result ${since}. ${hint}` };
}

/**
 * When the order's output folder last came to its place or had a file come or go, seconds since the epoch: an order
 * that was put back comes with its old result.
 */
function cameSeconds(name: string, { baseDir }: RowSources): number {
	try {
		return statSync(`${baseDir}/output/${name}`).ctimeMs / 1000;
	} catch {
		return 0;
	}
}
