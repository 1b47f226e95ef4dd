/** The links of ranges and downloads above graphs. */
import type { TimeNavigation } from './time-navigation.ts';
import { lastSecondsIn, rangeIn, type TimeRange } from './time-range.ts';
import { clockWords } from './words.ts';

/** What the server has put into the page. */
export function rangeOfPage({ range = '', start, end }: DOMStringMap): TimeRange {
	const seconds = lastSecondsIn(range);
	if (seconds !== null) return { kind: 'last', seconds };
	const fixed = rangeIn(new URLSearchParams({ start: start ?? '', end: end ?? '' }));
	return fixed ?? { kind: 'last', seconds: 108_000 };
}

/** Has them change what is shown: without scripts they load the page again. */
export function wireRanges(time: TimeNavigation): void {
	for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-range]'))
		link.addEventListener('click', (event) => {
			if (event.ctrlKey || event.metaKey || event.shiftKey) return;
			event.preventDefault();
			const seconds = lastSecondsIn(link.dataset['range'] ?? '');
			if (seconds !== null) time.go({ kind: 'last', seconds }, true);
		});
}

/** Says which of them holds now, and has downloads be of what is shown. */
export function showRange({ range, bounds, nowSeconds }: TimeNavigation): void {
	for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-range]')) {
		const isNow = range.kind === 'last' && lastSecondsIn(link.dataset['range'] ?? '') === range.seconds;
		if (isNow) link.setAttribute('aria-current', 'true');
		else link.removeAttribute('aria-current');
	}
	const query = new URLSearchParams({
		start: String(Math.floor(bounds.startSeconds)),
		end: String(Math.ceil(bounds.endSeconds)),
	});
	for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-download]'))
		link.href = `${link.dataset['download']}?${query}`;
	const updated = document.getElementById('updated');
	if (updated !== null) updated.textContent = range.kind === 'last' ? `up to ${clockWords(nowSeconds)}` : '';
}
