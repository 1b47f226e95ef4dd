import type { WatchedOrder } from '../alerts/order-watch.ts';
import { AlertRoom } from '../alerts/room.ts';
import type { AlertTools, StoredSlot } from '../alerts/room-parts.ts';
import type { Companion, OpenCompanion } from '../delivery/companion.ts';
import { weekMedian } from '../history/week-median.ts';
import { localPop } from '../model/alert.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';
import { type Route, routeOf } from '../model/route.ts';
import { addAlertLines, readAlertsFile } from '../store/alert-files.ts';
import { readHistory, readSlots } from '../store/read-history.ts';
import { readLastRoute } from '../store/routes-file.ts';
import type { AlertOrder, AlertReport, AlertThreadData } from './alert-messages.ts';
import { AlertOutlets } from './alert-outlets.ts';

/** The rules, in the thread of the sinks: the one place there that knows files of the store. */

const tickMs = 1000;
/** Without rules and a heartbeat there is nothing to hold against the time: such a daemon should hardly wake. */
const restMs = 10_000;

export const openCompanion: OpenCompanion = async (data, lent): Promise<Companion> => {
	const { clock, log, post } = lent;
	const { baseDir, facts, outlets: modules } = data as AlertThreadData;
	const outlets = await AlertOutlets.open(baseDir, modules, lent);
	const report = (one: AlertReport) => post(one);
	const folderOf = (id: string, pop: string) =>
		`${baseDir}/output/${id}${pop === localPop ? '' : `/@${pop}`}`;
	const ownFolder = `${baseDir}/state`;
	const limited = new RepeatLimiter(log, clock);
	const tracing = new Tracing((id) => lastRouteOf(folderOf(id, localPop)));
	const tools: AlertTools = {
		...{ clock, log, facts, queue: outlets.queue },
		load: (id) => readAlertsFile(folderOf(id, localPop)),
		save: (id, lines) => report({ about: 'save', id, lines }),
		loadOwn: () => readAlertsFile(ownFolder),
		saveOwn: (lines) => {
			try {
				addAlertLines(ownFolder, lines);
			} catch (error) {
				limited.limited('own', 'error', `cannot write ${ownFolder}/alerts: ${(error as Error).message}`);
			}
		},
		lastWeek: (id, pop) => lastWeekOf(folderOf(id, pop), clock.wallMs() / 1000),
		slots: (order, pop, from, until) => slotsOf(order, folderOf(order.identity.id, pop), from, until),
		route: (id, withinMs) =>
			tracing.ask(id, () => {
				report({ about: 'trace', id, withinMs });
			}),
		lastRoute: (id) => lastRouteOf(folderOf(id, localPop), true),
		watch: (ids, isWanted) => report({ about: 'watch', ids, isWanted }),
		removeMutes: (names) => {
			if (names.length > 0) report({ about: 'removeMutes', names });
		},
		report: (firing) => report({ about: 'firing', firing }),
	};
	const room = new AlertRoom(tools);
	let hasRules = false;
	let cancelTick = () => {};
	let isResting = false;
	const tick = () => {
		room.tick();
		outlets.tick();
		isResting = !hasRules && !outlets.heartbeat.isWanted;
		cancelTick = clock.after(isResting ? restMs : tickMs, tick);
	};
	tick();
	return {
		isWanted: () => hasRules || outlets.heartbeat.isWanted,
		accept: (outcome) => {
			outlets.heartbeat.heard(outcome.slot.stepSeconds);
			if (hasRules) room.accept(outcome);
		},
		hear: (messages) => {
			for (const message of messages as readonly AlertOrder[]) {
				if (message.about === 'rules') hasRules = message.rules.length > 0;
				if (message.about === 'traced') tracing.hear(message.id, message.path);
				else if (message.about === 'outlets') outlets.configure(message.outlets);
				else if (message.about === 'pulse') outlets.heartbeat.pulse();
				else obey(room, message);
			}
			if (!isResting) return;
			// There may be something to do now.
			isResting = false;
			cancelTick();
			cancelTick = clock.after(tickMs, tick);
		},
		close: (graceMs) => {
			cancelTick();
			room.close();
			return outlets.close(graceMs);
		},
	};
};

function obey(
	room: AlertRoom,
	message: Exclude<AlertOrder, { about: 'traced' | 'outlets' | 'pulse' }>,
): void {
	switch (message.about) {
		case 'rules':
			room.rules(message.rules, message.unread);
			break;
		case 'mutes':
			room.mutes(message.mutes);
			break;
		case 'settings':
			room.configure(message.settings);
			break;
		case 'standings':
			room.standings(message.standings);
			break;
		case 'order':
			room.order(message.order);
			break;
		case 'gone':
			room.gone(message.id);
			break;
		case 'early':
			room.early(message.id, message.slot, message.pings);
			break;
	}
}

/** Seconds; null where files are missing, damaged or too young. */
function lastWeekOf(folder: string, nowSeconds: number): number | null {
	try {
		return weekMedian(readHistory(folder).hours, nowSeconds);
	} catch {
		return null;
	}
}

type Hops = readonly (string | null)[];

function addressesOf(hops: Route['hops']): Hops {
	return hops.map((hop) => hop?.addresses.join(',') ?? null);
}

/** Routes that the main thread is asked for. */
class Tracing {
	readonly #waiting = new Map<string, ((hops: Hops | null) => void)[]>();
	readonly #known: (id: string) => Hops | null;

	/** `known`: the route as it was seen last, where it cannot be traced. */
	constructor(known: (id: string) => Hops | null) {
		this.#known = known;
	}

	ask(id: string, send: () => void): Promise<Hops | null> {
		return new Promise((resolve) => {
			const waiting = this.#waiting.get(id) ?? [];
			if (waiting.push(resolve) === 1) send();
			this.#waiting.set(id, waiting);
		});
	}

	hear(id: string, path: Hops | null): void {
		const hops = path === null ? this.#known(id) : addressesOf(routeOf(0, path, true).route.hops);
		for (const resolve of this.#waiting.get(id) ?? []) resolve(hops);
		this.#waiting.delete(id);
	}
}

/** As it was seen last; null where the order has no route of its own, or none that reached its target. */
function lastRouteOf(folder: string, isToReach = false): Hops | null {
	try {
		const route = readLastRoute(folder);
		return route === null || (isToReach && !route.reached) ? null : addressesOf(route.hops);
	} catch {
		return null;
	}
}

function slotsOf(
	{ pings }: WatchedOrder,
	folder: string,
	fromSeconds: number,
	untilSeconds: number,
): readonly StoredSlot[] {
	try {
		return readSlots(folder, fromSeconds, untilSeconds).map(({ timeSeconds, loss, medianSeconds }) => ({
			startSeconds: timeSeconds,
			lossShare: loss === null ? null : Math.min(1, loss / pings),
			medianSeconds,
		}));
	} catch {
		return [];
	}
}
