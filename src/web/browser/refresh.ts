/** Keeps what has `data-refresh="SECONDS"` up to date: the page is asked for again, and only those parts are taken. */
import { showLink } from './link-state.ts';
import { localTimes } from './local-times.ts';

const parts = [...document.querySelectorAll<HTMLElement>('[data-refresh]')];
const seconds = Math.min(...parts.map(({ dataset }) => Number(dataset['refresh']) || 10));
/** What was written by the server the last time. */
const written = new Map<string, string>();

async function refresh(): Promise<void> {
	if (document.hidden) return;
	try {
		const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
		if (answer.status === 401 || answer.status === 403) showLink('login', null);
		if (!answer.ok) return;
		const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
		const isSame = page.body.dataset['files'] === document.body.dataset['files'];
		showLink(isSame ? 'up' : 'changed', null);
		if (isSame) for (const { id } of parts) take(page, id);
	} catch {
		showLink('away', null);
	}
}

function take(page: Document, id: string): void {
	const [from, to] = [page.getElementById(id), document.getElementById(id)];
	if (from === null || to === null) return;
	const text = from.innerHTML;
	// Nothing is exchanged under somebody's hand.
	if (written.get(id) === text || to.contains(document.activeElement)) return;
	written.set(id, text);
	to.replaceChildren(...[...from.childNodes].map((node) => document.importNode(node, true)));
	localTimes(to);
}

if (parts.length > 0) setInterval(() => void refresh(), seconds * 1000);
