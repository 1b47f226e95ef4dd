import { basename } from 'node:path';
import type { RrdTemplate } from '../model/rrd-template.ts';
import { RrdOtherShape, type RrdShape, RrdTooEarly } from '../rrd/index.ts';
import { errorCode } from './complaints.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { lastResultText, readLastResult } from './last-result.ts';
import { addRow, damageIn, mainRrdName, prepareMainRrd, setAsideCorrupted } from './main-rrd.ts';
import { mainRrdShape, maxPings, shapedTemplates } from './main-rrd-shape.ts';
import { readOrderFolder } from './order-files.ts';
import type { StoredMeasurement } from './packed-measurements.ts';
import { readOwnText } from './read-own-text.ts';
import { alternateFile, replaceFile, temporaryName } from './replace-file.ts';
import { exists, setAside, utcStamp } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';

const lastResultName = 'last_result';
/** It takes turns with last_result, from one run of the daemon to the next too. */
const alternateName = temporaryName(lastResultName);

/** What the store needs to know of an order. */
export interface StoredOrder {
	readonly id: string;
	readonly stepSeconds: number;
	readonly pings: number;
	/** Null: that of the config, unless its main.rrd was made with another. */
	readonly rrdTemplate: RrdTemplate | null;
}

/** What is kept in memory for each order. */
interface LiveOrder {
	readonly stepSeconds: number;
	readonly pings: number;
	readonly rrdTemplate: RrdTemplate | null;
	/** Of main.rrd, which is to be made in the first of them; none: no main.rrd. Orders that are alike share them. */
	readonly shapes: readonly RrdShape[];
	/** That of main.rrd as it is; null: there is none. */
	shape: RrdShape | null;
	/** What is there, as far as we know: nothing, its folder alone, or also a main.rrd that fits. */
	room: 'none' | 'folder' | 'whole';
	/** Of main.rrd; seconds since the epoch. */
	lastUpdateSeconds: number;
	/** Start of the last slot that its files hold, seconds since the epoch. */
	lastSlotSeconds: number | null;
}

/** The orders that are being measured: their main.rrd and last_result. */
export class LiveOrders {
	readonly #tools: StoreTools;
	readonly #orders = new Map<string, LiveOrder>();
	readonly #shapes = new Map<string, readonly RrdShape[]>();

	constructor(tools: StoreTools) {
		this.#tools = tools;
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
			live.rrdTemplate === order.rrdTemplate
		);
	}

	/** Measurements are taken from now on. Makes folder and main.rrd where they are missing or do not fit. */
	enrol(order: StoredOrder, startSeconds: number): void {
		const live: LiveOrder = {
			stepSeconds: order.stepSeconds,
			pings: order.pings,
			rrdTemplate: order.rrdTemplate,
			shapes: this.#shapesOf(order),
			shape: null,
			room: 'none',
			lastUpdateSeconds: Number.NaN,
			lastSlotSeconds: null,
		};
		this.#orders.set(order.id, live);
		this.#prepare(order.id, live, startSeconds);
	}

	/** Measurements are ignored from now on. */
	drop(id: string): void {
		this.#orders.delete(id);
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
		const { folders, complaints } = this.#tools;
		try {
			const isWritten = inFolder(folders.output, measurement.orderId, (folder) => {
				const shape = live.shape ?? live.shapes[0];
				if (shape !== undefined) this.#updateRrd(folder, live, shape, measurement);
				this.#writeLastResult(folder, measurement);
				return true;
			});
			return isWritten === true;
		} catch (error) {
			complaints.failed('cannot write into', this.#folderOf(measurement.orderId), error);
			return false;
		}
	}

	/** Makes what is missing. On failure says why; the next measurement tries again. */
	#prepare(id: string, live: LiveOrder, startSeconds: number): void {
		const { folders, complaints } = this.#tools;
		live.room = 'none';
		try {
			inMadeFolder(folders.output, id, (folder) => {
				readOrderFolder(folder, alternateName);
				this.#prepareIn(folder, id, live, startSeconds);
			});
		} catch (error) {
			const path = this.#folderOf(id);
			complaints.failed('cannot prepare', live.room === 'none' ? path : `${path}/${mainRrdName}`, error);
		}
	}

	/** Throws the error of the file system; `room` tells how far it came. */
	#prepareIn(folder: string, id: string, live: LiveOrder, startSeconds: number): void {
		live.room = 'folder';
		const [shape, ...others] = live.shapes;
		if (shape === undefined) this.#prepareWithoutRrd(folder, live);
		else this.#prepareRrd(folder, id, live, [shape, ...others], startSeconds);
		live.room = 'whole';
	}

	#prepareWithoutRrd(folder: string, live: LiveOrder): void {
		if (exists(`${folder}/${mainRrdName}`)) setAside(folder, mainRrdName, this.#stamp());
		live.lastSlotSeconds ??= timeOfLastResult(`${folder}/${lastResultName}`);
	}

	#prepareRrd(
		folder: string,
		id: string,
		live: LiveOrder,
		shapes: readonly [RrdShape, ...RrdShape[]],
		startSeconds: number,
	): void {
		const onCorrupted = (kept: string, reason: string) => this.#tellCorrupted(id, kept, reason);
		const rrd = prepareMainRrd(folder, shapes, startSeconds, this.#stamp(), onCorrupted);
		live.shape = rrd.shape;
		live.lastUpdateSeconds = rrd.lastUpdateSeconds;
		if (rrd.isNew) return;
		live.lastSlotSeconds ??= (Math.floor(rrd.lastUpdateSeconds / live.stepSeconds) - 1) * live.stepSeconds;
	}

	#updateRrd(folder: string, live: LiveOrder, shape: RrdShape, measurement: StoredMeasurement): void {
		const { complaints, counters } = this.#tools;
		const path = `${this.#folderOf(measurement.orderId)}/${mainRrdName}`;
		try {
			if (live.room === 'whole') this.#addRowMending(folder, live, shape, measurement);
			else counters.add('rrdErrors');
		} catch (error) {
			if (error instanceof RrdTooEarly) {
				counters.add('rrdRefused');
				const message = error.message.replace(error.path, () => path);
				complaints.say('too early', `${message}. Was the clock set back? If so, move the file away.`);
			} else {
				counters.add('rrdErrors');
				complaints.failed('cannot update', path, error);
			}
		}
	}

	#addRowMending(folder: string, live: LiveOrder, shape: RrdShape, measurement: StoredMeasurement): void {
		try {
			this.#addRow(folder, live, shape, measurement);
		} catch (error) {
			const { orderId, startSeconds } = measurement;
			const reason = damageIn(error);
			if (reason !== null) {
				const kept = setAsideCorrupted(folder, this.#stamp());
				this.#tellCorrupted(orderId, kept, reason);
			} else if (!(error instanceof RrdOtherShape) && errorCode(error) !== 'ENOENT') {
				throw error;
			}
			this.#prepareIn(folder, orderId, live, startSeconds);
			this.#addRow(folder, live, live.shape ?? shape, measurement);
		}
	}

	#addRow(folder: string, live: LiveOrder, shape: RrdShape, measurement: StoredMeasurement): void {
		const { startSeconds, stepSeconds, pings } = measurement;
		if (stepSeconds !== live.stepSeconds || pings !== live.pings) {
			throw new Error(`${pings} pings in ${stepSeconds} s were measured before the order was changed`);
		}
		addRow(`${folder}/${mainRrdName}`, shape, live.lastUpdateSeconds, measurement);
		live.lastUpdateSeconds = startSeconds + stepSeconds;
	}

	#writeLastResult(folder: string, measurement: StoredMeasurement): void {
		const { clock, complaints, counters } = this.#tools;
		const text = lastResultText({
			time: measurement.startSeconds,
			updated: Math.floor(clock.wallMs() / 1000),
			step: measurement.stepSeconds,
			pings: measurement.sent,
			loss: measurement.loss,
			min: measurement.minSeconds,
			median: measurement.medianSeconds,
			max: measurement.maxSeconds,
		});
		try {
			this.#replace(folder, text);
			counters.add('recorded');
		} catch (error) {
			counters.add('lastResultErrors');
			complaints.failed('cannot write', `${this.#folderOf(measurement.orderId)}/${lastResultName}`, error);
		}
	}

	#replace(folder: string, text: string): void {
		const { exchangeFiles } = this.#tools;
		if (exchangeFiles === null) replaceFile(folder, lastResultName, text);
		else alternateFile(folder, lastResultName, Buffer.from(text), exchangeFiles);
	}

	#tellCorrupted(id: string, kept: string, reason: string): void {
		const { complaints, counters } = this.#tools;
		counters.add('corrupted');
		complaints.say(
			'corrupted',
			`${this.#folderOf(id)}/${mainRrdName} cannot be continued: ${reason}. It is kept as ${basename(kept)}, and a new one begins.`,
		);
	}

	#folderOf(id: string): string {
		return `${this.#tools.folders.output}/${id}`;
	}

	#stamp(): string {
		return utcStamp(this.#tools.clock.wallMs());
	}

	/** None: the order has no main.rrd. */
	#shapesOf({ id, stepSeconds, pings, rrdTemplate }: StoredOrder): readonly RrdShape[] {
		const wanted = rrdTemplate ?? this.#tools.rrdTemplate;
		if (wanted === 'norrd') return [];
		if (pings > maxPings) {
			this.#tools.complaints.say(
				'too many pings',
				`${id} gets no main.rrd, which holds ${maxPings} pings at most: ask for fewer or write rrd_template: norrd`,
			);
			return [];
		}
		const key = `${rrdTemplate}/${stepSeconds}/${pings}`;
		// An order that did not choose keeps the file it has when the config changes.
		const others = rrdTemplate === null ? shapedTemplates.filter((template) => template !== wanted) : [];
		const shapes =
			this.#shapes.get(key) ??
			[wanted, ...others].map((template) => mainRrdShape(template, stepSeconds, pings));
		this.#shapes.set(key, shapes);
		return shapes;
	}
}

function timeOfLastResult(path: string): number | null {
	const read = readLastResult(readOwnText(path) ?? '');
	return 'time' in read ? read.time : null;
}
