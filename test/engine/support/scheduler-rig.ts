import type { LiveOrder } from '../../../src/engine/batch.ts';
import { Batches } from '../../../src/engine/batches.ts';
import { Scheduler } from '../../../src/engine/scheduler.ts';
import { batchKey } from '../../../src/model/batch.ts';
import type { Measurement } from '../../../src/model/measurement.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, type OrderIdentity, type Outcome } from '../../../src/model/outcome.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { ScriptedProbe } from '../../support/scripted-probe.ts';

const start = 1_795_240_000_000; // a multiple of 10 s, not of 60 s
export const startSeconds = start / 1000;

/** A scheduler with a fake clock and a probe that does what it is told; and what came of it. */
export class SchedulerRig {
	readonly clock = new FakeClock(start);
	readonly log = new FakeLog();
	readonly probe = new ScriptedProbe();
	readonly batches = new Batches(new Map([[this.probe.name, this.probe]]), this.clock);
	readonly recorded: Measurement[] = [];
	readonly recordedOrders: OrderIdentity[] = [];
	/** Orders that share a reason together. */
	readonly failed: { ids: string[]; reason: string }[] = [];
	readonly outcomes: Outcome[] = [];
	/** What was told at a time: how many outcomes, and whether all of them are of measured orders. */
	readonly lots: { readonly outcomes: number; readonly allMeasured: boolean }[] = [];
	readonly released: string[] = [];
	readonly stream = new OutcomeStream((_name, error) => {
		throw error;
	});
	readonly scheduler = new Scheduler({
		...{ batches: this.batches, clock: this.clock, log: this.log },
		toolsFor: () => ({
			...probeTools({}),
			runCommand: () => Promise.reject(new Error('no programs here')),
			resolve: () => Promise.reject(new Error('no names here')),
		}),
		identityOf,
		tell: (outcomes) => this.#take(outcomes),
		early: this.stream,
		released: (live) => this.released.push(live.order.id),
	});

	/** An order that is there since the slot before the current one. */
	settledOrder(id: string, changes: Partial<Order> = {}, uid = 0): LiveOrder {
		const wanted = order(id, changes);
		this.clock.stepWall(-1000 * wanted.stepSeconds);
		const live = this.batches.join(wanted, uid);
		this.clock.stepWall(1000 * wanted.stepSeconds);
		return live;
	}

	/** `lastSlotSeconds`: the last slot that its files hold. */
	newcomer(
		id: string,
		changes: Partial<Order> = {},
		lastSlotSeconds: number | null = null,
		uid = 0,
	): LiveOrder {
		const live = this.batches.join(order(id, changes), uid);
		this.batches.enrolled(live, lastSlotSeconds);
		this.scheduler.wake();
		return live;
	}

	/** Slots that were skipped, with the reason. */
	skipped(): (readonly [id: string, startSeconds: number, code: string])[] {
		return this.outcomes.flatMap((outcome) =>
			outcome.kind === 'skipped'
				? [[outcome.order.id, outcome.slot.startSeconds, outcome.code] as const]
				: [],
		);
	}

	#take(outcomes: readonly Outcome[]): void {
		this.outcomes.push(...outcomes);
		const allMeasured = outcomes.every(({ kind }) => kind === 'measured');
		this.lots.push({ outcomes: outcomes.length, allMeasured });
		const byReason = new Map<string, string[]>();
		for (const outcome of outcomes) {
			if (outcome.kind === 'measured') {
				this.recorded.push(outcome.measurement);
				this.recordedOrders.push(outcome.order);
			} else if (outcome.kind === 'failed' || outcome.code === 'limited') {
				const ids = byReason.get(outcome.reason) ?? [];
				if (!ids.includes(outcome.order.id)) ids.push(outcome.order.id);
				byReason.set(outcome.reason, ids);
			}
		}
		for (const [reason, ids] of byReason) this.failed.push({ ids, reason });
	}

	/** The slots that were measured, by their start. */
	times(): number[] {
		return this.recorded.map((measurement) => measurement.slot.startSeconds);
	}
}

export function order(id: string, changes: Partial<Order> = {}): Order {
	const target = changes.target ?? `host-${id}`;
	const timing = { stepSeconds: changes.stepSeconds ?? 10, pings: changes.pings ?? 5 };
	const options = { host: target, ...changes.options };
	return {
		id,
		user: 'test',
		probe: 'scripted',
		...timing,
		options,
		target,
		rrdTemplate: 'smokeping',
		tags: {},
		batchKey: batchKey('scripted', timing, options, 'host'),
		...changes,
	};
}

/** Something that a script can wait for. */
export function gate(): { opened: Promise<void>; open: () => void } {
	let open = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open };
}
