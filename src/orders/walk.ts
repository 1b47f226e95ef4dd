import type { Folder } from './entry.ts';

/** The steps of a visit: after `hold` nobody else has a turn, because something is open that should not be for long. */
export type Visit = Generator<'hold' | undefined>;

/** Folders that belong to one of the names at the top. */
interface Lane {
	readonly name: string;
	/** From `next` on. */
	folders: Folder[];
	next: number;
	visit: Visit | null;
}

/** So many lanes have turns; the others wait until a folder is done. More would keep more in memory. */
const activeMax = 64;

/**
 * Folders to visit, a step at a time: breadth-first, and by turns for each folder or link at the top of `orders/`, so
 * that nobody waits for somebody else's tree.
 */
export class Walk {
	readonly #visit: (folder: Folder) => Visit;
	readonly #lanes = new Map<string, Lane>();
	/** Those that have turns, and those that wait for one to be done with a folder. */
	#active: Lane[] = [];
	#waiting: Lane[] = [];
	#waitingNext = 0;
	#turn = 0;

	constructor(visit: (folder: Folder) => Visit) {
		this.#visit = visit;
	}

	add(folder: Folder): void {
		const name = folder.idPrefix.slice(0, folder.idPrefix.indexOf('/') + 1);
		const lane = this.#lanes.get(name);
		if (lane !== undefined) {
			lane.folders.push(folder);
			return;
		}
		const added: Lane = { name, folders: [folder], next: 0, visit: null };
		this.#lanes.set(name, added);
		this.#waiting.push(added);
	}

	get isDone(): boolean {
		return this.#lanes.size === 0;
	}

	/** False when there was nothing to do. */
	step(): boolean {
		this.#fill();
		if (this.#turn >= this.#active.length) this.#turn = 0;
		const lane = this.#active[this.#turn];
		if (lane === undefined) return false;
		lane.visit ??= this.#nextOf(lane);
		const { done, value } = lane.visit.next();
		if (done === true) this.#endVisit(lane);
		else if (value !== 'hold') this.#turn++;
		return true;
	}

	stop(): void {
		for (const { visit } of this.#active) visit?.return(undefined);
		this.#lanes.clear();
		this.#active = [];
		this.#waiting = [];
		this.#waitingNext = 0;
	}

	#fill(): void {
		while (this.#active.length < activeMax) {
			const lane = this.#waiting[this.#waitingNext];
			if (lane === undefined) break;
			this.#waitingNext++;
			this.#active.push(lane);
		}
		if (this.#waitingNext < 1000 && this.#waitingNext < this.#waiting.length) return;
		this.#waiting = this.#waiting.slice(this.#waitingNext);
		this.#waitingNext = 0;
	}

	#nextOf(lane: Lane): Visit {
		const folder = lane.folders[lane.next];
		lane.next++;
		// Lanes are made with a folder, and end with the last one.
		if (folder === undefined) throw new Error('a lane without folders');
		return this.#visit(folder);
	}

	/** The next lane that waits has its turns now. */
	#endVisit(lane: Lane): void {
		lane.visit = null;
		this.#active.splice(this.#turn, 1);
		if (lane.next < lane.folders.length) {
			if (lane.next > 1000) {
				lane.folders = lane.folders.slice(lane.next);
				lane.next = 0;
			}
			this.#waiting.push(lane);
		} else this.#lanes.delete(lane.name);
	}
}
