import type { Outcome } from '../model/outcome.ts';
import type { StreamEvent, Subscriber } from './subscriber.ts';

/** So many outcomes wait for a subscriber, and so many other events before only the last of each order is kept. */
const queueMax = 20_000;
const changesMax = 200_000;
const earlyMax = 1000;

/** What waits for one subscriber. */
export class Subscription {
	readonly #subscriber: Subscriber;
	readonly #failed: (error: unknown) => void;
	#queue: StreamEvent[] = [];
	/** Before this place of the queue there are no outcomes. */
	#firstOutcomes = 0;
	#outcomes = 0;
	#changes = 0;
	#early = 0;
	#dropped = 0;
	readonly #missed = new Map<string, true>();
	#missedCount = 0;
	#isBusy = false;
	#isOver = false;

	constructor(subscriber: Subscriber, failed: (error: unknown) => void) {
		this.#subscriber = subscriber;
		this.#failed = failed;
	}

	/** Outcomes that were dropped because it was too slow. */
	get dropped(): number {
		return this.#dropped;
	}

	get waiting(): number {
		return this.#outcomes;
	}

	tell(event: StreamEvent): void {
		if (this.#isOver || (event.about === 'early' && this.#subscriber.wantsEarly !== true)) return;
		if (!this.#isBusy) {
			// Then nothing waits.
			this.#give([event]);
			this.#hand();
			return;
		}
		switch (event.about) {
			case 'outcomes':
				this.#outcomes += event.outcomes.length;
				break;
			case 'early':
				if (this.#early >= earlyMax) return;
				this.#early++;
				break;
			default:
				this.#changes++;
		}
		this.#queue.push(event);
		if (this.#outcomes > queueMax) this.#drop(this.#outcomes - queueMax);
		if (this.#changes > changesMax) this.#keepLastChanges();
	}

	end(): void {
		this.#isOver = true;
		this.#forget();
	}

	/** Until nothing waits, or the subscriber asks for time. */
	#hand(): void {
		while (this.#queue.length > 0 && !this.#isBusy) {
			const events = this.#queue;
			if (this.#missedCount > 0) {
				events.unshift({ about: 'missed', ids: [...this.#missed.keys()], count: this.#missedCount });
			}
			this.#forget();
			this.#give(events);
		}
	}

	#give(events: readonly StreamEvent[]): void {
		this.#isBusy = true;
		try {
			const taking = this.#subscriber.take(events);
			if (taking instanceof Promise) {
				taking.catch(this.#failed).finally(() => {
					this.#isBusy = false;
					this.#hand();
				});
				return;
			}
		} catch (error) {
			this.#failed(error);
		}
		this.#isBusy = false;
	}

	#forget(): void {
		this.#queue = [];
		this.#firstOutcomes = 0;
		this.#outcomes = 0;
		this.#changes = 0;
		this.#early = 0;
		this.#missed.clear();
		this.#missedCount = 0;
	}

	/** The oldest outcomes go. */
	#drop(count: number): void {
		let left = count;
		for (; left > 0 && this.#firstOutcomes < this.#queue.length; this.#firstOutcomes++) {
			const event = this.#queue[this.#firstOutcomes];
			if (event?.about !== 'outcomes') continue;
			const { outcomes } = event;
			this.#miss(outcomes.slice(0, left));
			if (left < outcomes.length) {
				this.#queue[this.#firstOutcomes] = { about: 'outcomes', outcomes: outcomes.slice(left) };
				return;
			}
			left -= outcomes.length;
			this.#queue[this.#firstOutcomes] = { about: 'outcomes', outcomes: [] };
		}
	}

	#miss(outcomes: readonly Outcome[]): void {
		for (const { order } of outcomes) this.#missed.set(order.id, true);
		this.#missedCount += outcomes.length;
		this.#dropped += outcomes.length;
		this.#outcomes -= outcomes.length;
	}

	/** Somebody changes orders all the time while the subscriber is stuck: memory must have an end. */
	#keepLastChanges(): void {
		const last = new Map<string, StreamEvent>();
		for (const event of this.#queue) {
			if (event.about === 'outcomes') this.#miss(event.outcomes);
			else if (event.about === 'changed' || event.about === 'gone') {
				const id = event.about === 'changed' ? event.order.id : event.id;
				last.delete(id);
				last.set(id, event);
			}
		}
		this.#queue = [...last.values()];
		this.#firstOutcomes = this.#queue.length;
		this.#changes = this.#queue.length / 2;
		this.#early = 0;
	}
}
