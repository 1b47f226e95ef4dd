import type { NotMeasured } from '../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../outcomes/subscriber.ts';

/** Tells the log why orders could not be measured, those with one reason together. */
export class FailureLog implements Subscriber {
	readonly name = 'log';
	readonly #warn: (reason: string, message: string) => void;

	/** `warn` takes the reason, and the whole message. */
	constructor(warn: (reason: string, message: string) => void) {
		this.#warn = warn;
	}

	take(events: readonly StreamEvent[]): void {
		const idsByReason = new Map<string, Set<string>>();
		for (const event of events) {
			if (event.about !== 'outcomes') continue;
			for (const outcome of event.outcomes) {
				if (outcome.kind === 'measured' || !isFault(outcome)) continue;
				const ids = idsByReason.get(outcome.reason);
				if (ids === undefined) idsByReason.set(outcome.reason, new Set([outcome.order.id]));
				else ids.add(outcome.order.id);
			}
		}
		for (const [reason, ids] of idsByReason) {
			const [first] = ids;
			const whose = ids.size === 1 ? first : `${ids.size} orders, ${first} for one,`;
			this.#warn(reason, `${whose} could not be measured: ${reason}`);
		}
	}
}

/** Slots that were skipped are told by the scheduler; what somebody can do something about is told for the orders too. */
function isFault({ kind, code }: NotMeasured): boolean {
	return kind === 'failed' || code === 'limited';
}
