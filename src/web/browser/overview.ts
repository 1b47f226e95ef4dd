/** The overview, live: filter, sort, folders, and all rows in one table. */
import { arrange, type Counts, type Line } from './arrange.ts';
import { byId, setAttribute, setText } from './elements.ts';
import { filterControls } from './filter-controls.ts';
import { type Link, showLink } from './link-state.ts';
import { neededRows } from './needed-rows.ts';
import { orderRow } from './order-rows.ts';
import { writerFor } from './row-words.ts';
import { stateNames } from './rows.ts';
import { openStore } from './store.ts';
import { showTroubles } from './troubles.ts';
import { addressOf, type View, viewOf } from './view.ts';
import { VirtualTable } from './virtual-table.ts';

/** Numbers move at once; lines that others overtake change places this often. Milliseconds. */
const sameOrderMs = 1000;
const otherOrderMs = 10_000;

const writer = writerFor(undefined);
const folded = new Map<string, boolean>();
let view = viewOf(new URLSearchParams(location.search));
/** The columns are what the server wrote: others come with another page. */
const { isSummary } = view;
let link: Link = 'up';
let arrangedMs = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;

const store = openStore(document.body.dataset['files'] ?? '', {
	rows: () => soon(false),
	results: () => {
		table.ask();
		soon(true);
	},
	link(state) {
		link = state;
		showLink(link, store.silence);
	},
	daemon(silence) {
		showLink(link, silence);
		table.ask();
	},
});
const needed = neededRows(store.rows, isSummary, () => table.ask());
const table = new VirtualTable<Line>({
	...{ box: byId('lines'), table: byId<HTMLTableElement>('order-table') },
	makeRow: () =>
		orderRow({ writer, isSummary, now: store.now, summaryOf: (handle) => needed.summaryOf(handle) }),
	act(line) {
		if (line.kind === 'folder') fold(line.folder.path, !line.isOpen);
		else location.assign(`/orders/${encodeURIComponent(line.row.id)}`);
	},
	fold(line, isOpen) {
		if (line.kind === 'folder' && line.isOpen !== isOpen) fold(line.folder.path, isOpen);
	},
	seen: (lines) => needed.see(lines),
});

function fold(path: string, isOpen: boolean): void {
	folded.set(path, isOpen);
	rearrange();
}

/** Another view of the same rows. */
function go(next: View, how: 'push' | 'replace'): void {
	if (next.isSummary !== isSummary) {
		location.assign(addressOf(next));
		return;
	}
	if (next.folders !== view.folders) folded.clear();
	view = next;
	if (how === 'push') history.pushState(null, '', addressOf(view));
	else history.replaceState(null, '', addressOf(view));
	table.toTop();
	rearrange();
}

/** @param areResults only numbers have changed */
function soon(areResults: boolean): void {
	if (!store.isComplete || timer !== undefined) return;
	const isCalm = areResults && !['tree', 'order'].includes(view.sort);
	const waitMs = areResults ? (isCalm ? otherOrderMs : sameOrderMs) : 100;
	timer = setTimeout(
		() => {
			timer = undefined;
			// Nothing moves away from under a hand.
			if (isCalm && (table.hasFocus || byId('lines').matches(':hover'))) soon(true);
			else rearrange();
		},
		Math.max(0, arrangedMs + waitMs - performance.now()),
	);
}

function rearrange(): void {
	clearTimeout(timer);
	timer = undefined;
	if (!store.isComplete) return;
	arrangedMs = performance.now();
	const { lines, counts, found } = arrange(store.sorted(), view, store.now(), folded);
	table.set(lines);
	showTotals(counts, found);
	showTroubles(store.sorted(), store.now());
	controls.show(view);
}

function showTotals(counts: Counts, found: number): void {
	setText(byId('found'), `${writer.count(found)} of ${writer.count(store.rows.size)} orders`);
	for (const place of document.querySelectorAll<HTMLElement>('[data-count]')) {
		const name = stateNames.find((state) => state === place.dataset['count']);
		const count = name === undefined ? store.rows.size : counts[name];
		setText(place, writer.count(count));
		place.closest('li')?.classList.toggle('none', count === 0);
		const link = place.closest('a');
		const isChosen = name !== undefined && view.states.size === 1 && view.states.has(name);
		if (link !== null) setAttribute(link, 'aria-current', isChosen ? 'true' : null);
	}
	const silence = document.getElementById('silence');
	if (silence !== null) silence.hidden = store.silence === null;
}

const controls = filterControls({ view: () => view, go });
window.addEventListener('popstate', () => {
	const next = viewOf(new URLSearchParams(location.search));
	if (next.isSummary !== isSummary) {
		location.reload();
		return;
	}
	view = next;
	rearrange();
});
// Ages and states go on without any news.
setInterval(() => {
	if (document.hidden || !store.isComplete) return;
	table.ask();
	soon(true);
}, 5000);
