import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { FolderWatches } from './watches.ts';

/** A file below `orders/`: regular or not, readable or not. */
export interface OrderFileSeen {
	/** Its path below `orders/`. */
	readonly id: string;
	readonly path: string;
	/** When it was last written or touched, milliseconds since the epoch; of the file a link leads to. */
	readonly mtimeMs: number;
	/** Changes with the file, whatever changes; milliseconds since the epoch. NaN, or left out: not to be relied upon. */
	readonly ctimeMs?: number;
	/** Of a link to a folder, or a folder, that is not entered: why not, for the user. */
	readonly refusal?: string;
}

/** What a full scan came to. */
export interface OrdersScan {
	/** The first since the start. */
	readonly first: boolean;
	/** False when some folder could not be read, or `orders/` is missing: other files may exist. */
	readonly complete: boolean;
	/** How many files there are now. */
	readonly files: number;
	/** How long it took, with everything that had its turn in between, milliseconds. */
	readonly elapsedMs: number;
}

interface TreeListener {
	changed(file: OrderFileSeen): void;
	removed(id: string): void;
	/** A folder could not be read because the machine is short of something: to be tried again soon. */
	shortage(): void;
}

export interface OrdersTreeOptions {
	readonly root: string;
	readonly listener: TreeListener;
	readonly watches: Pick<FolderWatches, 'renew' | 'close' | 'has' | 'hadVanished'>;
	readonly log: Log;
	readonly clock: Clock;
	/** So many folders with nothing in them are known of each owner. */
	readonly emptyFoldersMax?: number | undefined;
	/** Reads a file behind a link. Where too many are no orders, the link is refused. */
	isOrder(file: OrderFileSeen): boolean;
}
