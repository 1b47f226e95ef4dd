import { join } from 'node:path';
import type { CanarySettings } from '../config/hub-setting.ts';
import type { DaemonAnswer } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import { Canaries } from '../pops/canaries/canaries.ts';
import type { Store } from '../store/store-parts.ts';

interface CanaryRoomParts {
	readonly baseDir: string;
	readonly clock: Clock;
	readonly log: Log;
	readonly stream: OutcomeStream;
	readonly store: Store;
}

/** What a platform's own canaries measure, on its way into the stream; as the config says just now. */
export class CanaryRoom {
	readonly #parts: CanaryRoomParts;
	#settings = 'null';
	#canaries: Canaries | null = null;
	/** One is closed before the next is opened: they have the same group. */
	#changing: Promise<void> = Promise.resolve();

	constructor(parts: CanaryRoomParts) {
		this.#parts = parts;
	}

	/** Undefined: none are read. */
	get answer(): DaemonAnswer['canaries'] {
		return this.#canaries?.answer;
	}

	configure(settings: CanarySettings | null): void {
		const text = JSON.stringify(settings);
		if (text === this.#settings) return;
		this.#settings = text;
		const before = this.#canaries;
		if (before === null) this.#open(settings);
		else {
			this.#canaries = null;
			this.#changing = before.close().then(() => {
				before.forget();
				this.#open(settings);
			});
		}
	}

	async close(): Promise<void> {
		this.#settings = 'closed';
		await this.#changing;
		await this.#canaries?.close();
	}

	#open(settings: CanarySettings | null): void {
		if (settings === null || this.#settings === 'closed') return;
		const { baseDir, stream, store, clock, log } = this.#parts;
		const canaries = new Canaries(settings, {
			stateFile: join(baseDir, 'state', 'canaries'),
			desk: {
				changed: (order) => stream.changed(order),
				outcomes: (outcomes) => stream.outcomes(outcomes),
				gone: (id) => stream.gone(id, 'deleted'),
				flush: () => store.flush(),
			},
			clock,
			log,
		});
		canaries.start();
		this.#canaries = canaries;
	}
}
