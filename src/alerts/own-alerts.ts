import type { Alert, OwnRule, PartStanding } from '../model/alert.ts';
import type { NotifiedAlert } from '../model/notifier.ts';
import type { Guard } from './guard.ts';
import { IsolatedAlert } from './isolated-alert.ts';
import { OwnRecords } from './own-records.ts';
import { PartAlerts } from './part-alerts.ts';
import type { AlertTools } from './room-parts.ts';
import type { Teller } from './teller.ts';

export interface OwnAlertsParts {
	readonly tools: Pick<AlertTools, 'clock' | 'log' | 'queue' | 'loadOwn' | 'saveOwn'>;
	readonly guard: Guard;
	readonly teller: Teller;
}

/** Alerts about pingmachine itself: it is cut off, or one of its parts is in trouble. */
export class OwnAlerts {
	readonly #parts: OwnAlertsParts;
	readonly #records: OwnRecords;
	readonly #isolated: IsolatedAlert;
	readonly #partAlerts: PartAlerts;
	#rules = new Map<string, OwnRule>();
	#isStarted = false;

	constructor(parts: OwnAlertsParts) {
		const { tools, guard, teller } = parts;
		this.#parts = parts;
		this.#records = new OwnRecords(tools);
		this.#isolated = new IsolatedAlert({ guard, teller, records: this.#records, log: tools.log });
		this.#partAlerts = new PartAlerts({ records: this.#records, teller });
	}

	/** The first ones tell that it is known who is to be told. */
	rules(rules: readonly OwnRule[], unread: ReadonlySet<string>): void {
		this.#rules = new Map(rules.map((rule) => [rule.name, rule]));
		this.#partAlerts.rules(rules, unread);
		if (this.#isStarted) return;
		this.#isStarted = true;
		this.#resume();
	}

	hear(standings: readonly PartStanding[]): void {
		this.#partAlerts.hear(standings);
	}

	/** `orders`: how many are measured. True when something was raised or has cleared. */
	look(orders: number): boolean {
		const { clock } = this.#parts.tools;
		const nowSeconds = clock.wallMs() / 1000;
		const isIsolatedChanged = this.#isolated.look(nowSeconds, orders);
		return (this.#isStarted && this.#partAlerts.look(nowSeconds, clock.monotonicMs())) || isIsolatedChanged;
	}

	told(alert: Alert, about: 'raise' | 'clear' | 'reminder'): void {
		this.#records.told(alert, about);
	}

	/** It is to be remembered that it is over until that was told, though its order is gone. */
	owe(alert: Alert): void {
		this.#records.owe(alert);
	}

	isBadSince(alert: Alert, sinceMs: number): boolean {
		return alert.part === undefined || this.#partAlerts.isBadSince(alert, sinceMs);
	}

	/** What people are told besides. */
	details({ rule: name }: Alert): Partial<NotifiedAlert> {
		const rule = this.#rules.get(name);
		return {
			...(rule?.title === undefined ? {} : { ruleTitle: rule.title }),
			...(rule?.note === undefined ? {} : { ruleNote: rule.note }),
			...(rule?.link === undefined ? {} : { link: rule.link }),
		};
	}

	/** Goes on from where a run before has ended. */
	#resume(): void {
		const { teller, tools } = this.#parts;
		for (const alert of this.#records.owed) teller.clear(alert, [], true);
		for (const [key, record] of this.#records.all) {
			const { alert, toldSeconds, closing } = record;
			for (const one of closing) teller.clear(one, [], true);
			if (alert === null) continue;
			if (tools.queue.toldOf(alert.id) !== 'clear') teller.raise(alert, [], toldSeconds);
			// It was over, and people were told of that: only the file was not, by a kill.
			else this.#records.set(key, { ...record, alert: null, toldSeconds: null });
		}
		this.#isolated.resume(tools.clock.wallMs() / 1000);
	}
}
