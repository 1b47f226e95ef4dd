import { daySeconds, type HistogramHistory, hourSeconds, type Spell } from './histogram-lines.ts';
import { Tally } from './tally.ts';

/** From when to when, seconds since the epoch; whole hours. */
export interface AccountSpan {
	readonly startSeconds: number;
	readonly endSeconds: number;
}

/** What is known of an order in a span of time. */
export interface Account extends AccountSpan {
	/** What was counted. Its `unknown` holds also the slots of hours of which nothing was written. */
	readonly tally: Tally;
}

export interface AccountedOrder {
	/** Of a slot, now. */
	readonly stepSeconds: number;
	/** Until when it should have been measured: now, or when it was archived. Since the epoch. */
	readonly untilSeconds: number;
}

/**
 * Sums up a span of time. Where hours are kept they count, for they are finer; else days that lie wholly in it. Hours
 * of which there is no line, since the order began and up to `untilSeconds`, were not measured: their slots are unknown.
 */
export function accountOf(
	history: Pick<HistogramHistory, 'since' | 'hours' | 'days'>,
	{ startSeconds, endSeconds }: AccountSpan,
	{ stepSeconds, untilSeconds }: AccountedOrder,
): Account {
	const tally = new Tally();
	const span = { startSeconds, endSeconds };
	const first = beginningOf(history);
	if (first === null) return { ...span, tally };
	const hours = new Map(history.hours.map((hour) => [hour.timeSeconds, hour]));
	const days = new Map(history.days.map((day) => [day.timeSeconds, day]));
	const from = Math.max(startSeconds, floorTo(first, hourSeconds));
	const end = Math.min(endSeconds, untilSeconds);
	let missingSeconds = 0;
	for (let at = floorTo(from, daySeconds); at < end; at += daySeconds) {
		const ofDay = hoursOf(hours, at);
		const day = days.get(at);
		if (day !== undefined && isMore(day, ofDay)) {
			if (at >= startSeconds && at + daySeconds <= endSeconds) tally.merge(day.tally);
			else for (const hour of within(ofDay, span)) tally.merge(hour.tally);
			continue;
		}
		for (const hour of within(ofDay, span)) tally.merge(hour.tally);
		for (let hour = Math.max(at, from); hour < Math.min(at + daySeconds, end); hour += hourSeconds)
			missingSeconds += missingOf(hours.get(hour), hour, Math.min(hour + hourSeconds, end));
	}
	// The slot that is measured just now, and the one whose result is on its way, are not missing.
	tally.addUnknown(Math.max(0, Math.floor(missingSeconds / stepSeconds) - (end === untilSeconds ? 2 : 0)));
	return { ...span, tally };
}

/** Of a running hour, what was not counted yet is missing. */
function missingOf(hour: Spell | undefined, startSeconds: number, endSeconds: number): number {
	if (hour === undefined) return endSeconds - startSeconds;
	return hour.untilSeconds === undefined ? 0 : Math.max(0, endSeconds - hour.untilSeconds);
}

/** When the first thing was counted; null: nothing was. Since the epoch. */
export function beginningOf({
	since,
	hours,
	days,
}: Pick<HistogramHistory, 'since' | 'hours' | 'days'>): number | null {
	if (since !== null) return since.timeSeconds;
	const firsts = [hours[0], days[0]].flatMap((spell) => (spell === undefined ? [] : [spell.timeSeconds]));
	return firsts.length === 0 ? null : Math.min(...firsts);
}

function floorTo(seconds: number, unitSeconds: number): number {
	return Math.floor(seconds / unitSeconds) * unitSeconds;
}

function hoursOf(hours: ReadonlyMap<number, Spell>, daySecondsFrom: number): Spell[] {
	const found: Spell[] = [];
	for (let at = daySecondsFrom; at < daySecondsFrom + daySeconds; at += hourSeconds) {
		const hour = hours.get(at);
		if (hour !== undefined) found.push(hour);
	}
	return found;
}

function within(spells: readonly Spell[], { startSeconds, endSeconds }: AccountSpan): Spell[] {
	return spells.filter(({ timeSeconds }) => timeSeconds >= startSeconds && timeSeconds < endSeconds);
}

/** Whether more is counted in the line of a day than in those of its hours, some of which are thrown away already. */
function isMore({ tally: { slots, unknown } }: Spell, hours: readonly Spell[]): boolean {
	const counted = hours.reduce((sum, { tally }) => sum + tally.slots + tally.unknown, 0);
	return slots + unknown > counted;
}

/** Share of the measured slots that had at least one answer, 0 to 1; null: none was measured. */
export function uptimeOf({ slots, down }: Pick<Tally, 'slots' | 'down'>): number | null {
	return slots === 0 ? null : (slots - down) / slots;
}

/** Share of all slots that were not measured, 0 to 1; null: there were none. */
export function unknownShareOf({ slots, unknown }: Pick<Tally, 'slots' | 'unknown'>): number | null {
	return slots + unknown === 0 ? null : unknown / (slots + unknown);
}

/** Share of the pings that were lost, 0 to 1; null: none was sent. */
export function lossOf({ sent, lost }: Pick<Tally, 'sent' | 'lost'>): number | null {
	return sent === 0 ? null : lost / sent;
}

/** How an order does against its objective. */
export interface Budget {
	readonly objectivePercent: number;
	readonly isMet: boolean;
	/** How many slots without answer there may be in all. Not whole. */
	readonly allowedSlots: number;
	/** How many more there may be; negative: that many too many. Not whole. */
	readonly leftSlots: number;
}

/**
 * What is left of an objective. Slots that were not measured count for neither side; those that are still to come in
 * the span are taken for measured.
 *
 * @param comingSlots how many
 */
export function budgetOf(
	{ slots, down }: Pick<Tally, 'slots' | 'down'>,
	objectivePercent: number,
	comingSlots = 0,
): Budget {
	const allowed = (share: number) => ((100 - objectivePercent) * share) / 100;
	const allowedSlots = allowed(slots + comingSlots);
	return {
		objectivePercent,
		// Of one part in 10^9: 99.9 % of 1,000 slots are 999, whatever numbers with a point make of it.
		isMet: down <= allowed(slots) + 1e-9 * Math.max(1, slots),
		allowedSlots,
		leftSlots: allowedSlots - down,
	};
}
