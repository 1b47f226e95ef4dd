import { askAboutOrder } from '../../memory/ask-daemon.ts';
import type { EarlyPing } from '../../model/measurement.ts';
import type { Outcome } from '../../model/outcome.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import type { ToldEvent } from '../../outcomes/event-json.ts';
import { readErrorMessage } from '../../store/error-file.ts';
import { followOrder } from '../shared/follow-order.ts';
import { readSmallText } from '../shared/small-text.ts';
import type { Wish } from './wish.ts';
import { WrittenOrder } from './written-order.ts';

/** What came of it. `unavailable`: there is no daemon that would take an order from us, for this reason. */
export type ByDaemon =
	| { readonly outcome: Outcome }
	| { readonly failure: string }
	| { readonly unavailable: string };

/** Whether the daemon has refused the order is looked at so often. */
const lookMs = 500;
/** Beyond two steps. */
const patienceSeconds = 30;

/**
 * Has the daemon of a base directory measure, by an order for once. Removes that if the daemon does not.
 *
 * @param accepted called when there is a daemon, and the order is written
 */
export async function measureByDaemon(
	wish: Wish,
	baseDir: string,
	early: (pings: readonly EarlyPing[]) => void,
	signal: AbortSignal,
	accepted: () => void,
): Promise<ByDaemon> {
	const asked = new Asked({ wish, baseDir, early, accepted });
	const patience = AbortSignal.timeout((2 * wish.order.stepSeconds + patienceSeconds) * 1000);
	const end = AbortSignal.any([signal, patience, asked.over]);
	const looking = setInterval(() => asked.look(), lookMs);
	try {
		const { id } = wish.order;
		const why = await followOrder({ baseDir, id, signal: end, heard: (event) => asked.heard(event) });
		return asked.came(why);
	} catch (error) {
		// A base directory with a long path that is not there.
		return asked.came((error as Error).message);
	} finally {
		clearInterval(looking);
		await asked.putAway();
	}
}

interface AskedParts {
	readonly wish: Wish;
	readonly baseDir: string;
	early(pings: readonly EarlyPing[]): void;
	accepted(): void;
}

class Asked {
	readonly #parts: AskedParts;
	readonly #over = new AbortController();
	#order: WrittenOrder | null = null;
	#isKnown = false;
	#lastSkip: string | null = null;
	#came: ByDaemon | null = null;

	constructor(parts: AskedParts) {
		this.#parts = parts;
	}

	/** Fires when it is known what came of it. */
	get over(): AbortSignal {
		return this.#over.signal;
	}

	heard(event: ToldEvent): void {
		if (event.about === 'hello') this.#write();
		else if (event.about === 'changed') this.#isKnown = true;
		else if (event.about === 'early') this.#parts.early(event.early);
		else if (event.about === 'outcomes') for (const outcome of event.outcomes) this.#take(outcome);
		else if (event.about === 'gone') this.#end({ failure: 'the order was removed before it was measured' });
	}

	/** An order that the daemon refuses is never told of. */
	async look(): Promise<void> {
		if (this.#order === null || this.#isKnown || this.over.aborted) return;
		const { id } = this.#parts.wish.order;
		const told = await askAboutOrder(this.#parts.baseDir, id);
		if ('silence' in told || told.answer?.state !== 'rejected') return;
		const read = readSmallText(`${this.#parts.baseDir}/output/${id}/error`);
		if (read === null || 'reason' in read) return;
		this.#end({ failure: `the daemon refused it: ${readErrorMessage(read.text) ?? 'it does not say why'}` });
	}

	/** @param why there was no more to hear; null: it was ended */
	came(why: string | null): ByDaemon {
		if (this.#came !== null) return this.#came;
		if (this.#order === null) return { unavailable: why ?? 'it does not answer' };
		if (why !== null) return { failure: `no more is heard of the daemon: ${why}` };
		return { failure: this.#lastSkip ?? 'the daemon did not measure it in time' };
	}

	async putAway(): Promise<void> {
		await this.#order?.putAway(this.#came !== null && 'outcome' in this.#came);
	}

	#write(): void {
		const { wish, baseDir, accepted } = this.#parts;
		try {
			this.#order = new WrittenOrder(baseDir, wish);
			accepted();
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			this.#end({ unavailable: error.message });
		}
	}

	#take(outcome: Outcome): void {
		if (outcome.kind === 'skipped') this.#lastSkip = outcome.reason;
		else this.#end({ outcome });
	}

	#end(came: ByDaemon): void {
		this.#came ??= came;
		this.#over.abort();
	}
}
