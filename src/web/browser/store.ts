/** The rows of this page, as the feed tells them. */
import { listen } from './feed.ts';
import { type Now, type Row, rowOf, type Spark, takeResult } from './rows.ts';

export interface RowStore {
	readonly rows: ReadonlyMap<number, Row>;
	/** By id. */
	sorted(): readonly Row[];
	/** By the server's clock. */
	now(): Now;
	readonly silence: string | null;
	readonly isComplete: boolean;
}

export interface StoreTold {
	/** There are other rows. */
	rows(): void;
	/** The rows that there are have other results. */
	results(): void;
	link(state: 'up' | 'away' | 'login' | 'changed'): void;
	daemon(silence: string | null): void;
}

export function openStore(version: string, told: StoreTold): RowStore {
	const rows = new Map<number, Row>();
	/** Null: there are other rows than were sorted. */
	let sorted: readonly Row[] | null = null;
	/** All rows are being told, which takes a moment: until then the page shows what it has. */
	let isTold = false;
	/** Pictures go on over a server that comes back. */
	let kept = new Map<string, Spark | null>();
	let aheadSeconds = 0;
	const store = {
		...{ rows, silence: null as string | null, isComplete: false },
		sorted: () => {
			sorted ??= [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
			return sorted;
		},
		now: (): Now => ({ seconds: Date.now() / 1000 + aheadSeconds, isHeard: store.silence === null }),
	};
	function heard(nowSeconds: number, silence: string | null): void {
		aheadSeconds = nowSeconds - Date.now() / 1000;
		store.silence = silence;
		told.daemon(silence);
	}
	listen('/live/feed', version, {
		hello(nowSeconds, silence) {
			// The numbers are of that server alone: another one has others.
			isTold = false;
			sorted = null;
			kept = new Map([...rows.values()].map((row) => [row.id, row.spark]));
			rows.clear();
			heard(nowSeconds, silence);
		},
		rows(wires) {
			sorted = null;
			for (const wire of wires) {
				const row = rowOf(wire);
				row.spark = (rows.get(row.handle) ?? null)?.spark ?? kept.get(row.id) ?? null;
				rows.set(row.handle, row);
			}
			if (isTold) told.rows();
		},
		complete() {
			kept = new Map();
			isTold = true;
			store.isComplete = true;
			told.rows();
		},
		results(results) {
			for (const result of results) {
				const row = rows.get(result[0]);
				if (row !== undefined) takeResult(row, result);
			}
			if (isTold) told.results();
		},
		gone(handles) {
			sorted = null;
			for (const handle of handles) rows.delete(handle);
			if (isTold) told.rows();
		},
		daemon: heard,
		link: told.link,
	});
	return store;
}
