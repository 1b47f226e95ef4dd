import { type Alert, localPop } from '../model/alert.ts';
import type { Mute } from '../model/mute.ts';
import { type OrderPattern, orderPattern } from '../orders/selector.ts';

interface Ready {
	readonly mute: Mute;
	readonly orders: readonly OrderPattern[] | null;
	readonly rules: readonly OrderPattern[] | null;
}

/** What the files in `mutes/` say. */
export class MuteList {
	#mutes: readonly Ready[] = [];

	set(mutes: readonly Mute[]): void {
		this.#mutes = mutes.map((mute) => ({
			mute,
			orders: mute.orders?.map(orderPattern) ?? null,
			rules: mute.rules?.map(orderPattern) ?? null,
		}));
	}

	/** The file that mutes an alert now; null: none does. */
	muting({ id, rule, order, pops }: Alert, nowSeconds: number): Mute | null {
		const found = this.#mutes.find(
			({ mute, orders, rules }) =>
				(mute.untilSeconds === null || mute.untilSeconds > nowSeconds) &&
				(mute.alert === undefined || mute.alert === id) &&
				means(orders, order?.id ?? '', pops) &&
				(rules?.some((one) => one.takes(rule)) ?? true),
		);
		return found?.mute ?? null;
	}

	/** Acknowledgements of alerts that are over: their files are to go. */
	over(isFiring: (alertId: string) => boolean): readonly string[] {
		return this.#mutes.flatMap(({ mute }) =>
			mute.alert !== undefined && !isFiring(mute.alert) ? [mute.name] : [],
		);
	}
}

/** Whether it means all places that see the trouble. */
function means(patterns: readonly OrderPattern[] | null, id: string, pops: readonly string[]): boolean {
	if (patterns === null) return true;
	const places = pops.length === 0 ? [localPop] : pops;
	return places.every((place) =>
		patterns.some((pattern) => pattern.takes(id, place === localPop ? undefined : place)),
	);
}
