import type { FileCalls } from '../host/file-calls.ts';
import type { Clock } from '../model/clock.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import type { Complaints } from './complaints.ts';
import type { Counters } from './counters.ts';
import type { BoardWriter } from './written-board.ts';

/** What the parts of the store share. */
export interface StoreTools {
	/** Absolute paths of the folders below the base directory. */
	readonly folders: { readonly orders: string; readonly output: string; readonly archive: string };
	readonly complaints: Complaints;
	readonly counters: Counters;
	readonly clock: Clock;
	/** How long the machine has been up, also asleep. Milliseconds. */
	sinceBootMs(): number;
	/** Of orders that do not say. */
	readonly rrdTemplate: RrdTemplate;
	/** For what is written with each result. */
	readonly files: FileCalls;
	/** Where those who ask look; null: nobody asks. */
	readonly board: BoardWriter | null;
}
