import { accountOf, beginningOf } from '../../history/account.ts';
import { daySeconds, type HistogramHistory, type Spell } from '../../history/histogram-lines.ts';
import { Tally } from '../../history/tally.ts';

/** So many days a status page has, today included. */
const shownDays = 90;

/** A day of UTC. */
export interface OrderDay {
	/** When it began, since the epoch. */
	readonly startSeconds: number;
	/** Slots that were measured, those of them without an answer, and those that were not measured. */
	readonly slots: number;
	readonly down: number;
	readonly unknown: number;
}

/** The last days of an order, the oldest first. Days before its beginning have no slots. */
export function orderDays(
	history: Pick<HistogramHistory, 'since' | 'hours' | 'days'>,
	stepSeconds: number,
	nowSeconds: number,
): OrderDay[] {
	const beginning = beginningOf(history);
	const hours = byDay(history.hours);
	const days = byDay(history.days);
	const today = Math.floor(nowSeconds / daySeconds) * daySeconds;
	const since =
		beginning === null
			? null
			: { timeSeconds: beginning, spanSeconds: 0, tally: history.since?.tally ?? new Tally() };
	return Array.from({ length: shownDays }, (_, at) => {
		const startSeconds = today - (shownDays - 1 - at) * daySeconds;
		const own = { since, hours: hours.get(startSeconds) ?? [], days: days.get(startSeconds) ?? [] };
		const span = { startSeconds, endSeconds: startSeconds + daySeconds };
		const { tally } = accountOf(own, span, { stepSeconds, untilSeconds: nowSeconds });
		return { startSeconds, slots: tally.slots, down: tally.down, unknown: tally.unknown };
	});
}

/** Of each day how it was where it had the least uptime; where nothing was measured on it, nobody knows. */
export function worstDays(places: readonly (readonly OrderDay[])[]): readonly OrderDay[] {
	const badness = ({ slots, down }: OrderDay) => (slots === 0 ? -1 : down / slots);
	return places.reduce((worst, days) =>
		worst.map((day, at) => {
			const other = days[at] ?? day;
			return badness(other) > badness(day) ? other : day;
		}),
	);
}

function byDay(spells: readonly Spell[]): Map<number, Spell[]> {
	const days = new Map<number, Spell[]>();
	for (const spell of spells) {
		const day = Math.floor(spell.timeSeconds / daySeconds) * daySeconds;
		const list = days.get(day);
		if (list === undefined) days.set(day, [spell]);
		else list.push(spell);
	}
	return days;
}

/** A time without any answer. */
export interface Outage {
	readonly startSeconds: number;
	/** Null: it goes on. */
	readonly endSeconds: number | null;
}

/** Runs of slots without an answer, the oldest first. Slots that were not measured between two of a run belong to it. */
export function outagesIn(
	slots: readonly { readonly timeSeconds: number; readonly loss: number | null }[],
	{ stepSeconds, pings }: { readonly stepSeconds: number; readonly pings: number },
): Outage[] {
	const outages: Outage[] = [];
	let run: { readonly startSeconds: number; lastSeconds: number } | null = null;
	for (const { timeSeconds, loss } of slots) {
		if (loss === null) continue;
		if (loss >= pings) {
			run ??= { startSeconds: timeSeconds, lastSeconds: timeSeconds };
			run.lastSeconds = timeSeconds;
		} else if (run !== null) {
			outages.push({ startSeconds: run.startSeconds, endSeconds: run.lastSeconds + stepSeconds });
			run = null;
		}
	}
	if (run !== null) outages.push({ startSeconds: run.startSeconds, endSeconds: null });
	return outages;
}

/** The outages of several places, the oldest first: what overlaps is one. */
export function mergedOutages(places: readonly (readonly Outage[])[]): readonly Outage[] {
	const endOf = ({ endSeconds }: Outage) => endSeconds ?? Number.POSITIVE_INFINITY;
	const merged: Outage[] = [];
	for (const outage of places.flat().sort((a, b) => a.startSeconds - b.startSeconds)) {
		const last = merged.at(-1);
		if (last === undefined || outage.startSeconds > endOf(last)) merged.push(outage);
		else if (endOf(outage) > endOf(last))
			merged[merged.length - 1] = { startSeconds: last.startSeconds, endSeconds: outage.endSeconds };
	}
	return merged;
}

/** For so long single slots are looked through for outages. */
export const outageDays = 14;

/** Whether a day of those had a slot without answer. */
export function hadOutage(days: readonly OrderDay[]): boolean {
	return days.slice(-outageDays - 1).some(({ down }) => down > 0);
}
