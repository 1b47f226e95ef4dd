import { readdirSync } from 'node:fs';
import { type PastSlot, pastSight } from '../../alerts/replay.ts';
import type { Sight } from '../../alerts/sight.ts';
import { weekMedian } from '../../history/week-median.ts';
import { localPop } from '../../model/alert.ts';
import { type PastSlots, readPastSlots } from '../../store/past-slots.ts';
import { readHistory } from '../../store/read-history.ts';

/** What is kept of the past of an order, at all places that measured it. Seconds since the epoch. */
export interface Past {
	readonly stepSeconds: number;
	readonly pings: number;
	/** The first slot that there is. */
	readonly fromSeconds: number;
	/** The end of the last one. */
	readonly untilSeconds: number;
	/** Slots before this one come from main.rrd, those from it on from `slots`. */
	readonly slotsFromSeconds: number;
	/** Slots of which no place knows anything. */
	readonly unknownSlots: number;
	slots(): Iterable<PastSlot>;
	/** The median of the seven days before; null: not known. */
	lastWeek(pop: string, atSeconds: number): number | null;
}

/** Medians change slowly: the daemon asks for them so often. */
const weekEverySeconds = 6 * 3600;
const placesMost = 1000;

/**
 * Reads it; null when there are no single slots in that time. Throws RrdDamaged, or the error of the file system.
 *
 * @param own who measured what lies in the folder itself; by default this machine
 */
export function readPast(
	folder: string,
	startSeconds: number,
	endSeconds: number,
	own = localPop,
): Past | null {
	const places: [string, PastSlots][] = [];
	for (const [pop, path] of placesOf(folder, own)) {
		const past = readPastSlots(path, startSeconds, endSeconds);
		if (past !== null && (places[0] === undefined || places[0][1].stepSeconds === past.stepSeconds))
			places.push([pop, past]);
	}
	const [first] = places;
	if (first === undefined) return null;
	const { stepSeconds, pings } = first[1];
	const froms = places.map(([, { records }]) => records[0]?.timeSeconds ?? Number.POSITIVE_INFINITY);
	const lasts = places.map(([, { records }]) => records.at(-1)?.timeSeconds ?? 0);
	const [fromSeconds, lastSeconds] = [Math.min(...froms), Math.max(...lasts)];
	const sightsAt = (startSeconds: number): ReadonlyMap<string, Sight> => {
		const sights = new Map<string, Sight>();
		for (const [at, [pop, { records, pings }]] of places.entries()) {
			const record = records[Math.round((startSeconds - (froms[at] ?? 0)) / stepSeconds)];
			if (record?.timeSeconds === startSeconds)
				sights.set(pop, pastSight(record.loss, pings, record.medianSeconds));
		}
		return sights;
	};
	function* slots(): Iterable<PastSlot> {
		for (let startSeconds = fromSeconds; startSeconds <= lastSeconds; startSeconds += stepSeconds)
			yield { startSeconds, stepSeconds, sights: sightsAt(startSeconds) };
	}
	let unknownSlots = 0;
	for (const { sights } of slots()) if (![...sights.values()].some(({ isKnown }) => isKnown)) unknownSlots++;
	return {
		...{ stepSeconds, pings, fromSeconds, untilSeconds: lastSeconds + stepSeconds, unknownSlots, slots },
		slotsFromSeconds: Math.min(...places.map(([, past]) => past.slotsFromSeconds)),
		lastWeek: weeksOf(folder, own),
	};
}

function placesOf(folder: string, own: string): readonly (readonly [pop: string, path: string])[] {
	const pops = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name.startsWith('@'))
		.map(({ name }) => [name.slice(1), `${folder}/${name}`] as const);
	return [[own, folder] as const, ...pops.slice(0, placesMost)];
}

function weeksOf(folder: string, own: string): Past['lastWeek'] {
	const histories = new Map<string, ReturnType<typeof readHistory>['hours']>();
	const known = new Map<string, number | null>();
	const hoursOf = (pop: string) => {
		const path = pop === own ? folder : `${folder}/@${pop}`;
		const hours = histories.get(pop) ?? readHistory(path).hours;
		histories.set(pop, hours);
		return hours;
	};
	return (pop, atSeconds) => {
		const at = Math.floor(atSeconds / weekEverySeconds) * weekEverySeconds;
		const key = `${pop}|${at}`;
		const median = known.get(key);
		if (median !== undefined) return median;
		const found = weekMedian(hoursOf(pop), at);
		known.set(key, found);
		return found;
	};
}
