import { daySeconds } from '../history/histogram-lines.ts';
import { readRrdHeader } from '../rrd/index.ts';
import { catchUp, type HistoryLimits, isShortReach, loadMark, reachOf } from './catch-up.ts';
import { ClockDoubt } from './clock-doubt.ts';
import { monotonicMs } from './counters.ts';
import { inFolder } from './held-folder.ts';
import { compactHistograms, histogramsName } from './history-files.ts';
import { limitsOf, usualHistoryLimits } from './history-size.ts';
import { Lane } from './lane.ts';
import { type LiveOrder, newHistoryMark } from './live-order.ts';
import { mainRrdName } from './main-rrd.ts';
import { utcStamp } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';

/** Lots are of up to ten minutes; where main.rrd holds little, of a minute or two. */
const usualLotMs = 540_000;
const shortLotMs = 60_000;
/** After the enrolment of an order: others are to be enrolled first. */
const firstLotMs = 2000;
const retryMs = 60_000;
/** In so many hours after midnight the files of all orders have their turn to be compacted. */
const compactionHours = 8;

interface HistoryParts {
	readonly tools: StoreTools;
	liveOf(id: string): LiveOrder | undefined;
	/** A file was kept under that name. */
	setAside(id: string, name: string): void;
}

/**
 * The files `histograms` and `slots` of the orders that are measured. They are made of what main.rrd holds, in lots and
 * between other work: so what a kill loses is made again, and the results of 100,000 orders need no memory.
 */
export class History {
	limits: HistoryLimits = usualHistoryLimits;
	readonly #parts: HistoryParts;
	readonly #doubt: ClockDoubt;
	readonly #unfinished: Lane;
	readonly #enrolled: Lane;
	readonly #short: Lane;
	readonly #usual: Lane;
	readonly #failed: Lane;

	constructor(parts: HistoryParts) {
		this.#parts = parts;
		const { clock, sinceBootMs } = parts.tools;
		this.#doubt = new ClockDoubt(clock, sinceBootMs);
		const lane = (delayMs: number) => new Lane(delayMs, () => clock.monotonicMs());
		this.#unfinished = lane(0);
		this.#enrolled = lane(firstLotMs);
		this.#short = lane(shortLotMs);
		this.#usual = lane(usualLotMs);
		this.#failed = lane(retryMs);
	}

	get #lanes(): readonly Lane[] {
		return [this.#short, this.#enrolled, this.#unfinished, this.#usual, this.#failed];
	}

	/** Its files may lack what main.rrd holds. */
	enrolled(id: string, live: LiveOrder): void {
		if (live.lastSlotSeconds !== null) this.#enrolled.add(id);
	}

	/** There is an outcome of a slot, measured or not. */
	heard(id: string, live: LiveOrder, startSeconds: number): void {
		const { shape, history, stepSeconds } = live;
		if (shape === null) return;
		if (history.heardFromSeconds < 0) history.heardFromSeconds = startSeconds;
		history.heardUntilSeconds = Math.max(history.heardUntilSeconds, startSeconds + stepSeconds);
		(isShortReach(shape) ? this.#short : this.#usual).add(id);
	}

	/** A row is to be written to main.rrd: what it would overwrite must be written before. */
	beforeRow(folder: string, id: string, live: LiveOrder, startSeconds: number): void {
		const { shape, history, lastUpdateSeconds } = live;
		if (shape === null || live.lastSlotSeconds === null) return;
		const isLoaded = history.hoursUntilSeconds >= 0;
		const doneSeconds = Math.min(history.hoursUntilSeconds, history.slotsUntilSeconds);
		// Not known: at the end of the last run it was behind by much less than half of what main.rrd holds.
		const safeSeconds = isLoaded ? doneSeconds + reachOf(shape) : lastUpdateSeconds + reachOf(shape) / 2;
		if (startSeconds + 2 * live.stepSeconds <= safeSeconds) return;
		this.#wholly(folder, id, live, true);
	}

	/** The order is measured no more, or the daemon ends: also an hour that is not over is written. */
	end(id: string, live: LiveOrder): void {
		if (live.shape === null || live.room !== 'whole') return;
		this.#inFolder(id, (folder) => this.#wholly(folder, id, live, true));
	}

	/** main.rrd, of whatever shape, is about to be kept under another name. */
	retiring(folder: string, id: string): void {
		try {
			const { shape, lastUpdateSeconds } = readRrdHeader(`${folder}/${mainRrdName}`);
			const history = newHistoryMark(this.#parts.liveOf(id)?.history.slotsSeconds ?? null);
			this.#wholly(folder, id, { shape, lastUpdateSeconds, history, rrdTemplate: null }, true);
		} catch {
			// There is nothing to be read in it.
		}
	}

	/** Does what is due, for so long at most and one thing more. Milliseconds. */
	work(sliceMs: number): void {
		const endMs = monotonicMs() + sliceMs;
		for (const lane of this.#lanes) {
			for (let id = lane.takeDue(); id !== null; id = lane.takeDue()) {
				this.#step(id);
				if (monotonicMs() >= endMs) return;
			}
		}
	}

	/** How long it is until something is due, milliseconds; null: nothing waits. */
	get restMs(): number | null {
		const rests = this.#lanes.map((lane) => lane.restMs).filter((rest) => rest !== null);
		return rests.length === 0 ? null : Math.min(...rests);
	}

	#step(id: string): void {
		const live = this.#parts.liveOf(id);
		if (live === undefined || live.room !== 'whole') return;
		this.#inFolder(id, (folder) => {
			const isDone = this.#some(folder, id, live, false);
			if (isDone !== true) (isDone === null ? this.#failed : this.#unfinished).add(id);
		});
	}

	#inFolder(id: string, action: (folder: string) => void): void {
		const { folders, complaints } = this.#parts.tools;
		try {
			inFolder(folders.output, id, action);
		} catch (error) {
			complaints.failed('cannot write into', `${folders.output}/${id}`, error);
		}
	}

	#wholly(folder: string, id: string, live: Measured, isEnd: boolean): void {
		while (this.#some(folder, id, live, isEnd) === false);
	}

	/** True: nothing is left; null: it could not be done. */
	#some(folder: string, id: string, live: Measured, isEnd: boolean): boolean | null {
		const { shape, lastUpdateSeconds, history: mark } = live;
		if (shape === null) return true;
		const { tools, setAside } = this.#parts;
		const stamp = utcStamp(tools.clock.wallMs());
		const limits = this.limits;
		const source = { folder, shape, lastUpdateSeconds, mark, limits, stamp };
		try {
			loadMark(source);
			const before = mark.hoursUntilSeconds;
			const isDone = catchUp(source, isEnd, (name) => setAside(id, name));
			if (isCompactionDue(id, before, mark.hoursUntilSeconds)) this.#compact(folder, live);
			return isDone;
		} catch (error) {
			tools.complaints.failed('cannot write', `${tools.folders.output}/${id}/${histogramsName}`, error);
			return null;
		}
	}

	#compact(folder: string, { rrdTemplate }: Pick<LiveOrder, 'rrdTemplate'>): void {
		// A clock that is far ahead makes everything look old.
		if (this.#doubt.isDoubtful) return;
		const { clock, rrdTemplate: usualTemplate } = this.#parts.tools;
		const limits = limitsOf(rrdTemplate ?? usualTemplate, this.limits);
		compactHistograms(folder, clock.wallMs() / 1000, limits);
	}
}

type Measured = Pick<LiveOrder, 'shape' | 'lastUpdateSeconds' | 'history' | 'rrdTemplate'>;

/** Whether the turn of an order to be compacted, an hour that is its own, lies between two times. */
function isCompactionDue(id: string, beforeSeconds: number, afterSeconds: number): boolean {
	if (beforeSeconds < 0) return false;
	const turnSeconds = (hashOf(id) % compactionHours) * 3600;
	const dayOf = (seconds: number) => Math.floor((seconds - turnSeconds) / daySeconds);
	return dayOf(afterSeconds) > dayOf(beforeSeconds);
}

function hashOf(text: string): number {
	let hash = 0;
	for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0;
	return hash;
}
