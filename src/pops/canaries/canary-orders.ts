import { canaryProbe } from '../../model/canary.ts';
import type { Order } from '../../model/order.ts';
import { identityOf, measured, notMeasured, type Outcome } from '../../model/outcome.ts';
import { type Slot, slotAt } from '../../model/slot.ts';
import type { CanaryReading } from './canary-message.ts';
import { canaryOrderId, canaryPop } from './canary-names.ts';

/** Who wants to know what canaries measure. */
export interface CanaryDesk {
	/** There is an order now: told before its first outcome. */
	changed(order: Order): void;
	outcomes(outcomes: readonly Outcome[]): void;
	/** Nothing was heard of an order for a day. A canary of it that says no more is left out of `changed`. */
	gone(id: string): void;
}

/** What became of messages, since the start. */
export interface CanaryTally {
	taken: number;
	/** Their slots were known already, by this message or another. */
	doubled: number;
	/** Measured more than 60 s ahead of our clock. */
	future: number;
	/** There are too many orders or canaries. */
	tooMany: number;
}

/** What outlasts a restart: of each order its type, its target, when it was last heard of, and of each canary the last slot. */
export type KeptCanaryOrder = readonly [
	type: string,
	target: string,
	heardSeconds: number,
	canaries: readonly (readonly [canary: string, slotSeconds: number])[],
];

interface Known {
	/** Names the canaries that were told of. */
	order: Order;
	readonly type: string;
	readonly canaries: Map<string, Heard>;
	heardSeconds: number;
}

/** Of one canary; seconds since the epoch. */
interface Heard {
	/** Start of the last slot. */
	slotSeconds: number;
	/** When it said so, by our clock. */
	heardSeconds: number;
}

export interface CanaryOrdersOptions {
	readonly stepSeconds: number;
	readonly ordersMax: number;
}

const silentSeconds = 86_400;
const futureSeconds = 60;
/** So many canaries an order, if all had as many. */
const canariesPerOrder = 10;

/** Orders that nobody measures here: what a platform's own canaries measure, each of them a point of presence. */
export class CanaryOrders {
	readonly #options: CanaryOrdersOptions;
	readonly #desk: CanaryDesk;
	readonly #nowSeconds: () => number;
	readonly #known = new Map<string, Known>();
	#series = 0;
	/** Rises when an order or one of its canaries is new. */
	version = 0;
	readonly tally: CanaryTally = { taken: 0, doubled: 0, future: 0, tooMany: 0 };

	constructor(options: CanaryOrdersOptions, desk: CanaryDesk, nowSeconds: () => number) {
		this.#options = options;
		this.#desk = desk;
		this.#nowSeconds = nowSeconds;
	}

	get size(): number {
		return this.#known.size;
	}

	/** Takes up again what `kept` told before a restart. */
	restore(kept: readonly KeptCanaryOrder[]): void {
		for (const [type, target, heardSeconds, canaries] of kept) {
			const known = this.#find(type, target);
			if (known === null) continue;
			known.heardSeconds = Math.min(heardSeconds, this.#nowSeconds());
			for (const [canary, slotSeconds] of canaries) {
				if (!this.#hasRoomFor(known, canary)) break;
				known.canaries.set(canary, { slotSeconds, heardSeconds: known.heardSeconds });
			}
			this.#tell(known);
		}
	}

	kept(): KeptCanaryOrder[] {
		return [...this.#known.values()].map(({ order, type, heardSeconds, canaries }) => [
			type,
			order.target,
			Math.floor(heardSeconds),
			[...canaries].map(([canary, { slotSeconds }]) => [canary, slotSeconds] as const),
		]);
	}

	/** One message is one ping, and of several in a slot the first counts. */
	take(readings: readonly CanaryReading[]): void {
		const outcomes: Outcome[] = [];
		for (const reading of readings) {
			const outcome = this.#outcomeOf(reading);
			if (outcome !== null) outcomes.push(outcome);
		}
		if (outcomes.length > 0) this.#desk.outcomes(outcomes);
	}

	/** Lets go all of them. */
	forget(): void {
		for (const id of this.#known.keys()) this.#desk.gone(id);
		this.#known.clear();
		this.#series = 0;
	}

	/** Lets go what was not heard of for a day. */
	expire(): void {
		const since = this.#nowSeconds() - silentSeconds;
		for (const [id, known] of this.#known) {
			if (known.heardSeconds > since) this.#expireCanaries(known, since);
			else {
				this.#known.delete(id);
				this.#series -= known.canaries.size;
				this.#desk.gone(id);
			}
		}
	}

	/** Where canaries get new names with each start of theirs, the old ones would take up all the room. */
	#expireCanaries(known: Known, since: number): void {
		const silent = [...known.canaries].filter(([, { heardSeconds }]) => heardSeconds <= since);
		if (silent.length === 0) return;
		for (const [canary] of silent) known.canaries.delete(canary);
		this.#series -= silent.length;
		this.#tell(known);
	}

	#outcomeOf(reading: CanaryReading): Outcome | null {
		const { tally } = this;
		const nowSeconds = this.#nowSeconds();
		const slot = slotAt(reading.atSeconds * 1000, this.#options.stepSeconds);
		if (slot.startSeconds > nowSeconds + futureSeconds) {
			tally.future++;
			return null;
		}
		const known = this.#find(reading.type, reading.target);
		const pop = canaryPop(reading.canary);
		if (known === null || !this.#hasRoomFor(known, pop)) {
			// One that has no canary is no order.
			if (known?.canaries.size === 0) this.#known.delete(known.order.id);
			tally.tooMany++;
			return null;
		}
		known.heardSeconds = nowSeconds;
		const last = known.canaries.get(pop);
		if (last !== undefined && slot.startSeconds <= last.slotSeconds) {
			last.heardSeconds = nowSeconds;
			tally.doubled++;
			return null;
		}
		known.canaries.set(pop, { slotSeconds: slot.startSeconds, heardSeconds: nowSeconds });
		if (last === undefined) this.#tell(known);
		tally.taken++;
		return outcomeOf(known.order, slot, pop, reading);
	}

	#find(type: string, target: string): Known | null {
		const id = canaryOrderId(type, target);
		const found = this.#known.get(id);
		if (found !== undefined) return found;
		if (this.#known.size >= this.#options.ordersMax) return null;
		const order = orderOf(id, type, target, this.#options.stepSeconds);
		const known = { order, type, canaries: new Map<string, Heard>(), heardSeconds: this.#nowSeconds() };
		this.#known.set(id, known);
		return known;
	}

	/** There is an order, or one of its canaries is new. */
	#tell(known: Known): void {
		known.order = { ...known.order, pops: [...known.canaries.keys()].sort() };
		this.version++;
		this.#desk.changed(known.order);
	}

	#hasRoomFor({ canaries }: Known, pop: string): boolean {
		if (canaries.has(pop)) return true;
		if (this.#series >= canariesPerOrder * this.#options.ordersMax) return false;
		this.#series++;
		return true;
	}
}

function outcomeOf(order: Order, slot: Slot, pop: string, reading: CanaryReading): Outcome {
	const { atSeconds, rttSeconds, why, facts } = reading;
	const identity = identityOf(order);
	const details = { pop, updatedSeconds: atSeconds };
	if (rttSeconds === undefined) {
		const reason = why ?? 'the canary could not measure, and does not say why. Look at its log';
		return notMeasured('failed', identity, slot, 1, { code: 'probe_failed', reason }, details);
	}
	const told = rttSeconds === null ? { ...facts, loss_reason: why ?? String(facts['status']) } : facts;
	return measured(identity, slot, 1, [{ sentAtSeconds: atSeconds, rttSeconds }], told, details);
}

function orderOf(id: string, type: string, target: string, stepSeconds: number): Order {
	return {
		id,
		user: canaryProbe,
		probe: canaryProbe,
		options: {},
		target,
		stepSeconds,
		pings: 1,
		rrdTemplate: null,
		tags: { type },
		batchKey: '',
		where: { here: false, all: true },
	};
}
