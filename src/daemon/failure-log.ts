import type { Log, LogKind } from '../model/log.ts';
import type { NotMeasured } from '../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../outcomes/subscriber.ts';

/** Orders that could not be measured for one reason. */
interface Failing {
	readonly kind: LogKind;
	readonly ids: Set<string>;
}

/** Tells the log why orders could not be measured, those with one reason together. */
export class FailureLog implements Subscriber {
	readonly name = 'log';
	readonly #log: Log;

	constructor(log: Log) {
		this.#log = log;
	}

	take(events: readonly StreamEvent[]): void {
		const byReason = new Map<string, Failing>();
		for (const event of events) {
			if (event.about !== 'outcomes') continue;
			for (const outcome of event.outcomes) {
				if (outcome.kind === 'measured' || !isFault(outcome)) continue;
				const { reason, code, order } = outcome;
				const known = byReason.get(reason);
				if (known !== undefined) known.ids.add(order.id);
				else byReason.set(reason, { kind: `not_measured ${order.probe} ${code}`, ids: new Set([order.id]) });
			}
		}
		for (const [reason, { kind, ids }] of byReason) {
			const [first] = ids;
			const whose = ids.size === 1 ? first : `${ids.size} orders, ${first} for one,`;
			this.#log.warn(`${whose} could not be measured: ${reason}`, kind);
		}
	}
}

/** Slots that were skipped are told by the scheduler; what somebody can do something about is told for the orders too. */
function isFault({ kind, code }: NotMeasured): boolean {
	return kind === 'failed' || code === 'limited';
}
