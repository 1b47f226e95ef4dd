import { setTimeout as pause } from 'node:timers/promises';
import type { Now } from '../../browser/rows.ts';
import type { WebParts } from '../../web-parts.ts';
import { Board } from './board.ts';
import { BoardFeed } from './board-feed.ts';
import { BoardFill } from './fill.ts';
import { type Glance, glanceOn } from './glance.ts';
import { RejectedOrders } from './rejected.ts';
import { WeekChanges } from './week-change.ts';

const patienceMs = 150;

/** The board, and what keeps it. */
export interface LiveBoard {
	readonly board: Board;
	readonly fill: BoardFill;
	readonly feed: BoardFeed;
	readonly changes: WeekChanges;
	now(): Now;
	/** What there is in all, as of a moment ago. */
	glance(): Glance;
	/** Before somebody looks at it. */
	look(): Promise<void>;
}

/** @param version of the files for browsers, for pages that stay open while the program is exchanged */
export function openBoard(parts: WebParts, version: string): LiveBoard {
	const { baseDir, stream, heard } = parts;
	const board = new Board();
	stream.subscribe(board);
	const fill = new BoardFill(board, baseDir);
	const rejected = new RejectedOrders(board, baseDir);
	const look = async () => {
		void fill.all();
		// A daemon that is busy holds up no page.
		await Promise.race([rejected.look(), pause(patienceMs, undefined, { ref: false })]);
	};
	const feed = new BoardFeed({ board, look, version, silence: () => heard().silence });
	const now = () => ({ seconds: Date.now() / 1000, isHeard: heard().silence === null });
	const glance = glanceOn(board, now);
	return { board, fill, feed, look, now, glance, changes: new WeekChanges(board, baseDir) };
}
