import type { RrdTemplate } from '../model/rrd-template.ts';
import type { PackedOutcome } from '../outcomes/packed.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import type { HistoryLimits } from './catch-up.ts';
import type { StoredOrder } from './live-order.ts';
import type { BoardPlace } from './written-board.ts';

/** What the main thread asks of the worker. Done in the order in which it was asked. */
export type StoreRequest =
	| {
			readonly verb: 'enrol';
			readonly order: StoredOrder;
			readonly atSeconds: number;
			/** Null: it has no place on the board. */
			readonly place: BoardPlace | null;
	  }
	/** In the same places: ids of orders, and what came of them. */
	| { readonly verb: 'record'; readonly ids: readonly string[]; readonly packed: readonly PackedOutcome[] }
	| { readonly verb: 'reject'; readonly id: string; readonly message: string }
	| { readonly verb: 'clear'; readonly id: string }
	| { readonly verb: 'archive'; readonly id: string }
	| { readonly verb: 'expire'; readonly id: string; readonly path: string; readonly maxAgeMs: number }
	/** Lines for its file `alerts`. */
	| { readonly verb: 'alerts'; readonly id: string; readonly lines: readonly string[] }
	| { readonly verb: 'keepOnly'; readonly ids: readonly string[] }
	| { readonly verb: 'limitArchive'; readonly limits: ArchiveLimits }
	| { readonly verb: 'edited'; readonly id: string; readonly keys: readonly string[] }
	| { readonly verb: 'keepHistory'; readonly limits: HistoryLimits }
	/** The daemon ends: what is left of histories is written, for so long at most. */
	| { readonly verb: 'end'; readonly timeoutMs: number }
	| { readonly verb: 'flush'; readonly token: number };

export interface PostedRequest {
	/** Milliseconds of `monotonicMs`. */
	readonly postedAtMs: number;
	readonly request: StoreRequest;
}

/** What the worker has to say. */
export type StoreReport =
	| { readonly about: 'enrolled'; readonly id: string; readonly lastSlotSeconds: number | null }
	| { readonly about: 'stuck'; readonly id: string; readonly reason: string }
	| { readonly about: 'revived' | 'archived' | 'kept'; readonly id: string }
	| { readonly about: 'dropped'; readonly id: string; readonly ageSeconds: number }
	| { readonly about: 'problem'; readonly message: string }
	| { readonly about: 'flushed'; readonly token: number };

/** What the worker is started with. */
export interface StoreWorkerData {
	readonly baseDir: string;
	readonly counters: SharedArrayBuffer;
	/** Of the `WrittenBoard`. */
	readonly board: SharedArrayBuffer;
	readonly rrdTemplate: RrdTemplate;
	readonly historyLimits: HistoryLimits;
}
