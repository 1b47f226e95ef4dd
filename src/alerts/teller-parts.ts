import type { Alert, AlertSlot, HeldWhy } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import type { Mute } from '../model/mute.ts';
import type { NotificationQueue, NotifiedAlert } from '../model/notifier.ts';

/** An alert that fires, or has just cleared, on its way to people. */
export interface Live {
	alert: Alert;
	slots: readonly AlertSlot[];
	/** When it was told last, seconds since the epoch; null: not yet. */
	toldSeconds: number | null;
	held: HeldWhy | null;
	/** On the monotonic clock: when what held it ended; null: it is held, or never was. */
	freedAtMs: number | null;
	/** Since when it waits for others, on the monotonic clock; null: it does not. */
	waitsSinceMs: number | null;
	/** What is known of the route at its raise; undefined: it is being looked for. */
	route: readonly (string | null)[] | null | undefined;
}

export interface TellerParts {
	readonly clock: Clock;
	readonly queue: NotificationQueue;
	/** Why an alert is not to be told now; null: nothing holds it; `soon`: that will be known in a moment. */
	hold(alert: Alert): HeldWhy | 'soon' | null;
	/** Whether a slot has been bad since that time, on the monotonic clock. */
	isBadSince(alert: Alert, sinceMs: number): boolean;
	/** Whether it is told before most others are. */
	isUrgent(alert: Alert): boolean;
	/** The way to an order at the moment, or what is known of it by then; null where nobody can tell. */
	route(orderId: string, withinMs: number): Promise<readonly (string | null)[] | null> | null;
	mute(alert: Alert): Mute | null;
	/** What people are told besides. */
	details(alert: Alert): Partial<NotifiedAlert>;
	/** It has been told: when; or that it is over. */
	told(alert: Alert, about: 'raise' | 'clear' | 'reminder'): void;
}
