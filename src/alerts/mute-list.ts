import type { Alert } from '../model/alert.ts';
import type { Mute } from '../model/mute.ts';
import type { Glob } from '../orders/glob.ts';
import { orderPattern } from '../orders/selector.ts';

interface Ready {
	readonly mute: Mute;
	readonly orders: readonly Glob[] | null;
	readonly rules: readonly Glob[] | null;
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
	muting({ id, rule, order }: Alert, nowSeconds: number): Mute | null {
		const found = this.#mutes.find(
			({ mute, orders, rules }) =>
				(mute.untilSeconds === null || mute.untilSeconds > nowSeconds) &&
				(mute.alert === undefined || mute.alert === id) &&
				matches(orders, order?.id ?? '') &&
				matches(rules, rule),
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

function matches(globs: readonly Glob[] | null, text: string): boolean {
	return globs === null || globs.some((glob) => glob.test(text));
}
