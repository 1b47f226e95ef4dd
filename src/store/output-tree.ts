import { uptime } from 'node:os';
import type { FileCalls } from '../host/file-calls.ts';
import { quickestFileCalls } from '../host/native-file-calls.ts';
import type { Clock } from '../model/clock.ts';
import { isInTheWay } from '../model/order-id.ts';
import type { ReasonCode } from '../model/outcome.ts';
import { popFolderIn } from '../model/pop.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import { slotAt } from '../model/slot.ts';
import { AlertFiles } from './alert-files.ts';
import { Archive } from './archive.ts';
import { type ArchiveLimits, limitArchive } from './archive-limits.ts';
import { Complaints, reasonOf } from './complaints.ts';
import type { Counters } from './counters.ts';
import { ErrorFiles, errorFileName } from './error-files.ts';
import { entriesIn, isFolder, popFoldersIn } from './folders-of-orders.ts';
import { inMadeFolder } from './held-folder.ts';
import { HistoryWork } from './history-work.ts';
import type { StoredOrder } from './live-order.ts';
import { LiveOrders } from './live-orders.ts';
import { OrderEvents } from './order-events.ts';
import { isSafeOrderId } from './order-path.ts';
import { takeOrderFile } from './order-text.ts';
import { isOurFile } from './our-files.ts';
import { utcStamp } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';
import type { StoredMeasurement } from './stored-measurement.ts';
import type { BoardPlace, BoardWriter } from './written-board.ts';

/** What the worker has to tell. */
export interface TreeEvents {
	enrolled(id: string, lastSlotSeconds: number | null): void;
	revived(id: string): void;
	archived(id: string): void;
	kept(id: string): void;
	/** The file of an expired order cannot be removed, for that reason. Told once; it is tried again and again. */
	stuck?(id: string, reason: string): void;
	dropped(id: string, ageSeconds: number): void;
	problem(message: string): void;
}

export interface OutputTreeParts {
	readonly baseDir: string;
	readonly events: TreeEvents;
	readonly counters: Counters;
	readonly clock: Clock;
	/** How long the machine has been up. Milliseconds. */
	readonly sinceBootMs?: () => number;
	/** Of orders that do not say. */
	readonly rrdTemplate?: RrdTemplate;
	/** By default the quickest there are. */
	readonly files?: FileCalls;
	/** By default none. */
	readonly board?: BoardWriter | null;
}

/**
 * output/ and archive/ below the base directory. Everything is done at once, one thing after the other; trouble with
 * the files of one order is told and does not stop the others. `Store` says what each verb means.
 */
export class OutputTree {
	readonly #tools: StoreTools;
	readonly #events: TreeEvents;
	readonly #live: LiveOrders;
	readonly #errors: ErrorFiles;
	readonly #archive: Archive;
	readonly #told: OrderEvents;
	readonly #alerts: AlertFiles;
	readonly history: HistoryWork;
	/** By order: what could not be done and is tried again. */
	readonly #unfinished = new Map<string, () => void>();

	constructor({
		baseDir,
		events,
		counters,
		clock,
		sinceBootMs = () => uptime() * 1000,
		rrdTemplate = 'smokeping',
		files = quickestFileCalls(),
		board = null,
	}: OutputTreeParts) {
		const folders = {
			orders: `${baseDir}/orders`,
			output: `${baseDir}/output`,
			archive: `${baseDir}/archive`,
		};
		const complaints = new Complaints((message) => events.problem(message), clock);
		this.#tools = { folders, complaints, counters, clock, sinceBootMs, rrdTemplate, files, board };
		this.#events = events;
		this.#errors = new ErrorFiles(this.#tools, (id, isClean) => this.#live.setClean(id, isClean));
		this.#told = new OrderEvents(this.#tools);
		this.#alerts = new AlertFiles(this.#tools);
		this.#live = new LiveOrders(this.#tools, this.#told, (id, message) => this.#errors.note(id, message));
		this.history = new HistoryWork(this.#live, this.#told);
		this.#archive = new Archive(this.#tools, (id) => this.#live.has(id));
	}

	/** Makes output/ and archive/ where they are missing. */
	start(): void {
		const { folders, complaints } = this.#tools;
		for (const folder of [folders.output, folders.archive]) {
			try {
				inMadeFolder(folder, '', () => {});
			} catch (error) {
				complaints.failed('cannot make', folder, error);
			}
		}
	}

	enrol(order: StoredOrder, atSeconds: number, place: BoardPlace | null = null): void {
		const { id } = order;
		if (!this.#isUsable(id)) return;
		this.#unfinished.delete(id);
		this.#errors.unnote(id);
		let names: readonly string[] | null = null;
		if (!this.#live.isSettled(order)) {
			this.#bringBack(id);
			names = this.#live.enrol(order, slotAt(atSeconds * 1000, order.stepSeconds).startSeconds);
		}
		this.#live.place(id, place);
		this.#errors.mended(id, names?.includes(errorFileName) !== false);
		this.#events.enrolled(id, this.#live.lastSlotSeconds(id));
	}

	record(measurement: StoredMeasurement): void {
		const { counters } = this.#tools;
		if (this.#live.record(measurement)) this.#errors.measured(measurement.orderId);
		else counters.add('ignored');
		counters.add('done');
	}

	reject(id: string, message: string): void {
		if (!this.#isUsable(id)) return;
		// A new folder named `error`, say, would be in the way of another order's file: the log has to do.
		if (isInTheWay(popFolderIn(id)?.id ?? id) && !isFolder(`${this.#tools.folders.output}/${id}`)) return;
		this.#unfinished.delete(id);
		if (!this.#live.has(id) && !this.#errors.has(id)) this.#bringBack(id);
		this.#errors.put(id, 'rejected', message);
	}

	fail(ids: readonly string[], message: string, code: ReasonCode, startSeconds: number): void {
		for (const id of ids) {
			if (!this.#live.has(id)) continue;
			this.#errors.put(id, 'failing', message);
			this.#live.failed(id, startSeconds, code, message);
		}
	}

	alerts(id: string, lines: readonly string[]): void {
		if (this.#live.has(id)) this.#alerts.append(id, lines);
	}

	clear(id: string): void {
		if (!this.#isUsable(id)) return;
		this.#errors.mended(id);
		this.#archive.removeEmptyOutput(id);
	}

	archive(id: string): void {
		if (!this.#isUsable(id)) return;
		this.#unfinished.delete(id);
		if (this.#putAway(id, () => this.archive(id))) this.#events.archived(id);
	}

	expire(id: string, orderPath: string, maxAgeMs: number): void {
		if (!this.#isUsable(id)) return;
		this.#unfinished.delete(id);
		const again = () => this.expire(id, orderPath, maxAgeMs);
		const taken = this.#takeOrderFile(id, orderPath, maxAgeMs);
		if (taken === 'fresh') {
			this.#archive.removeEmptyOutput(id);
			this.#events.kept(id);
			return;
		}
		if (typeof taken === 'object') {
			this.#live.drop(id);
			if (!this.#errors.has(id)) this.#putAway(id, again);
			this.#unfinished.set(id, again);
			this.#events.stuck?.(id, taken.stuck);
			return;
		}
		this.#told.tell(id, { event: 'expired' });
		if (this.#putAway(id, again)) this.#events.archived(id);
	}

	/** Says why an expired order is still there, in its `error` file. Its results stay with it. */
	tellStuck(id: string, reason: string): void {
		if (!this.#errors.has(id)) this.#bringBack(id, false);
		const message = `it was not refreshed for too long and is not measured any more, but its file cannot be removed: ${reason}. Refresh it, or remove it yourself`;
		this.#errors.put(id, 'rejected', message);
	}

	keepOnly(ids: readonly string[]): void {
		this.#archiveAllBut(new Set([...ids, ...this.#live.ids(), ...this.#errors.ids()]), '');
	}

	/** Tries again what could not be done. To be called from time to time. */
	retry(): void {
		this.#errors.retry();
		this.history.retry();
		for (const again of [...this.#unfinished.values()]) again();
	}

	/** Does a little with each step. */
	limitArchive(limits: ArchiveLimits): Generator<void> {
		return limitArchive(this.#tools, limits, (id, ageSeconds) => this.#events.dropped(id, ageSeconds));
	}

	#isUsable(id: string): boolean {
		if (isSafeOrderId(id)) return true;
		this.#tools.complaints.say(
			'unsafe id',
			`${JSON.stringify(id)} cannot be the name of an order: rename its file`,
		);
		return false;
	}

	#bringBack(id: string, isTold = true): void {
		try {
			if (!this.#archive.bringBack(id)) return;
			this.#told.tell(id, { event: 'revived' });
			if (isTold) this.#events.revived(id);
		} catch (error) {
			this.#tools.complaints.failed('cannot bring back', `${this.#tools.folders.archive}/${id}`, error);
			this.#unfinished.set(id, () => {
				this.#unfinished.delete(id);
				this.#bringBack(id);
			});
		}
	}

	#putAway(id: string, again: () => void): boolean {
		this.#forget(id);
		try {
			// What points of presence measured goes with it.
			for (const folder of popFoldersIn(this.#tools, id)) {
				this.#forget(folder);
				this.#archive.putAway(folder);
			}
			this.#archive.putAway(id);
			return true;
		} catch (error) {
			this.#tools.complaints.failed('cannot archive', `${this.#tools.folders.output}/${id}`, error);
			this.#unfinished.set(id, again);
			return false;
		}
	}

	#forget(id: string): void {
		this.#live.drop(id);
		this.#errors.forget(id);
		this.#told.write(id, true);
		this.#alerts.gone(id);
	}

	#takeOrderFile(
		id: string,
		path: string,
		maxAgeMs: number,
	): ReturnType<typeof takeOrderFile> | { readonly stuck: string } {
		const { folders, complaints, clock } = this.#tools;
		const nowMs = clock.wallMs();
		try {
			const inOutput = <T>(action: (folder: string) => T) => inMadeFolder(folders.output, id, action);
			return takeOrderFile({ path, maxAgeMs, inOutput, nowMs, stamp: utcStamp(nowMs) });
		} catch (error) {
			complaints.failed('cannot remove the expired order', path, error);
			return { stuck: reasonOf(error) };
		}
	}

	/** Archives what is in a folder of output/ and below, but for the orders in `keep`. Removes empty folders. */
	#archiveAllBut(keep: ReadonlySet<string>, id: string): void {
		const entries = entriesIn(this.#tools, id);
		const files = entries.filter((entry) => !entry.isDirectory());
		for (const entry of entries) {
			const below = id === '' ? entry.name : `${id}/${entry.name}`;
			// What points of presence measured is no order: it stays with one that is not measured, for whatever reason.
			const isPart = id !== '' && entry.name.startsWith('@');
			if (entry.isDirectory() && !(isPart && !this.#live.has(id))) this.#archiveAllBut(keep, below);
		}
		if (id === '' || keep.has(id)) return;
		if (files.some((file) => isOurFile(file.name))) this.archive(id);
		else if (popFoldersIn(this.#tools, id).length > 0) this.archive(id);
		else this.#archive.removeEmptyOutput(id);
	}
}
