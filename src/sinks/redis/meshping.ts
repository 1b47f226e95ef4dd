import { hostname } from 'node:os';
import type { Measured } from '../../model/outcome.ts';
import type { Command, Layout } from './layouts.ts';

/** As long as meshping itself keeps what is said of a target. */
const keepSeconds = '604800';
const averages = { avg15m: 900, avg6h: 21_600, avg24h: 86_400 } as const;

/** What meshping says of a target; times in milliseconds. `slots` is ours: of each order the last slot that counts. */
interface Target {
	name: string;
	addr: string;
	sent: number;
	lost: number;
	recv: number;
	sum: number;
	last?: number;
	min?: number;
	max?: number;
	avg15m?: number;
	avg6h?: number;
	avg24h?: number;
	slots: Record<string, number>;
}

interface State {
	readonly target: Target;
	/** Answers by bucket. */
	readonly histogram: Record<string, number>;
}

/**
 * Two texts for each target, as a meshping on this machine would write them. They hold sums, so what is there is read
 * first; a slot that counts already is not counted again.
 */
export function meshpingLayout(): Layout {
	const states = new Map<string, State>();
	return {
		async prepare(outcomes, send) {
			const keys = [...new Set(outcomes.map(keyOf))].filter((key) => !states.has(key));
			if (keys.length === 0) return;
			const found = await send(['MGET', ...keys.flatMap((key) => [`${key}:target`, `${key}:histogram`])]);
			const texts = Array.isArray(found) ? found : [];
			for (const [index, key] of keys.entries()) {
				const [target, histogram] = [texts[2 * index], texts[2 * index + 1]].map(asMapping);
				states.set(key, { target: targetOf(target ?? {}), histogram: countsOf(histogram ?? {}) });
			}
		},
		commands(outcome) {
			const key = keyOf(outcome);
			const state = states.get(key) ?? { target: targetOf({}), histogram: {} };
			states.set(key, state);
			if (!add(state, outcome)) return [];
			const texts = { target: state.target, histogram: state.histogram };
			return Object.entries(texts).map(
				([name, value]): Command => ['SETEX', `${key}:${name}`, keepSeconds, JSON.stringify(value)],
			);
		},
	};
}

function keyOf({ order, pop, measurement: { facts } }: Measured): string {
	const { address } = facts;
	return `meshping:${pop ?? hostname()}:${typeof address === 'string' ? address : order.target}`;
}

/** False when the slot counts already. */
function add({ target, histogram }: State, { order, slot, measurement }: Measured): boolean {
	const { address } = measurement.facts;
	target.name = order.target;
	target.addr = typeof address === 'string' ? address : order.target;
	if (slot.startSeconds <= (target.slots[order.id] ?? Number.NEGATIVE_INFINITY)) return false;
	target.slots[order.id] = slot.startSeconds;
	const everySeconds = slot.stepSeconds / measurement.pings;
	for (const { rttSeconds } of measurement.samples) {
		target.sent++;
		if (rttSeconds === null) {
			target.lost++;
			continue;
		}
		const ms = rttSeconds * 1000;
		target.recv++;
		target.sum += ms;
		target.last = ms;
		target.min = Math.min(target.min ?? ms, ms);
		target.max = Math.max(target.max ?? ms, ms);
		for (const [name, windowSeconds] of Object.entries(averages) as [keyof typeof averages, number][]) {
			const share = Math.exp(-everySeconds / windowSeconds);
			target[name] = (target[name] ?? ms) * share + ms * (1 - share);
		}
		// Ten to the doubling.
		const bucket = String(Math.floor(Math.log2(ms) * 10));
		histogram[bucket] = (histogram[bucket] ?? 0) + 1;
	}
	return true;
}

// ---- What was there ----

type Mapping = Readonly<Record<string, unknown>>;

function asMapping(text: unknown): Mapping {
	try {
		const value: unknown = JSON.parse(String(text));
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
	} catch {
		return {};
	}
}

function targetOf(written: Mapping): Target {
	const number = (key: string) => (Number.isFinite(written[key]) ? Number(written[key]) : undefined);
	const optional = ['last', 'min', 'max', ...Object.keys(averages)].flatMap((key) => {
		const value = number(key);
		return value === undefined ? [] : [[key, value] as const];
	});
	const slots = typeof written['slots'] === 'object' && written['slots'] !== null ? written['slots'] : {};
	return {
		name: '',
		addr: '',
		sent: number('sent') ?? 0,
		lost: number('lost') ?? 0,
		recv: number('recv') ?? 0,
		sum: number('sum') ?? 0,
		...Object.fromEntries(optional),
		slots: countsOf(slots as Mapping),
	};
}

function countsOf(written: Mapping): Record<string, number> {
	const numbers = Object.entries(written).filter(([, value]) => Number.isFinite(value));
	// A key such as __proto__ is a key like any other.
	return Object.assign(Object.create(null), Object.fromEntries(numbers));
}
