import type { Facts } from '../model/facts.ts';
import { monotonicMs } from './counters.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { History } from './history.ts';
import { lastFactsName, putLastFacts } from './last-facts.ts';
import { type LastResult, lastResultName, putLastResult } from './last-result.ts';
import { type LiveOrder, newHistoryMark, type StoredOrder } from './live-order.ts';
import { mainRrdName } from './main-rrd.ts';
import { MainRrds } from './main-rrds.ts';
import type { OrderEvents } from './order-events.ts';
import { removeHalfWritten } from './order-files.ts';
import { OrderRoutes } from './order-routes.ts';
import { alternateFile, temporaryName } from './replace-file.ts';
import type { StoreTools } from './store-tools.ts';
import type { StoredMeasurement } from './stored-measurement.ts';
import { TextBytes } from './text-bytes.ts';
import type { BoardPlace } from './written-board.ts';

/** They take turns with last_result and last_facts, from one run of the daemon to the next too. */
const alternateNames = [temporaryName(lastResultName), temporaryName(lastFactsName)];

/** The orders that are being measured: their main.rrd and last_result. */
export class LiveOrders {
	readonly #tools: StoreTools;
	readonly #rrds: MainRrds;
	readonly #orders = new Map<string, LiveOrder>();
	readonly #events: OrderEvents;
	readonly #routes: OrderRoutes;
	/** What is being written. */
	readonly #text = new TextBytes();
	readonly history: History;

	/** `noted` is told what the user of an order has to know, though it is measured. */
	constructor(tools: StoreTools, events: OrderEvents, noted: (id: string, message: string) => void) {
		this.#tools = tools;
		this.#events = events;
		this.#routes = new OrderRoutes(tools);
		this.history = new History({
			tools,
			liveOf: (id) => this.#orders.get(id),
			setAside: (id, name) => events.tell(id, { event: 'set_aside', file: 'slots', kept: name }),
		});
		this.#rrds = new MainRrds(tools, {
			noted,
			retiring: (folder, id) => this.history.retiring(folder, id),
			kept: (id, name, reason) =>
				events.tell(id, { event: 'set_aside', file: mainRrdName, kept: name, reason }),
		});
	}

	has(id: string): boolean {
		return this.#orders.has(id);
	}

	ids(): Iterable<string> {
		return this.#orders.keys();
	}

	/** Start of the last slot that the files of an order hold, seconds since the epoch. */
	lastSlotSeconds(id: string): number | null {
		return this.#orders.get(id)?.lastSlotSeconds ?? null;
	}

	/** True when there is nothing left to do for `enrol`. */
	isSettled(order: StoredOrder): boolean {
		const live = this.#orders.get(order.id);
		return (
			live?.room === 'whole' &&
			live.stepSeconds === order.stepSeconds &&
			live.pings === order.pings &&
			live.rrdTemplate === order.rrdTemplate &&
			live.history.slotsSeconds === (order.slotsSeconds ?? null) &&
			live.pathFact === (order.pathFact ?? null)
		);
	}

	/**
	 * Measurements are taken from now on. Makes folder and main.rrd where they are missing or do not fit. Returns the names
	 * of what was in the folder; null: it cannot be told.
	 */
	enrol(order: StoredOrder, startSeconds: number): readonly string[] | null {
		const live: LiveOrder = {
			stepSeconds: order.stepSeconds,
			pings: order.pings,
			rrdTemplate: order.rrdTemplate,
			shapes: this.#rrds.shapesOf(order),
			shape: null,
			room: 'none',
			lastUpdateSeconds: Number.NaN,
			lastSlotSeconds: null,
			history: newHistoryMark(order.slotsSeconds ?? null),
			events: null,
			pathFact: order.pathFact ?? null,
			route: null,
			place: null,
		};
		this.#orders.set(order.id, live);
		const names = this.#prepare(order.id, live, startSeconds);
		this.history.enrolled(order.id, live);
		return names;
	}

	/** Where it is on the board from now on, where nothing is known of it yet. */
	place(id: string, place: BoardPlace | null): void {
		const live = this.#orders.get(id);
		if (live === undefined) return;
		live.place = place;
		if (place !== null) this.#tools.board?.begin(place);
	}

	/** Whether it has no `error` file. */
	setClean(id: string, isClean: boolean): void {
		const place = this.#orders.get(id)?.place ?? null;
		if (place !== null) this.#tools.board?.setClean(place, isClean);
	}

	/** Measurements are ignored from now on. */
	drop(id: string): void {
		const live = this.#orders.get(id);
		if (live === undefined) return;
		this.history.end(id, live);
		this.#orders.delete(id);
	}

	/** Writes what is left of the histories of all orders, until it is too late for more. Milliseconds. */
	end(timeoutMs: number): void {
		const endMs = monotonicMs() + timeoutMs;
		for (const [id, live] of this.#orders) {
			this.history.end(id, live);
			if (monotonicMs() >= endMs) return;
		}
	}

	/** There is no measurement of a slot. */
	failed(id: string, startSeconds: number, code: string, reason: string): void {
		const live = this.#orders.get(id);
		if (live === undefined) return;
		this.history.heard(id, live, startSeconds);
		this.#events.failed(id, live, startSeconds, code, reason);
	}

	/** Writes a measurement to main.rrd and last_result. False when the order is not enrolled. */
	record(measurement: StoredMeasurement): boolean {
		const live = this.#orders.get(measurement.orderId);
		if (live === undefined) return false;
		if (!this.#writeMending(live, measurement)) {
			const { counters } = this.#tools;
			counters.add('lastResultErrors');
			if (live.shapes.length > 0) counters.add('rrdErrors');
		}
		live.lastSlotSeconds = measurement.startSeconds;
		this.history.heard(measurement.orderId, live, measurement.startSeconds);
		return true;
	}

	/** False when there is no folder to write into, for reasons that have been told. */
	#writeMending(live: LiveOrder, measurement: StoredMeasurement): boolean {
		if (live.room === 'whole' && this.#write(live, measurement)) return true;
		this.#prepare(measurement.orderId, live, measurement.startSeconds);
		return live.room !== 'none' && this.#write(live, measurement);
	}

	/** False when the folder is not there, or not to be written into. */
	#write(live: LiveOrder, measurement: StoredMeasurement): boolean {
		const { folders, complaints, files } = this.#tools;
		const { orderId } = measurement;
		try {
			const write = (folder: string) => this.#writeAll(folder, live, measurement);
			return inFolder(folders.output, orderId, write, files) === true;
		} catch (error) {
			complaints.failed('cannot write into', this.#folderOf(measurement.orderId), error);
			return false;
		}
	}

	#writeAll(folder: string, live: LiveOrder, measurement: StoredMeasurement): true {
		this.#events.measured(folder, live, measurement);
		this.#routes.measured(folder, live, measurement);
		this.history.beforeRow(folder, measurement.orderId, live, measurement.startSeconds);
		this.#rrds.update(folder, live, measurement);
		this.#writeLastFacts(folder, measurement);
		this.#writeLastResult(folder, live, measurement);
		return true;
	}

	/** Makes what is missing. On failure says why; the next measurement tries again. */
	#prepare(id: string, live: LiveOrder, startSeconds: number): readonly string[] | null {
		const { folders, complaints } = this.#tools;
		live.room = 'none';
		try {
			return inMadeFolder(folders.output, id, (folder) => {
				const names = removeHalfWritten(folder, alternateNames);
				this.#rrds.prepare(folder, id, live, startSeconds);
				return names;
			});
		} catch (error) {
			const path = this.#folderOf(id);
			this.#rrds.noteIfTooMany(id, error);
			complaints.failed('cannot prepare', live.room === 'none' ? path : `${path}/${mainRrdName}`, error);
			return null;
		}
	}

	/** Before last_result, which programs wait for. */
	#writeLastFacts(folder: string, { orderId, startSeconds, facts }: StoredMeasurement): void {
		if (!hasSome(facts)) return;
		try {
			this.#text.clear();
			putLastFacts(this.#text, { time: startSeconds, facts });
			alternateFile(folder, lastFactsName, this.#text, this.#tools.files);
		} catch (error) {
			this.#tools.complaints.failed('cannot write', `${this.#folderOf(orderId)}/${lastFactsName}`, error);
		}
	}

	#writeLastResult(folder: string, live: LiveOrder, measurement: StoredMeasurement): void {
		const { clock, complaints, counters, board } = this.#tools;
		const result: LastResult = {
			time: measurement.startSeconds,
			updated: Math.floor(clock.wallMs() / 1000),
			step: measurement.stepSeconds,
			pings: measurement.sent,
			loss: measurement.loss,
			min: measurement.minSeconds,
			median: measurement.medianSeconds,
			max: measurement.maxSeconds,
		};
		try {
			this.#text.clear();
			putLastResult(this.#text, result);
			alternateFile(folder, lastResultName, this.#text, this.#tools.files);
			if (live.place !== null) board?.setResult(live.place, result);
			counters.add('recorded');
		} catch (error) {
			counters.add('lastResultErrors');
			complaints.failed('cannot write', `${this.#folderOf(measurement.orderId)}/${lastResultName}`, error);
		}
	}

	#folderOf(id: string): string {
		return `${this.#tools.folders.output}/${id}`;
	}
}

function hasSome(facts: Facts): boolean {
	for (const _name in facts) return true;
	return false;
}
