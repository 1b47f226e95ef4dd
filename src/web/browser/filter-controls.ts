/** The form of the filter, and all links that lead to another view of the same rows. */
import { byId, setAttribute, setText } from './elements.ts';
import { addressOf, sortNames, type View, viewOf } from './view.ts';

export interface FilterParts {
	view(): View;
	go(next: View, how: 'push' | 'replace'): void;
}

/** While somebody types, it waits for so long. */
const typingMs = 80;

export function filterControls({ view, go }: FilterParts): { show(view: View): void } {
	const form = byId<HTMLFormElement>('filters');
	let typing: ReturnType<typeof setTimeout> | undefined;
	const typed = () => {
		clearTimeout(typing);
		typing = undefined;
		go(
			{ ...viewInForm(form), states: view().states, folder: view().folder, folders: view().folders },
			'replace',
		);
	};
	form.addEventListener('input', () => {
		clearTimeout(typing);
		typing = setTimeout(typed, typingMs);
	});
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		typed();
	});
	for (const [id, folders] of [
		['open-all', 'open'],
		['close-all', 'closed'],
	] as const)
		byId(id).addEventListener('click', () => {
			// Once more the same, after some were opened by hand.
			go({ ...view(), folders: null }, 'replace');
			go({ ...view(), folders }, 'replace');
		});
	document.addEventListener('click', (event) => {
		// What was typed a moment before counts, and links lead on from it.
		if (typing !== undefined && viewOfLink(event) !== null) typed();
		const next = viewOfLink(event);
		if (next === null) return;
		event.preventDefault();
		go(next, 'push');
	});
	return { show: (now) => showView(form, now) };
}

function viewInForm(form: HTMLFormElement): View {
	const query = new URLSearchParams();
	for (const [name, value] of new FormData(form)) if (typeof value === 'string') query.set(name, value);
	return viewOf(query);
}

/** Where a plain click leads, if it is to this page. */
function viewOfLink(event: MouseEvent): View | null {
	if (event.defaultPrevented || event.button !== 0) return null;
	if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
	const link = (event.target as Element).closest?.('main a');
	if (!(link instanceof HTMLAnchorElement) || link.pathname !== location.pathname) return null;
	return viewOf(new URLSearchParams(link.search));
}

function showView(form: HTMLFormElement, view: View): void {
	const values = { q: view.text, user: view.user, probe: view.probe, tag: view.tag, sort: view.sort };
	for (const [name, value] of Object.entries(values)) {
		const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | null;
		if (field !== null && field !== document.activeElement && field.value !== value) field.value = value;
	}
	form.querySelector<HTMLElement>('.fold')?.toggleAttribute('hidden', view.sort !== 'tree');
	for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-sort]')) {
		const sort = sortNames.find((name) => name === link.dataset['sort']) ?? 'tree';
		link.href = addressOf({ ...view, sort: view.sort === sort ? 'tree' : sort, page: 1 });
		const heading = link.closest('th');
		const direction = sort === 'order' ? 'ascending' : 'descending';
		if (heading !== null) setAttribute(heading, 'aria-sort', view.sort === sort ? direction : null);
	}
	for (const link of document.querySelectorAll<HTMLAnchorElement>('#totals-list a')) {
		const { states, sort } = viewOf(new URLSearchParams(link.search));
		link.href = addressOf({ ...view, states, sort: states.size === 0 ? view.sort : sort, page: 1 });
	}
	showChosen(view);
}

function showChosen(view: View): void {
	const place = byId('chosen');
	const parts = [
		...(view.states.size > 0 ? [`State: ${[...view.states].join(', ')}`] : []),
		...(view.folder === '' ? [] : [`Folder: ${view.folder}`]),
	];
	const text = parts.join(' ');
	if (place.dataset['text'] === text) return;
	place.dataset['text'] = text;
	setText(place, '');
	if (parts.length === 0) return;
	const words = document.createElement('bdi');
	words.textContent = text;
	const all = document.createElement('a');
	all.href = addressOf({ ...view, states: new Set(), folder: '', page: 1 });
	all.textContent = 'Show all';
	place.append(words, ' ', all);
}
