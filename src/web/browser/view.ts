/** What of the overview is shown and in which order, as its address says it. Pure. */
import { ageOf, lossOf, type Now, type Row, type StateName, stateNames, stateOf } from './rows.ts';

export const sortNames = ['tree', 'worst', 'order', 'loss', 'median', 'age'] as const;
export type SortName = (typeof sortNames)[number];

export interface View {
	/** Words, each of which must occur somewhere. */
	readonly text: string;
	readonly user: string;
	readonly probe: string;
	/** `NAME` or `NAME=VALUE`. */
	readonly tag: string;
	readonly states: ReadonlySet<StateName>;
	/** Ends with a slash; empty: all. */
	readonly folder: string;
	readonly sort: SortName;
	/** Which folders are open at first; null: by how much there is. */
	readonly folders: 'open' | 'closed' | null;
	/** meshping's columns. */
	readonly isSummary: boolean;
	/** Without JavaScript. From 1 on. */
	readonly page: number;
}

/** Longer ones are cut. Characters. */
const valueMax = 500;

/** What cannot be understood is as if it were not there. */
export function viewOf(query: URLSearchParams): View {
	const text = (name: string) => (query.get(name) ?? '').slice(0, valueMax);
	const states = query.getAll('state').flatMap((value) => value.slice(0, valueMax).split(','));
	const folders = text('folders');
	const folder = text('folder').replace(/^\/+/, '');
	return {
		...{ text: text('q'), user: text('user'), probe: text('probe'), tag: text('tag') },
		states: new Set(stateNames.filter((name) => states.includes(name))),
		folder: folder === '' || folder.endsWith('/') ? folder : `${folder}/`,
		sort: sortNames.find((name) => name === text('sort')) ?? 'tree',
		folders: folders === 'open' || folders === 'closed' ? folders : null,
		isSummary: text('columns') === 'summary',
		page: Math.max(1, Math.min(100_000, Math.floor(Number(text('page'))) || 1)),
	};
}

/** The address of a view: `/` and what differs from the usual one. */
export function addressOf(view: View): string {
	const query = new URLSearchParams();
	const put = (name: string, value: string) => {
		if (value !== '') query.set(name, value);
	};
	put('q', view.text);
	put('user', view.user);
	put('probe', view.probe);
	put('tag', view.tag);
	put('state', stateNames.filter((name) => view.states.has(name)).join());
	put('folder', view.folder);
	put('sort', view.sort === 'tree' ? '' : view.sort);
	put('folders', view.folders ?? '');
	put('columns', view.isSummary ? 'summary' : '');
	put('page', view.page === 1 ? '' : String(view.page));
	const text = query.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
	return text === '' ? '/' : `/?${text}`;
}

/** Whether a row is to be shown. */
export function filterOf(view: View): (row: Row, now: Now) => boolean {
	const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
	const at = view.tag.indexOf('=');
	const tag = at < 0 ? view.tag : view.tag.slice(0, at);
	const value = at < 0 ? null : view.tag.slice(at + 1);
	return (row, now) =>
		row.id.startsWith(view.folder) &&
		(view.user === '' || row.user === view.user) &&
		(view.probe === '' || row.probe === view.probe) &&
		(tag === '' || (Object.hasOwn(row.tags, tag) && (value === null || row.tags[tag] === value))) &&
		(words.length === 0 || hasAll(row, words)) &&
		(view.states.size === 0 || view.states.has(stateOf(row, now)));
}

function hasAll(row: Row, words: readonly string[]): boolean {
	row.haystack ??= [
		row.id,
		row.title,
		row.target,
		row.user,
		row.probe,
		...Object.entries(row.tags).map((pair) => pair.join('=')),
	]
		.join('\n')
		.toLowerCase();
	const { haystack } = row;
	return words.every((word) => haystack.includes(word));
}

/** Sorts in place, as the view wants it; what is equal is by id. */
export function sortRows(rows: Row[], sort: SortName, now: Now): Row[] {
	if (sort === 'tree' || sort === 'order') return rows.sort(byId);
	const rank = rankOf(sort);
	const ranks = new Map(rows.map((row) => [row, rank(row, now)]));
	return rows.sort((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0) || byId(a, b));
}

function byId(a: Row, b: Row): number {
	return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The greater, the further up. */
function rankOf(sort: SortName): (row: Row, now: Now) => number {
	switch (sort) {
		case 'loss':
			return (row) => lossOf(row) ?? -1;
		case 'median':
			return (row) => row.medianSeconds ?? -1;
		case 'age':
			return (row, now) => ageOf(row, now) ?? Number.MAX_SAFE_INTEGER;
		default:
			return (row, now) => {
				const state = stateNames.length - stateNames.indexOf(stateOf(row, now));
				return state * 1e9 + (lossOf(row) ?? 0) * 1e6 + Math.min(9e5, (row.medianSeconds ?? 0) * 1000);
			};
	}
}
