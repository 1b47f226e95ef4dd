import type { Alert } from '../model/alert.ts';
import type { Log } from '../model/log.ts';
import type { Guard } from './guard.ts';
import type { Teller } from './teller.ts';

const isolatedName = 'isolated';

/** The one alert that is raised when this machine itself is cut off; all others are held meanwhile. */
export class IsolatedAlert {
	readonly #guard: Guard;
	readonly #teller: Teller;
	readonly #log: Log;
	#alert: Alert | null = null;

	constructor(guard: Guard, teller: Teller, log: Log) {
		this.#guard = guard;
		this.#teller = teller;
		this.#log = log;
	}

	/** True when it was raised or has cleared. */
	look(nowSeconds: number): boolean {
		if (!this.#guard.look()) return false;
		const atSeconds = Math.floor(nowSeconds);
		if (this.#guard.isIsolated) this.#raise(atSeconds);
		else this.#clear(atSeconds);
		return true;
	}

	#raise(atSeconds: number): void {
		const { lost, of } = this.#guard.counts;
		const what = `this machine seems to be cut off: ${lost} of ${of} orders are lost at the same time`;
		this.#alert = {
			...{ id: `${isolatedName}||${atSeconds}`, rule: isolatedName, severity: 'critical', order: null, what },
			...{ sinceSeconds: atSeconds, raisedSeconds: atSeconds, pops: [], notify: null, remindSeconds: null },
		};
		this.#log.warn(`${what}. All other alerts are held`);
		this.#teller.raise(this.#alert, [], null);
	}

	#clear(atSeconds: number): void {
		if (this.#alert === null) return;
		const alert = { ...this.#alert, clearedSeconds: atSeconds };
		this.#alert = null;
		this.#log.info('this machine is connected again. Alerts are told as before');
		this.#teller.clear(alert, [], true);
	}
}
