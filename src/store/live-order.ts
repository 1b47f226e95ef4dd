import type { RrdTemplate } from '../model/rrd-template.ts';
import type { RrdShape } from '../rrd/index.ts';

/** What the store needs to know of an order. */
export interface StoredOrder {
	readonly id: string;
	readonly stepSeconds: number;
	readonly pings: number;
	/** Null: that of the config, unless its main.rrd was made with another. */
	readonly rrdTemplate: RrdTemplate | null;
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
}
