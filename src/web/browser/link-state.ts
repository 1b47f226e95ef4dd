/** Says in the head of a page whether it is live. Calmly: nothing blinks, and it goes on by itself. */
import { byId, setText } from './elements.ts';

export type Link = 'up' | 'away' | 'login' | 'changed';

const words: Readonly<Record<Link, string>> = {
	up: 'Live',
	away: 'pingmachine does not answer. Trying again',
	login: 'The login is over. Load the page again',
	changed: 'Another version runs by now. Load the page again',
};

export function showLink(link: Link, silence: string | null): void {
	const place = byId('link-state');
	const isUp = link === 'up' && silence === null;
	setText(place, link === 'up' && silence !== null ? `The daemon does not answer: ${silence}` : words[link]);
	place.dataset['state'] = isUp ? 'live' : 'away';
}
