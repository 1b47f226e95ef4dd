import type { Notification } from '../../../model/notifier.ts';

/** Tells the alerts of a message one by one, and remembers how far it came when the message is sent again. */
class Told {
	#key = '';
	#ids = new Set<string>();

	/** Rejects as `tell` does, at the first that fails. */
	async each(notification: Notification, tell: (single: Notification) => Promise<void>): Promise<void> {
		if (notification.key !== this.#key) {
			this.#key = notification.key;
			this.#ids = new Set();
		}
		for (const member of notification.members) {
			if (this.#ids.has(member.id)) continue;
			await tell({ ...notification, severity: member.severity, members: [member] });
			this.#ids.add(member.id);
		}
	}
}

const tolds = new WeakMap<object, Told>();

/** Of a notifier with these settings: outlives what is closed and opened again after a failure. */
export function toldOf(settings: object): Told {
	const known = tolds.get(settings) ?? new Told();
	tolds.set(settings, known);
	return known;
}
