import type { Notification, NotifiedAlert } from '../../model/notifier.ts';

/** How it is, without what is over now: that it fired must not be told after that it is over. Null: nothing is left. */
export function stateWithout(
	state: Notification | null,
	over: readonly NotifiedAlert[],
): Notification | null {
	if (state === null) return null;
	const ids = new Set(over.map(({ id }) => id));
	const members = state.members.filter(({ id }) => !ids.has(id));
	return members.length === 0 ? null : { ...state, members };
}
