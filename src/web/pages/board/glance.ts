import { type Counts, noCounts } from '../../browser/arrange.ts';
import { type Now, stateOf } from '../../browser/rows.ts';
import type { Board, BoardRow } from './board.ts';

/** Of more, a reader types. */
const offeredMax = 200;
/** However many look: counting all orders takes a while where there are very many. Milliseconds. */
const keptMs = 250;

/** All orders together. */
export interface Glance {
	readonly counts: Counts;
	/** Those that are rejected or failing, by id. */
	readonly troubled: readonly BoardRow[];
	/** The users and probes that there are, for choosing among them. */
	readonly users: readonly string[];
	readonly probes: readonly string[];
}

/** Counts what is on the board, at most four times a second. */
export function glanceOn(board: Board, now: () => Now): () => Glance {
	let last: Glance | null = null;
	let countedMs = Number.NEGATIVE_INFINITY;
	return () => {
		if (last === null || performance.now() - countedMs > keptMs) {
			last = count(board.rows(), now());
			countedMs = performance.now();
		}
		return last;
	};
}

function count(rows: readonly BoardRow[], now: Now): Glance {
	const counts = noCounts();
	const troubled: BoardRow[] = [];
	const [users, probes] = [new Set<string>(), new Set<string>()];
	for (const row of rows) {
		const state = stateOf(row, now);
		counts[state]++;
		if (state === 'rejected' || state === 'failing') troubled.push(row);
		if (row.user !== '' && users.size < offeredMax) users.add(row.user);
		if (row.probe !== '') probes.add(row.probe);
	}
	return { counts, troubled, users: [...users].sort(), probes: [...probes].sort() };
}
