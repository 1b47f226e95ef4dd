import type { Config } from '../config/config.ts';
import { DiskSpace } from '../host/disk-space.ts';
import type { DaemonAnswer } from '../model/answers.ts';
import { gigabytes } from '../model/gigabytes.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import { mainRrdBytes } from '../store/main-rrd-shape.ts';
import type { Rooms } from './rooms.ts';

const recountMs = 10_000;

/** What the main.rrd of an order takes when it is made. */
export function mainRrdBytesOf({ rrdTemplate, stepSeconds, pings }: Order, config: Config): number {
	return mainRrdBytes(rrdTemplate ?? config.rrdTemplate, stepSeconds, pings);
}

/** How much disk the orders take, and how much there is. */
export class DiskUse {
	readonly #rooms: Pick<Rooms, 'book' | 'config'>;
	readonly #log: Log;
	readonly #monotonicMs: () => number;
	readonly #space: DiskSpace;
	#bytes = 0;
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
		return { main_rrd: this.#mainRrdBytes(), free: this.#space.freeBytes };
	}

	tell(): void {
		const { live } = this.#rooms.book;
		if (live === 0) return;
		const size = gigabytes(this.#mainRrdBytes());
		this.#log.info(`orders measured: ${live}; their main.rrd take ${size} of disk when all are made`);
	}

	/** Of all main.rrd when they are made. There may be many, so they are not counted at every question. */
	#mainRrdBytes(): number {
		const nowMs = this.#monotonicMs();
		if (nowMs < this.#countedMs + recountMs) return this.#bytes;
		this.#bytes = 0;
		for (const [, , live] of this.#rooms.book) {
			if (live === null) continue;
			this.#bytes += mainRrdBytesOf(live.order, this.#rooms.config);
		}
		this.#countedMs = nowMs;
		return this.#bytes;
	}
}
