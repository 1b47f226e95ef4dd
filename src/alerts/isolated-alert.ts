import type { Log } from '../model/log.ts';
import type { Guard } from './guard.ts';
import type { OwnRecords } from './own-records.ts';
import type { Teller } from './teller.ts';

const isolatedName = 'isolated';

export interface IsolatedAlertParts {
	readonly guard: Guard;
	readonly teller: Teller;
	readonly records: OwnRecords;
	readonly log: Log;
}

/** The one alert that is raised when this machine itself is cut off; all others are held meanwhile. */
export class IsolatedAlert {
	readonly #parts: IsolatedAlertParts;

	constructor(parts: IsolatedAlertParts) {
		this.#parts = parts;
	}

	/** As it was before the daemon was started: it ends when enough is known to say so. */
	resume(nowSeconds: number): void {
		if (this.#parts.records.get(isolatedName).alert !== null) this.#parts.guard.resume(nowSeconds);
	}

	/** `orders`: how many are measured. True when it was raised or has cleared. */
	look(nowSeconds: number, orders: number): boolean {
		const { guard } = this.#parts;
		if (!guard.look(nowSeconds, orders)) return false;
		const atSeconds = Math.floor(nowSeconds);
		if (guard.isIsolated) this.#raise(atSeconds);
		else this.#clear(atSeconds);
		return true;
	}

	#raise(atSeconds: number): void {
		const { guard, teller, records, log } = this.#parts;
		const what = `this machine seems to be cut off: ${reasonOf(guard)} at the same time`;
		const alert = {
			...{ id: `${isolatedName}||${atSeconds}`, rule: isolatedName, severity: 'critical' as const },
			...{ order: null, what, sinceSeconds: atSeconds, raisedSeconds: atSeconds },
			...{ pops: [], notify: null, remindSeconds: null },
		};
		log.warn(`${what}. All other alerts are held`);
		const before = records.get(isolatedName);
		records.set(isolatedName, { ...before, alert, toldSeconds: null }, { about: 'raise', alert, slots: [] });
		teller.raise(alert, [], null);
	}

	#clear(atSeconds: number): void {
		const { teller, records, log } = this.#parts;
		const { alert, closing, ...record } = records.get(isolatedName);
		if (alert === null) return;
		const cleared = { ...alert, clearedSeconds: atSeconds };
		log.info('this machine is connected again. Alerts are told as before');
		const owed = teller.clear(cleared, [], false) ? [...closing, cleared] : closing;
		const transition = { about: 'clear' as const, alert: cleared, slots: [] };
		records.set(isolatedName, { ...record, alert: null, toldSeconds: null, closing: owed }, transition);
	}
}

function reasonOf({ counts: { lost, of }, lostGuards }: Guard): string {
	const shown = lostGuards.slice(0, 5).join(', ');
	if (lostGuards.length === 0) return `${lost} of ${of} orders are lost`;
	return `all orders of guard: are lost (${shown}${lostGuards.length > 5 ? ', ...' : ''}), and ${lost} of ${of} in all,`;
}
