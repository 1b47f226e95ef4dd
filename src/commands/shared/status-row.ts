import { accessSync, constants, statSync } from 'node:fs';
import { errorCode } from '../../model/errno.ts';
import { describeFindings } from '../../model/findings.ts';
import type { Order } from '../../model/order.ts';
import { withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { isMapping, readMapping } from '../../reading/yaml-mapping.ts';
import { readErrorMessage } from '../../store/error-file.ts';
import { type LastResult, readLastResult } from '../../store/last-result.ts';
import { duration } from '../terminal/text.ts';
import type { ListedOrder } from './listed-orders.ts';
import { readSmallText } from './small-text.ts';

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

/** How one order is doing. */
export interface StatusRow extends Asked {
	readonly id: string;
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

/** Reads what there is of an order. Null when there is no such file (any more). Never throws. */
export function readRow({ id, refusal }: ListedOrder, sources: RowSources): StatusRow | null {
	if (refusal !== undefined) {
		const verdict = { state: 'rejected', reason: refusal } as const;
		return rowOf(id, nothingAsked, verdict, outputOf(id, sources), sources);
	}
	const path = `${sources.baseDir}/orders/${id}`;
	const read = readOrderFile(path);
	if ('gone' in read) return null;
	const output = outputOf(id, sources);
	if ('problem' in read) {
		// What only we may not read may well be an order to the daemon.
		const isOurs = read.isPassing || !isReadable(path);
		if (isOurs) sources.problem(path, read.problem);
		const state = isOurs ? 'unreadable' : 'rejected';
		return rowOf(id, nothingAsked, { state, reason: read.problem }, output, sources);
	}
	const judged = readOrder(id, read.text, sources.probes);
	if ('findings' in judged) {
		const verdict = { state: 'rejected', reason: describeFindings(judged.findings) } as const;
		return rowOf(id, askedBy(read.text, sources.probes), verdict, output, sources);
	}
	const { order } = judged;
	const life = lifeOf(order, read.mtimeMs / 1000, sources);
	const { expiresInSeconds } = life;
	const verdict = verdictOn(order, life, output, sources);
	const { title = null, note = null, link: url } = order;
	const link = url === undefined ? null : withoutPasswords(url);
	const asked = { ...order, target: order.shownTarget ?? order.target, title, note, link };
	return { ...rowOf(id, asked, verdict, output, sources), expiresInSeconds };
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

// ---- What the daemon wrote ----

interface Output {
	readonly result: LastResult | null;
	/** What the error file says, if there is one. */
	readonly error: string | null;
	/** Why something of it cannot be read. */
	readonly broken: string | null;
}

function outputOf(id: string, { baseDir, problem }: RowSources): Output {
	const folder = `${baseDir}/output/${id}`;
	let broken: string | null = null;
	const textOf = (name: string): string | null => {
		const read = readSmallText(`${folder}/${name}`);
		if (read !== null && 'reason' in read) return faultIn(name, read.reason);
		return read?.text ?? null;
	};
	const faultIn = (name: string, reason: string): null => {
		problem(`${folder}/${name}`, reason);
		broken ??= `${name} cannot be read: ${reason}`;
		return null;
	};
	const resultText = textOf('last_result');
	const read = resultText === null ? null : readLastResult(resultText);
	const result = read !== null && 'reason' in read ? faultIn('last_result', read.reason) : read;
	const errorText = textOf('error');
	const error =
		errorText === null
			? null
			: (readErrorMessage(errorText) ?? faultIn('error', 'there is no message in it'));
	return { result, error, broken };
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

function verdictOn(order: Order, life: Life, output: Output, sources: RowSources): Verdict {
	const { result, error, broken } = output;
	if (broken !== null) return { state: 'unreadable', reason: broken };
	if (error !== null) return { state: 'failing', reason: error };
	const { nowSeconds } = sources;
	const { ageSeconds: writtenAgo, maxAgeSeconds, expiresInSeconds } = life;
	const twoSteps = 2 * Math.max(order.stepSeconds, result?.step ?? 0);
	if (result === null) {
		if (writtenAgo > Math.max(twoSteps, pickUpSeconds)) {
			return stalled(`since it was written ${duration(writtenAgo)} ago`);
		}
	} else if (nowSeconds - result.updated > twoSteps) {
		const cameAgo = nowSeconds - cameSeconds(order.id, sources);
		return Math.abs(cameAgo) <= twoSteps ? waiting : stalled(`for ${duration(nowSeconds - result.updated)}`);
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

function stalled(since: string): Verdict {
	return { state: 'failing', reason: `no result ${since}. Is the daemon running?` };
}

/**
 * When the order's output folder last came to its place or had a file come or go, seconds since the epoch: an order
 * that was put back comes with its old result.
 */
function cameSeconds(id: string, { baseDir }: RowSources): number {
	try {
		return statSync(`${baseDir}/output/${id}`).ctimeMs / 1000;
	} catch {
		return 0;
	}
}
