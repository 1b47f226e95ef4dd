import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoWords, reasonIn } from '../model/errno.ts';
import { nearest } from '../model/nearest.ts';
import { popFolderIn, popFolderOf } from '../model/pop.ts';
import { printable } from '../model/printable.ts';
import { selectOrders } from '../orders/selector.ts';
import { isSafeOrderId } from './order-path.ts';
import { isOurFile } from './our-files.ts';

/** Where the files of an order are. */
export interface FoundOrder {
	readonly id: string;
	/** Path of its folder in output/ or archive/. */
	readonly folder: string;
	readonly isArchived: boolean;
}

/** What somebody asked for of an order cannot be had. `message` is one line for the user, without what is unprintable. */
export class OrderProblem extends Error {
	override readonly name = 'OrderProblem';

	constructor(message: string) {
		super(printable(message));
	}
}

const roots = ['output', 'archive'] as const;

/**
 * Finds an order by its id, or by the beginning of its id if no other order's id begins so.
 *
 * Throws `OrderProblem` when there is none or more than one, or when the folders cannot be read.
 */
export function findOrder(baseDir: string, word: string): FoundOrder {
	if (word === '') throw new OrderProblem('the id is empty. Name an order');
	const exact = exactly(baseDir, word);
	if (exact !== null) return exact;
	const all = listOrders(baseDir, word.includes('/@') ? 'named' : 'left out');
	const candidates = all.filter(({ id }) => id.startsWith(word));
	const [only] = candidates;
	if (only === undefined) throw unknown(baseDir, word, all);
	if (candidates.length > 1)
		throw ambiguous(
			word,
			candidates.map(({ id }) => id),
		);
	return only;
}

/**
 * Finds the orders that words ask for, each once: by id, by a folder or a pattern, or by the beginning of an id if no
 * other order's id begins so.
 *
 * Throws `OrderProblem` when a word asks for none, or begins more than one, or when the folders cannot be read.
 */
export function findOrders(baseDir: string, words: readonly string[]): FoundOrder[] {
	const found = new Map<string, FoundOrder>();
	let all: ReadonlyMap<string, FoundOrder> | null = null;
	for (const word of words) {
		const exact = exactly(baseDir, word);
		if (exact === null && word !== '')
			all ??= new Map(listOrders(baseDir, 'named').map((order) => [order.id, order]));
		const { ids, unselected } = selectOrders(exact === null && word !== '' ? [word] : [], [
			...(all?.keys() ?? []),
		]);
		if (unselected.some(({ why }) => why === 'pattern')) throw new OrderProblem(`${word}: no order matches`);
		const orders =
			ids.length > 0 ? ids.flatMap((id) => all?.get(id) ?? []) : [exact ?? findOrder(baseDir, word)];
		for (const order of orders) found.set(order.id, order);
	}
	return [...found.values()];
}

/**
 * Finds the id of an order that has a file in orders/, output/ or archive/, by the id or by its beginning if no other
 * order's id begins so. `inOrders` knows those of orders/.
 *
 * Throws `OrderProblem` when there is none or more than one, or when the folders cannot be read.
 */
export function findOrderId(
	baseDir: string,
	word: string,
	inOrders: { has(id: string): boolean; ids(): readonly string[] },
): string {
	if (word === '') throw new OrderProblem('the id is empty. Name an order');
	if (inOrders.has(word) || exactly(baseDir, word) !== null) return word;
	const listed = listOrders(baseDir, word.includes('/@') ? 'named' : 'left out').map(({ id }) => id);
	const ids = [...new Set([...inOrders.ids(), ...listed])].sort();
	const candidates = ids.filter((id) => id.startsWith(word));
	const [only] = candidates;
	if (only === undefined) throw noSuchOrder(baseDir, word, ids);
	if (candidates.length > 1) throw ambiguous(word, candidates);
	return only;
}

/** The folder with the files of an order; null when there is none. */
export function findOrderFolder(baseDir: string, id: string): FoundOrder | null {
	return exactly(baseDir, id);
}

/** Points of presence that have files of an order in output/, by name; none where that cannot be read. */
export function popsIn(baseDir: string, id: string): readonly string[] {
	return isSafeOrderId(id) ? popsOf(orderIn(baseDir, 'output', id)) : [];
}

/** Points of presence that have files in the folder of an order, wherever it is; none where that cannot be read. */
export function popsOf({ id, folder }: FoundOrder): readonly string[] {
	try {
		return popNamesIn(entriesOf(folder), id).sort();
	} catch (error) {
		// Whatever it is, who reads the order's own files tells it.
		if (error instanceof OrderProblem) return [];
		throw error;
	}
}

/**
 * All orders that have files in output/ or archive/, sorted by id. One that is in both is taken from output/. What a
 * point of presence measured belongs to its order; `named`: it is listed beside it, as `ID/@POP`.
 *
 * Throws `OrderProblem` when the folders cannot be read.
 */
export function listOrders(baseDir: string, pops: 'named' | 'left out' = 'left out'): FoundOrder[] {
	checkBaseDir(baseDir);
	const found = new Map<string, FoundOrder>();
	for (const root of roots) {
		for (const id of idsBelow(join(baseDir, root), '', pops === 'named')) {
			if (!found.has(id)) found.set(id, orderIn(baseDir, root, id));
		}
	}
	return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function orderIn(baseDir: string, root: (typeof roots)[number], id: string): FoundOrder {
	return { id, folder: join(baseDir, root, id), isArchived: root === 'archive' };
}

/** Looks without reading all folders. */
function exactly(baseDir: string, id: string): FoundOrder | null {
	if (!isSafeOrderId(id)) return null;
	const root = roots.find((candidate) => entriesOf(join(baseDir, candidate, id)).some(isOrdersFile));
	return root === undefined ? null : orderIn(baseDir, root, id);
}

function* idsBelow(folder: string, id: string, hasPops: boolean): Generator<string> {
	const entries = entriesOf(folder);
	const pops = id === '' ? [] : popNamesIn(entries, id);
	if (id !== '' && (pops.length > 0 || entries.some(isOrdersFile))) yield id;
	if (hasPops) yield* pops.map((pop) => popFolderOf(id, pop));
	for (const entry of entries) {
		// What a point of presence measured belongs to the order.
		const isPart = id !== '' && entry.name.startsWith('@');
		if (entry.isDirectory() && !isPart) {
			yield* idsBelow(join(folder, entry.name), id === '' ? entry.name : `${id}/${entry.name}`, hasPops);
		}
	}
}

function popNamesIn(entries: readonly Dirent[], id: string): string[] {
	return entries.flatMap((entry) => {
		const pop = entry.isDirectory() ? popFolderIn(`${id}/${entry.name}`)?.pop : undefined;
		return pop === undefined ? [] : [pop];
	});
}

function isOrdersFile(entry: Dirent): boolean {
	return !entry.isDirectory() && isOurFile(entry.name);
}

/** Nothing when there is no such folder (any more). */
function entriesOf(folder: string): Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return [];
		throw new OrderProblem(`${folder}: ${reasonOf(error)}`);
	}
}

function checkBaseDir(baseDir: string): void {
	const isThere = roots.some((root) =>
		statSync(join(baseDir, root), { throwIfNoEntry: false })?.isDirectory(),
	);
	if (isThere) return;
	throw new OrderProblem(
		`${baseDir}: has no output/ and no archive/. Name the base directory of the daemon with --basedir`,
	);
}

/** Why a file or folder could not be used, for the user. */
export function reasonOf(error: unknown): string {
	return reasonIn(error, reasons);
}

const runAsOther = 'Run this as a user who may, such as root or pingmachine';

const reasons: Readonly<Record<string, string>> = {
	ENOENT: `${errnoWords.ENOENT} or folder`,
	ENOTDIR: errnoWords.ENOTDIR,
	EACCES: `${errnoWords.EACCES}. ${runAsOther}`,
	EPERM: `${errnoWords.EPERM}. ${runAsOther}`,
	EISDIR: `${errnoWords.EISDIR}. Name a file`,
	ENOSPC: `${errnoWords.ENOSPC} on the device`,
	EROFS: `${errnoWords.EROFS}. Name a file elsewhere`,
	ENAMETOOLONG: 'the name is too long',
};

function unknown(baseDir: string, word: string, all: readonly FoundOrder[]): OrderProblem {
	if (isSafeOrderId(word) && isFile(join(baseDir, 'orders', word))) {
		return new OrderProblem(`${word}: has not been measured yet`);
	}
	return noSuchOrder(
		baseDir,
		word,
		all.map(({ id }) => id),
	);
}

function noSuchOrder(baseDir: string, word: string, ids: readonly string[]): OrderProblem {
	const near = nearest(word, ids);
	const hint = near === null ? `There are ${ids.length} in ${baseDir}` : `Did you mean ${near}?`;
	return new OrderProblem(`${word}: there is no such order. ${hint}`);
}

function isFile(path: string): boolean {
	try {
		return statSync(path).isFile();
	} catch {
		return false;
	}
}

/** More would not help to choose. */
const mostCandidates = 10;

function ambiguous(word: string, candidates: readonly string[]): OrderProblem {
	const ids = candidates.slice(0, mostCandidates);
	const rest = candidates.length - ids.length;
	const more = rest > 0 ? ` and ${rest} more` : '';
	return new OrderProblem(`${word}: more than one order begins so: ${ids.join(', ')}${more}`);
}
