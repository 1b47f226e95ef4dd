import type { Notification, NotifiedAlert, NotifierTools } from '../../../../src/model/notifier.ts';
import { identity, start } from '../../support/house.ts';

/** An alert that fires, or, with `clearedSeconds`, one that is over. */
export function alertOf(id: string, more: Partial<NotifiedAlert> = {}): NotifiedAlert {
	return {
		...{ id: `loss|${id}|${start}`, rule: 'loss', severity: 'critical', order: identity(id) },
		...{ what: 'loss 60 % (over 20 %) in 3 of 5 slots', sinceSeconds: start, raisedSeconds: start + 30 },
		slots: [
			{ startSeconds: start, lossShare: 0, medianSeconds: 0.0123 },
			{ startSeconds: start + 10, lossShare: 0.6, medianSeconds: 0.05 },
			{ startSeconds: start + 20, lossShare: null, medianSeconds: null, code: 'name_silent' },
		],
		...{ lossReasons: ['3 host unreachable'], pops: ['local'], route: ['10.0.0.1', null, '192.0.2.1'] },
		...{ title: 'Core <a> & "b"', note: 'the new line card', link: 'https://wiki.example.net/a' },
		pageUrl: `https://ping.example.net/orders/${id}`,
		...more,
	};
}

/** A message of these. */
export function messageOf(members: readonly NotifiedAlert[], more: Partial<Notification> = {}): Notification {
	const { about = 'raise' } = more;
	const key = `${about}-${members.map(({ id }) => id).join(' ')}`.slice(0, 40);
	return { key, about, severity: 'critical', atSeconds: start + 33, members, ...more };
}

/** So many alerts with names that are as long and odd as they may be. */
export function manyAlerts(count: number): readonly NotifiedAlert[] {
	return Array.from({ length: count }, (_, at) =>
		alertOf(`core/${at}/${'ü🙂"\\'.repeat(10)}`, { title: `🙂 <${'x'.repeat(100)}> ${at}` }),
	);
}

/** What is lent; `warned` gets the warnings. */
export function toolsOf(more: Partial<NotifierTools> & { readonly warned?: string[] } = {}): NotifierTools {
	const { warned = [], ...others } = more;
	return {
		...{ version: '2.0.0', timeoutMs: 5000, graph: async () => null, signal: new AbortController().signal },
		warn: (message) => warned.push(message),
		...others,
	};
}

/** Never fires. */
export const calm = new AbortController().signal;
