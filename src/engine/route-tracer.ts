import { batchKey } from '../model/batch.ts';
import type { Clock } from '../model/clock.ts';
import type { Facts } from '../model/facts.ts';
import type { Order } from '../model/order.ts';
import type { AnyProbe, Job, ProbeOptions, ProbeTable, ProbeTools, TargetResult } from '../model/probe.ts';
import { familyOf, hostOf } from '../model/route-source.ts';
import { type JobResults, measureJob } from './measure-job.ts';

export interface RouteTracerParts {
	readonly probes: ProbeTable;
	readonly clock: Clock;
	toolsFor(probeName: string): Omit<ProbeTools, 'signal' | 'early'>;
}

/** What is known of the way of an order. */
interface Tracing {
	/** When it was last asked for, and traced; monotonic milliseconds. */
	seenMs: number;
	tracedMs: number;
	/** The last path, until it has been told. */
	path: Facts[string] | null;
}

/** What waits to be traced, in jobs of orders whose options are alike. */
interface Waiting {
	readonly options: ProbeOptions;
	readonly windowMs: number;
	/** By host: the orders. */
	readonly hosts: Map<string, Set<string>>;
}

const pings = 3;
/** It is over by then; sooner where it is traced oftener. */
const longestMs = 60_000;
/** What it takes to ask for it and to tell it. */
const onTheWayMs = 500;
const gatherMs = 500;
const jobsMax = 4;
const dayMs = 86_400_000;
const sweepMs = 600_000;

/**
 * Traces the ways to the targets of orders with `route:`, by the probe that can do it. What it finds goes with the
 * next measurement of the order, as the fact `path`.
 */
export class RouteTracer {
	readonly #parts: RouteTracerParts;
	readonly #probe: AnyProbe | null;
	readonly #tracings = new Map<string, Tracing>();
	readonly #waiting = new Map<string, Waiting>();
	readonly #end = new AbortController();
	#running = 0;
	#isPlanned = false;
	#sweptMs = 0;

	constructor(parts: RouteTracerParts) {
		this.#parts = parts;
		this.#probe = [...parts.probes.values()].find(({ route }) => route !== undefined) ?? null;
	}

	stop(): void {
		this.#end.abort();
		this.#waiting.clear();
	}

	/** A slot of this order is over: has its way traced if that is due. Returns a path that was not told yet. */
	after(order: Order): Facts[string] | null {
		const { routeSeconds, id } = order;
		const probe = this.#probe;
		if (routeSeconds === undefined || probe === null || order.probe === probe.name) return null;
		const nowMs = this.#parts.clock.monotonicMs();
		this.#sweep(nowMs);
		let tracing = this.#tracings.get(id);
		if (tracing === undefined) {
			tracing = { seenMs: nowMs, tracedMs: Number.NEGATIVE_INFINITY, path: null };
			this.#tracings.set(id, tracing);
		}
		tracing.seenMs = nowMs;
		if (nowMs - tracing.tracedMs >= routeSeconds * 1000 && this.#want(order, probe)) tracing.tracedMs = nowMs;
		return tracing.path;
	}

	/** The path of an order goes with a measurement. */
	told(id: string): void {
		const tracing = this.#tracings.get(id);
		if (tracing !== undefined) tracing.path = null;
	}

	/**
	 * Traces the way to an order at once, for people who want to know where it ends just now. Null: it cannot be traced,
	 * or nothing is known in time.
	 */
	async now(order: Order | null, withinMs: number): Promise<Facts[string] | null> {
		const probe = this.#probe;
		const windowMs = Math.max(onTheWayMs, withinMs - onTheWayMs);
		const options = order === null || probe === null ? null : this.#optionsFor(order, probe, windowMs);
		if (probe === null || options === null || this.#end.signal.aborted) return null;
		const { clock, toolsFor } = this.#parts;
		const stepSeconds = windowMs / 1000;
		const target = String(options[probe.target]);
		const slot = { startSeconds: Math.floor(clock.wallMs() / 1000), stepSeconds };
		const job: Job = { slot, stepSeconds, pings: 1, options, targets: [target], windowMs };
		const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(windowMs)]);
		const results = await measureJob(probe, job, { ...toolsFor(probe.name), signal }, clock);
		const result = results.get(target);
		return (result !== undefined && 'samples' in result ? result.facts?.['path'] : undefined) ?? null;
	}

	#optionsFor(order: Order, probe: AnyProbe, withinMs?: number): ProbeOptions | null {
		const { interface: device, source_ip: source } = order.options;
		return (
			probe.route?.({
				...{ host: hostOf(order), family: familyOf(order) },
				interface: typeof device === 'string' ? device : undefined,
				source: typeof source === 'string' ? source : undefined,
				withinMs,
			}) ?? null
		);
	}

	/** False when there is no way that could be traced. */
	#want(order: Order, probe: AnyProbe): boolean {
		const options = this.#optionsFor(order, probe);
		if (options === null) return false;
		const windowMs = Math.min(longestMs, (order.routeSeconds ?? 0) * 1000);
		const key = batchKey(probe.name, { stepSeconds: windowMs / 1000, pings }, options, probe.target);
		const waiting = this.#waiting.get(key) ?? { options, windowMs, hosts: new Map<string, Set<string>>() };
		const target = String(options[probe.target]);
		const orders = waiting.hosts.get(target) ?? new Set();
		orders.add(order.id);
		waiting.hosts.set(target, orders);
		this.#waiting.set(key, waiting);
		this.#plan(probe);
		return true;
	}

	/** Those that come together share a job. */
	#plan(probe: AnyProbe): void {
		if (this.#isPlanned) return;
		this.#isPlanned = true;
		this.#parts.clock.after(gatherMs, () => {
			this.#isPlanned = false;
			this.#start(probe);
		});
	}

	#start(probe: AnyProbe): void {
		const most = probe.batchMax({ stepSeconds: longestMs / 1000, pings });
		for (const [key, waiting] of this.#waiting) {
			const { hosts } = waiting;
			while (hosts.size > 0) {
				if (this.#running >= jobsMax || this.#end.signal.aborted) return;
				const orders = new Map([...hosts].slice(0, most));
				for (const host of orders.keys()) hosts.delete(host);
				void this.#run(probe, waiting, orders);
			}
			this.#waiting.delete(key);
		}
	}

	async #run(
		probe: AnyProbe,
		{ options, windowMs }: Waiting,
		orders: ReadonlyMap<string, Set<string>>,
	): Promise<void> {
		const { clock, toolsFor } = this.#parts;
		const stepSeconds = windowMs / 1000;
		const slot = { startSeconds: Math.floor(clock.wallMs() / 1000), stepSeconds };
		const job: Job = { slot, stepSeconds, pings, options, targets: [...orders.keys()], windowMs };
		const ending = new AbortController();
		const end = () => ending.abort();
		const cancel = clock.after(windowMs, end);
		this.#end.signal.addEventListener('abort', end);
		this.#running++;
		try {
			const tools: ProbeTools = { ...toolsFor(probe.name), signal: ending.signal };
			this.#keep(await measureJob(probe, job, tools, clock), orders);
		} finally {
			cancel();
			this.#end.signal.removeEventListener('abort', end);
			this.#running--;
			if (this.#waiting.size > 0) this.#plan(probe);
		}
	}

	#keep(results: JobResults, orders: ReadonlyMap<string, Set<string>>): void {
		for (const [host, ids] of orders) {
			const result = results.get(host);
			const path = result !== undefined && 'samples' in result ? result.facts?.['path'] : undefined;
			if (path === undefined) continue;
			for (const id of ids) {
				const tracing = this.#tracings.get(id);
				if (tracing !== undefined) tracing.path = path;
			}
		}
	}

	/** Forgets orders that are not heard of any more. */
	#sweep(nowMs: number): void {
		if (nowMs - this.#sweptMs < sweepMs) return;
		this.#sweptMs = nowMs;
		for (const [id, { seenMs }] of this.#tracings) if (nowMs - seenMs > 8 * dayMs) this.#tracings.delete(id);
	}
}

/** The same result with the path that was traced meanwhile, unless the probe tells one itself. */
export function withRoute(result: TargetResult, order: Order, routes: RouteTracer | undefined): TargetResult {
	const path = routes?.after(order) ?? null;
	if (path === null || !('samples' in result) || result.facts?.['path'] !== undefined) return result;
	routes?.told(order.id);
	return { ...result, facts: { ...result.facts, path } };
}
