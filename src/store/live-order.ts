import type { Route } from '../model/route.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import type { RrdShape } from '../rrd/index.ts';
import type { BoardPlace } from './written-board.ts';

/** What the store needs to know of an order. */
export interface StoredOrder {
	readonly id: string;
	readonly stepSeconds: number;
	readonly pings: number;
	/** Null: that of the config, unless its main.rrd was made with another. */
	readonly rrdTemplate: RrdTemplate | null;
	/** How long its single slots are kept; left out: as long as the config says. */
	readonly slotsSeconds?: number;
	/** The fact that tells its route, if there is one. */
	readonly pathFact?: string;
}

/** What is kept in memory for each order. */
export interface LiveOrder {
	readonly stepSeconds: number;
	readonly pings: number;
	readonly rrdTemplate: RrdTemplate | null;
	/** Of main.rrd, which is to be made in the first of them; none: no main.rrd. Orders that are alike share them. */
	readonly shapes: readonly RrdShape[];
	/** That of main.rrd as it is; null: there is none. */
	shape: RrdShape | null;
	/** What is there, as far as we know: nothing, its folder alone, or also a main.rrd that fits. */
	room: 'none' | 'folder' | 'whole';
	/** Of main.rrd; seconds since the epoch. */
	lastUpdateSeconds: number;
	/** Start of the last slot that its files hold, seconds since the epoch. */
	lastSlotSeconds: number | null;
	readonly history: HistoryMark;
	/** Null: not known yet. */
	events: EventState | null;
	readonly pathFact: string | null;
	/** Null: not known yet. */
	route: RouteState | null;
	/** Where those who ask look; null: it has none. */
	place: BoardPlace | null;
}

/** The route of an order. */
interface RouteState {
	/** The last one of its file; null: there is none. */
	current: Route | null;
	/** Another one, which was seen in the last slot. */
	candidate: Route | null;
}

/** What was told last of an order in its file `events`. */
export interface EventState {
	isFailing: boolean;
	address: string | null;
	/** Of names that have many: when each was met last, seconds since the epoch. */
	addresses: Map<string, number> | null;
}

/** How far the history of an order goes. Since the epoch; -1: not known yet. */
export interface HistoryMark {
	/** Up to when its file `slots` has slots. */
	slotsUntilSeconds: number;
	/** Up to when its file `histograms` counts slots. */
	hoursUntilSeconds: number;
	/** What was heard of it since it was enrolled, measured or not: the first slot's start, the last one's end. */
	heardFromSeconds: number;
	heardUntilSeconds: number;
	/** How long its single slots are kept. */
	slotsSeconds: number | null;
}

export function newHistoryMark(slotsSeconds: number | null): HistoryMark {
	return {
		...{ slotsUntilSeconds: -1, hoursUntilSeconds: -1, heardFromSeconds: -1, heardUntilSeconds: -1 },
		slotsSeconds,
	};
}
