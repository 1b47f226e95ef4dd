import type { Config } from '../config/config.ts';
import { DiskSpace } from '../host/disk-space.ts';
import type { DaemonAnswer } from '../model/answers.ts';
import { gigabytes } from '../model/gigabytes.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import { historyBytes } from '../store/history-size.ts';
import { mainRrdBytes } from '../store/main-rrd-shape.ts';
import type { Rooms } from './rooms.ts';

const recountMs = 10_000;

/** What the main.rrd of an order takes when it is made. */
function mainRrdBytesOf({ rrdTemplate, stepSeconds, pings }: Order, config: Config): number {
	return mainRrdBytes(rrdTemplate ?? config.rrdTemplate, stepSeconds, pings);
}

/** What its histograms and single slots take when as many are kept as ever are. */
function historyBytesOf(order: Order, config: Config): number {
	const { stepSeconds, pings, slotsSeconds = config.slotsKeepSeconds } = order;
	const template = order.rrdTemplate ?? config.rrdTemplate;
	const key = `${template}/${stepSeconds}/${pings}/${slotsSeconds}`;
	if (last?.key !== key || last.config !== config) {
		const bytes = historyBytes(template, stepSeconds, pings, { ...config.histograms, slotsSeconds });
		last = { key, config, bytes };
	}
	return last.bytes;
}

/** Most orders take what the one before takes. */
let last: { readonly key: string; readonly config: Config; readonly bytes: number } | null = null;

/** What an order may take of the disk. */
export function diskBytesOf(order: Order, config: Config): number {
	return mainRrdBytesOf(order, config) + historyBytesOf(order, config);
}

/** How much disk the orders take, and how much there is. */
export class DiskUse {
	readonly #rooms: Pick<Rooms, 'book' | 'config'>;
	readonly #log: Log;
	readonly #monotonicMs: () => number;
	readonly #space: DiskSpace;
	#bytes = 0;
	#historyBytes = 0;
	#countedMs = Number.NEGATIVE_INFINITY;

	constructor(rooms: Pick<Rooms, 'book' | 'config'>, log: Log, monotonicMs: () => number) {
		this.#rooms = rooms;
		this.#log = log;
		this.#monotonicMs = monotonicMs;
		this.#space = new DiskSpace(rooms.config.baseDir, log);
	}

	/** Warns when the disk is nearly full. */
	check(): void {
		void this.#space.check();
	}

	get answer(): DaemonAnswer['disk'] {
		this.#count();
		return { main_rrd: this.#bytes, history: this.#historyBytes, free: this.#space.freeBytes };
	}

	tell(): void {
		const { live } = this.#rooms.book;
		if (live === 0) return;
		this.#count();
		const size = gigabytes(this.#bytes);
		const most = gigabytes(this.#historyBytes);
		this.#log.info(
			`orders measured: ${live}; their main.rrd take ${size} of disk when all are made, their histories grow to ${most}`,
		);
	}

	/** Of all orders. There may be many, so they are not counted at every question. */
	#count(): void {
		const nowMs = this.#monotonicMs();
		if (nowMs < this.#countedMs + recountMs) return;
		this.#bytes = 0;
		this.#historyBytes = 0;
		for (const [, , live] of this.#rooms.book) {
			if (live === null) continue;
			this.#bytes += mainRrdBytesOf(live.order, this.#rooms.config);
			this.#historyBytes += historyBytesOf(live.order, this.#rooms.config);
		}
		this.#countedMs = nowMs;
	}
}
