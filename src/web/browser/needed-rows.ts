/** What only those rows have that are seen: it is asked for when they are seen. */
import type { Line } from './arrange.ts';
import type { Row, Spark } from './rows.ts';

/** Whoever scrolls past needs nothing. */
const restMs = 120;
const freshMs = 10_000;
const atOnce = 200;

export interface NeededRows {
	see(lines: readonly Line[]): void;
	summaryOf(handle: number): readonly (number | null)[] | null;
}

/** @param told when something has come */
export function neededRows(rows: ReadonlyMap<number, Row>, isSummary: boolean, told: () => void): NeededRows {
	const asked = new WeakSet<Row>();
	const summaries = new Map<number, { readonly wire: readonly (number | null)[]; readonly atMs: number }>();
	let seen: readonly Line[] = [];
	let timer: ReturnType<typeof setTimeout> | undefined;

	const isNeeded = (row: Row) => {
		if (!isSummary) return row.spark === null && !row.isRejected && !asked.has(row);
		return performance.now() - (summaries.get(row.handle)?.atMs ?? Number.NEGATIVE_INFINITY) > freshMs;
	};

	async function ask(): Promise<void> {
		timer = undefined;
		const wanted = seen.flatMap((line) => (line.kind === 'order' && isNeeded(line.row) ? [line.row] : []));
		const some = wanted.slice(0, atOnce);
		if (some.length === 0) return;
		for (const row of some) asked.add(row);
		const kind = isSummary ? 'summaries' : 'sparks';
		try {
			const answer = await fetch(`/live/${kind}?of=${some.map(({ handle }) => handle).join()}`);
			if (!answer.ok) throw new Error(`status ${answer.status}`);
			if (isSummary) takeSummaries((await answer.json()) as [number, (number | null)[]][]);
			else takeSparks((await answer.json()) as [number, Spark | null][]);
			told();
		} catch {
			// The server is away: they are asked for again when it is back.
			for (const row of some) asked.delete(row);
		}
	}

	function takeSparks(sparks: readonly [number, Spark | null][]): void {
		for (const [handle, spark] of sparks) {
			const row = rows.get(handle);
			if (row !== undefined) row.spark = spark;
		}
	}

	function takeSummaries(wires: readonly [number, (number | null)[]][]): void {
		const atMs = performance.now();
		// Those of long ago are not kept.
		if (summaries.size > 5000) summaries.clear();
		for (const [handle, wire] of wires) summaries.set(handle, { wire, atMs });
	}

	return {
		see(lines) {
			seen = lines;
			if (timer !== undefined) return;
			if (!lines.some((line) => line.kind === 'order' && isNeeded(line.row))) return;
			timer = setTimeout(() => void ask(), restMs);
		},
		summaryOf: (handle) => summaries.get(handle)?.wire ?? null,
	};
}
