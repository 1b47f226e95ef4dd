import { renameSync } from 'node:fs';
import { basename } from 'node:path';
import { errorCode } from '../model/errno.ts';
import { RrdOtherShape, type RrdShape, RrdTooEarly } from '../rrd/index.ts';
import { ClockDoubt } from './clock-doubt.ts';
import { fileIn } from './held-folder.ts';
import { lastResultName, readLastResult } from './last-result.ts';
import type { LiveOrder, StoredOrder } from './live-order.ts';
import {
	addRow,
	damageIn,
	dropBlank,
	mainRrdName,
	prepareMainRrd,
	retireMainRrd,
	setAsideCorrupted,
	TooManyKept,
} from './main-rrd.ts';
import { mainRrdShape, maxPings, shapedTemplates } from './main-rrd-shape.ts';
import { readOwnText } from './read-own-text.ts';
import { exists, utcStamp } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';
import type { StoredMeasurement } from './stored-measurement.ts';

/** A main.rrd that goes further into the future than this will not be waited for. */
const futureMs = 3600_000;
const clockSetWithinMs = 600_000;
const sparedGapMs = 30 * 86_400_000;

/** Who wants to know. */
export interface RrdHooks {
	/** What the user of an order has to know. */
	noted(id: string, message: string): void;
	/** main.rrd is about to be kept under another name. */
	retiring(folder: string, id: string): void;
	/** It was kept under that name. */
	kept(id: string, name: string, reason: string): void;
}

/** The main.rrd of the orders that are being measured, in their folders, which are held open. */
export class MainRrds {
	readonly #tools: StoreTools;
	readonly #hooks: RrdHooks;
	readonly #shapes = new Map<string, readonly RrdShape[]>();
	readonly #doubt: ClockDoubt;
	/** By order: what its main.rrd is called while the clock is far ahead. */
	readonly #spared = new Map<string, string>();

	constructor(tools: StoreTools, hooks: RrdHooks) {
		this.#tools = tools;
		this.#hooks = hooks;
		this.#doubt = new ClockDoubt(tools.clock, () => tools.sinceBootMs());
	}

	noteIfTooMany(id: string, error: unknown): void {
		if (error instanceof TooManyKept) this.#hooks.noted(id, error.message);
	}

	/** None: the order has no main.rrd. */
	shapesOf({ id, stepSeconds, pings, rrdTemplate }: StoredOrder): readonly RrdShape[] {
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

	/**
	 * Makes the main.rrd of an order if it has one, and sets aside what cannot be continued.
	 *
	 * Throws TooManyKept or the error of the file system; `room` tells how far it came.
	 */
	prepare(folder: string, id: string, live: LiveOrder, startSeconds: number, keepsBlank = false): void {
		live.room = 'folder';
		const [shape, ...others] = live.shapes;
		if (shape === undefined) this.#prepareWithoutRrd(folder, id, live);
		else this.#prepareRrd(folder, id, live, [shape, ...others], startSeconds, keepsBlank);
		live.room = 'whole';
	}

	#prepareWithoutRrd(folder: string, id: string, live: LiveOrder): void {
		if (exists(`${folder}/${mainRrdName}`)) this.#retire(folder, id, 'the order has none any more');
		live.lastSlotSeconds ??= timeOfLastResult(`${folder}/${lastResultName}`);
	}

	#prepareRrd(
		folder: string,
		id: string,
		live: LiveOrder,
		shapes: readonly [RrdShape, ...RrdShape[]],
		startSeconds: number,
		keepsBlank: boolean,
	): void {
		const onCorrupted = (kept: string, reason: string) => this.#tellCorrupted(id, kept, reason);
		const nowMs = this.#nowMs();
		const retire = () => this.#retire(folder, id, 'the order was changed', keepsBlank);
		const rrd = prepareMainRrd({ folder, shapes, startSeconds, nowMs, retire, onCorrupted });
		live.shape = rrd.shape;
		live.lastUpdateSeconds = rrd.lastUpdateSeconds;
		if (rrd.isNew) return;
		live.lastSlotSeconds ??= (Math.floor(rrd.lastUpdateSeconds / live.stepSeconds) - 1) * live.stepSeconds;
	}

	/** Writes the row of a measurement, if the order has a main.rrd. What keeps it from it is told. */
	update(folder: string, live: LiveOrder, measurement: StoredMeasurement): void {
		const shape = live.shape ?? live.shapes[0];
		if (shape === undefined) return;
		const { complaints, counters } = this.#tools;
		try {
			if (live.room === 'whole') this.#addRowMending(folder, live, shape, measurement);
			else counters.add('rrdErrors');
		} catch (error) {
			const path = `${this.#folderOf(measurement.orderId)}/${mainRrdName}`;
			this.noteIfTooMany(measurement.orderId, error);
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
		const { orderId, startSeconds } = measurement;
		this.#spare(folder, orderId, live, startSeconds);
		try {
			this.#addRow(folder, live, live.shape ?? shape, measurement);
		} catch (error) {
			const reason = damageIn(error);
			if (error instanceof RrdTooEarly && this.#isFromTheFuture(error)) {
				this.#retireFromTheFuture(folder, orderId, error.lastUpdateSeconds);
			} else if (error instanceof RrdTooEarly && live.lastSlotSeconds === null && dropBlank(folder)) {
				// Measured elsewhere, before the file was made: it begins with that.
			} else if (reason !== null) {
				const kept = setAsideCorrupted(folder, utcStamp(this.#nowMs()));
				this.#tellCorrupted(orderId, kept, reason);
			} else if (!(error instanceof RrdOtherShape) && errorCode(error) !== 'ENOENT') {
				throw error;
			}
			this.prepare(folder, orderId, live, startSeconds, true);
			this.#addRow(folder, live, live.shape ?? shape, measurement);
		}
	}

	/**
	 * True when the clock was ahead for a while, much further than it will have caught up soon. Just after the start of
	 * the machine it may be the clock that is wrong, until it has been set.
	 */
	#isFromTheFuture({ lastUpdateSeconds }: RrdTooEarly): boolean {
		return (
			lastUpdateSeconds * 1000 > this.#nowMs() + futureMs && this.#tools.sinceBootMs() > clockSetWithinMs
		);
	}

	/**
	 * Keeps a main.rrd from a row so far ahead that nearly all in it would give way, while the clock may be wrong: it
	 * goes on when the clock has gone back.
	 */
	#spare(folder: string, id: string, live: LiveOrder, startSeconds: number): void {
		const gapMs = (startSeconds - live.lastUpdateSeconds) * 1000;
		if (gapMs < sparedGapMs || !this.#doubt.isDoubtful) return;
		const kept = this.#retire(folder, id, 'the clock is far ahead');
		if (kept !== null) {
			const name = basename(kept);
			this.#spared.set(id, name);
			const message = `the clock is far ahead of the last measurement and may be wrong: ${mainRrdName} is kept as ${name} until it goes back, and another begins`;
			this.#hooks.noted(id, message);
			this.#tools.complaints.say('spared', `${this.#folderOf(id)}: ${message}`);
		}
		this.prepare(folder, id, live, startSeconds, true);
	}

	#retire(folder: string, id: string, reason: string, keepsBlank = false): string | null {
		this.#hooks.retiring(folder, id);
		const kept = retireMainRrd(folder, this.#nowMs(), keepsBlank);
		if (kept !== null) this.#hooks.kept(id, basename(kept), reason);
		return kept;
	}

	/** Whether what was spared goes on. */
	#bringBackSpared(folder: string, id: string): boolean {
		const name = this.#spared.get(id);
		this.#spared.delete(id);
		if (name === undefined || !exists(`${folder}/${name}`)) return false;
		renameSync(`${folder}/${name}`, `${folder}/${mainRrdName}`);
		return true;
	}

	#retireFromTheFuture(folder: string, id: string, lastUpdateSeconds: number): void {
		const kept = this.#retire(folder, id, 'the clock was ahead');
		const until = new Date(lastUpdateSeconds * 1000).toISOString();
		const where = kept === null ? 'It held nothing' : `It is kept as ${basename(kept)}`;
		const message = `${mainRrdName} goes until ${until}, which is not yet: the clock was ahead for a while. ${where}, and ${this.#bringBackSpared(folder, id) ? 'the one from before goes on' : 'a new one begins'}`;
		this.#hooks.noted(id, message);
		this.#tools.complaints.say('from the future', `${this.#folderOf(id)}: ${message}`);
	}

	#addRow(folder: string, live: LiveOrder, shape: RrdShape, measurement: StoredMeasurement): void {
		const { startSeconds, stepSeconds, pings } = measurement;
		if (stepSeconds !== live.stepSeconds || pings !== live.pings) {
			throw new Error(`${pings} pings in ${stepSeconds} s were measured before the order was changed`);
		}
		addRow(fileIn(folder, mainRrdName), shape, live.lastUpdateSeconds, measurement, this.#tools.files);
		live.lastUpdateSeconds = startSeconds + stepSeconds;
	}

	#tellCorrupted(id: string, kept: string, reason: string): void {
		const { complaints, counters } = this.#tools;
		counters.add('corrupted');
		this.#hooks.kept(id, basename(kept), reason);
		complaints.say(
			'corrupted',
			`${this.#folderOf(id)}/${mainRrdName} cannot be continued: ${reason}. It is kept as ${basename(kept)}, and a new one begins.`,
		);
	}

	#folderOf(id: string): string {
		return `${this.#tools.folders.output}/${id}`;
	}

	#nowMs(): number {
		return this.#tools.clock.wallMs();
	}
}

function timeOfLastResult(path: string): number | null {
	const read = readLastResult(readOwnText(path) ?? '');
	return 'time' in read ? read.time : null;
}
