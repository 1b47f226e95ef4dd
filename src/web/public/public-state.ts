import type { StateName } from '../browser/rows.ts';

/** What strangers are told of an order: how it does, and what people call it; never its target, user or folder. */
export type PublicState = 'up' | 'loss' | 'down' | 'unknown';

/** Sign and word, so that colour only helps. */
export const publicWords: Readonly<Record<PublicState, { readonly sign: string; readonly word: string }>> = {
	up: { sign: '\u25cf', word: 'up' },
	loss: { sign: '\u25b2', word: 'loss' },
	down: { sign: '\u25a0', word: 'down' },
	unknown: { sign: '\u25cb', word: 'unknown' },
};

export function publicStateOf(state: StateName): PublicState {
	if (state === 'measuring') return 'up';
	return state === 'loss' || state === 'down' ? state : 'unknown';
}

/** Its title, else the last part of its id. */
export function publicName(id: string, title: string): string {
	return title.trim() === '' ? id.slice(id.lastIndexOf('/') + 1) : title;
}
