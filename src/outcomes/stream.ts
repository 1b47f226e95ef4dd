import type { Order } from '../model/order.ts';
import { identityOf, type OrderIdentity, type Outcome } from '../model/outcome.ts';
import type { EarlyPings, GoneWhy, StreamEvent, Subscriber } from './subscriber.ts';
import { Subscription } from './subscription.ts';

/** What a subscriber has had. */
interface SubscriberStats {
	readonly name: string;
	/** Outcomes that wait for it, and those that were dropped because it was too slow. */
	readonly waiting: number;
	readonly dropped: number;
}

/**
 * The one way by which all that comes of measuring goes to those who want to know. Nobody waits for a subscriber, and
 * none can harm another.
 */
export class OutcomeStream {
	readonly #orders = new Map<string, Order>();
	readonly #subscriptions = new Map<Subscription, Subscriber>();
	readonly #watchers = new Map<string, number>();
	readonly #watchListeners = new Set<() => void>();
	readonly #failed: (subscriber: string, error: unknown) => void;

	/** `failed` is told what a subscriber throws. */
	constructor(failed: (subscriber: string, error: unknown) => void) {
		this.#failed = failed;
	}

	/** How many orders are measured. */
	get size(): number {
		return this.#orders.size;
	}

	/** Of all orders that are measured. */
	ids(): string[] {
		return [...this.#orders.keys()];
	}

	has(id: string): boolean {
		return this.#orders.has(id);
	}

	/** Whether this is who the order is since the last `changed` that told of it. */
	isUpToDate(identity: OrderIdentity): boolean {
		const order = this.#orders.get(identity.id);
		return order !== undefined && identityOf(order) === identity;
	}

	/** Tells it of every order first, then of all that happens. Returns what ends it. */
	subscribe(subscriber: Subscriber): () => void {
		const subscription = new Subscription(subscriber, (error) => this.#failed(subscriber.name, error));
		this.#subscriptions.set(subscription, subscriber);
		for (const order of this.#orders.values()) subscription.tell({ about: 'changed', order });
		return () => {
			this.#subscriptions.delete(subscription);
			subscription.end();
		};
	}

	/** An order was enrolled or edited. */
	changed(order: Order): void {
		this.#orders.set(order.id, order);
		this.#tell({ about: 'changed', order });
	}

	/** An order that was told of is measured no more. */
	gone(id: string, why: GoneWhy): void {
		if (this.#orders.delete(id)) this.#tell({ about: 'gone', id, why });
	}

	outcomes(outcomes: readonly Outcome[]): void {
		if (outcomes.length > 0) this.#tell({ about: 'outcomes', outcomes });
	}

	/** Pings of an order that is watched. */
	early(pings: EarlyPings): void {
		this.#tell({ about: 'early', ...pings });
	}

	/** Calls when somebody begins or ends to watch an order. Returns what ends that. */
	onWatch(changed: () => void): () => void {
		this.#watchListeners.add(changed);
		return () => this.#watchListeners.delete(changed);
	}

	/** From now on its pings are told early, as far as its probe can. Returns what ends it. */
	watch(id: string): () => void {
		this.#watchers.set(id, (this.#watchers.get(id) ?? 0) + 1);
		this.#tellWatchers();
		let isOver = false;
		return () => {
			if (isOver) return;
			isOver = true;
			const left = (this.#watchers.get(id) ?? 1) - 1;
			if (left === 0) this.#watchers.delete(id);
			else this.#watchers.set(id, left);
			this.#tellWatchers();
		};
	}

	isWatched(id: string): boolean {
		return this.#watchers.size > 0 && this.#watchers.has(id);
	}

	stats(): SubscriberStats[] {
		return [...this.#subscriptions].map(([{ waiting, dropped }, { name }]) => ({ name, waiting, dropped }));
	}

	#tellWatchers(): void {
		for (const changed of [...this.#watchListeners]) changed();
	}

	#tell(event: StreamEvent): void {
		for (const subscription of this.#subscriptions.keys()) subscription.tell(event);
	}
}
