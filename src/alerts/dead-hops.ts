import type { KnownRoutes } from './known-routes.ts';
import type { MuteList } from './mute-list.ts';
import type { OrderWatch } from './order-watch.ts';

export interface DeadHopsParts {
	readonly routes: KnownRoutes;
	readonly mutes: MuteList;
	watchOf(id: string): OrderWatch | undefined;
}

/** A hop behind which all that is known is down. */
export interface DeadHop {
	readonly hop: string;
	/** The order that is told of for all; null: none of them has an alert that could be told. */
	readonly teller: string | null;
}

/** Finds the first hop on the way to an order that died. What was found holds until `renew`. */
export class DeadHops {
	readonly #parts: DeadHopsParts;
	/** By hop; null: it has not died. */
	readonly #found = new Map<string, DeadHop | null>();
	#nowSeconds = 0;

	constructor(parts: DeadHopsParts) {
		this.#parts = parts;
	}

	/** To be called before anybody asks, whenever something may have changed. */
	renew(nowSeconds: number): void {
		this.#nowSeconds = nowSeconds;
		this.#found.clear();
	}

	/** Null: there is none. */
	of(id: string): DeadHop | null {
		for (const hop of this.#parts.routes.way(id)) {
			const known = this.#found.get(hop);
			const found = known === undefined ? this.#look(hop) : known;
			this.#found.set(hop, found);
			if (found !== null) return found;
		}
		return null;
	}

	#look(hop: string): DeadHop | null {
		const { routes, watchOf } = this.#parts;
		const behind = routes.behind(hop);
		if (behind.size < 2) return null;
		let teller: string | null = null;
		let isTold = false;
		for (const id of behind) {
			const watch = watchOf(id);
			if (watch?.isDown !== true) return null;
			const told = this.#tells(watch);
			// Who was told of already stays it: nobody else has to be.
			if (told === null || (isTold && !told)) continue;
			if (teller === null || (told && !isTold) || id < teller) teller = id;
			isTold ||= told;
		}
		return { hop, teller };
	}

	/** Whether it has an alert that can be told, and that was; null: it has none. */
	#tells({ bound }: OrderWatch): boolean | null {
		let tells: boolean | null = null;
		for (const { record } of bound) {
			const { alert, toldSeconds } = record;
			if (alert === null || this.#parts.mutes.muting(alert, this.#nowSeconds) !== null) continue;
			tells = tells === true || toldSeconds !== null;
		}
		return tells;
	}
}
