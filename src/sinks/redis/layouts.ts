import type { Measured } from '../../model/outcome.ts';
import type { FactsOf } from '../../model/sink-facts.ts';
import { meshpingLayout } from './meshping.ts';
import type { RedisSettings } from './settings.ts';

/** Words of one command each. */
export type Command = readonly string[];

/** What is to be written of results. */
export interface Layout {
	/** Reads what has to be known first. Rejects as `send` does. */
	prepare?(outcomes: readonly Measured[], send: (words: Command) => Promise<unknown>): Promise<void>;
	commands(outcome: Measured): readonly Command[];
}

/** The one that the entry asks for. `nowMs` is milliseconds since the epoch; `factsOf` null: no facts. */
export function layoutOf(settings: RedisSettings, nowMs: () => number, factsOf: FactsOf | null): Layout {
	switch (settings.layout) {
		case 'stream':
			return streamLayout(settings, factsOf);
		case 'last':
			return lastLayout(settings, nowMs, factsOf);
		case 'meshping':
			return meshpingLayout();
		case 'pingy':
			return pingyLayout(settings);
		case 'pingy-safe':
			return pingySafeLayout(settings, nowMs);
	}
}

// ---- Pingy's own ----

/** Its commands one by one: the latency is the member, so of equal ones only the last is there. */
function pingyLayout({ ttl }: RedisSettings): Layout {
	const commands = (outcome: Measured) => {
		const key = `ts:latency:${placeOf(outcome)}`;
		const added = outcome.measurement.samples.map(({ sentAtSeconds, rttSeconds }) => [
			'ZADD',
			key,
			milliseconds(sentAtSeconds),
			asFloat(rttSeconds, 2),
		]);
		return [...added, ['EXPIRE', key, String(Math.ceil(ttl))]];
	};
	return { commands };
}

/** The same keys, with a member for each ping, so that none replaces another. What is too old goes now and then. */
function pingySafeLayout({ ttl }: RedisSettings, nowMs: () => number): Layout {
	const upkeep = new Upkeep(ttl);
	const commands = (outcome: Measured) => {
		const key = `ts:latency:${placeOf(outcome)}`;
		const words = outcome.measurement.samples.flatMap(({ sentAtSeconds, rttSeconds }) => {
			const sent = milliseconds(sentAtSeconds);
			return [sent, `${asFloat(rttSeconds, 3)}:${sent}`];
		});
		const added = ['ZADD', key, ...words];
		const now = nowMs();
		if (!upkeep.isDue(key, now)) return [added];
		return [
			added,
			['ZREMRANGEBYSCORE', key, '-inf', `(${Math.floor(now - ttl * 1000)}`],
			['EXPIRE', key, String(Math.ceil(ttl))],
		];
	};
	return { commands };
}

/** Until a key is trimmed again, and said anew when it ends. */
const upkeepMaxMs = 300_000;
/** Keys of which it is known when that was done. */
const knownMax = 200_000;

/** What need not be done for a key with each result. */
class Upkeep {
	readonly #everyMs: number;
	readonly #doneMs = new Map<string, number>();

	constructor(ttlSeconds: number) {
		this.#everyMs = Math.min(upkeepMaxMs, (ttlSeconds * 1000) / 48);
	}

	/** Whether it is to be done now; then it counts as done. */
	isDue(key: string, nowMs: number): boolean {
		const doneMs = this.#doneMs.get(key);
		if (doneMs !== undefined && Math.abs(nowMs - doneMs) < this.#everyMs) return false;
		if (this.#doneMs.size >= knownMax) this.#doneMs.clear();
		this.#doneMs.set(key, nowMs);
		return true;
	}
}

/** The address that was measured, or the target where it is not known, and who measured if that was somebody else. */
function placeOf({ order, pop, measurement: { facts } }: Measured): string {
	const { address } = facts;
	const place = typeof address === 'string' ? address : order.target;
	return pop === undefined ? place : `${place}@${pop}`;
}

/** As Python writes a float: `12.5`, `3.0`. Milliseconds; an answer that did not come is `0.0`. */
function asFloat(rttSeconds: number | null, decimals: number): string {
	const rounded = String(Number(((rttSeconds ?? 0) * 1000).toFixed(decimals)));
	return /[.e]/.test(rounded) ? rounded : `${rounded}.0`;
}

function milliseconds(seconds: number): string {
	return String(Math.round(seconds * 1000));
}

// ---- Ours ----

const defaultMaxLength = 1_000_000;

/** One stream for all orders, trimmed to about so many entries. */
function streamLayout(
	{ key = 'pingmachine:results', max_length = defaultMaxLength }: RedisSettings,
	factsOf: FactsOf | null,
): Layout {
	const head = ['XADD', key, 'MAXLEN', '~', String(max_length), '*'];
	const commands = (outcome: Measured) => [
		[...head, 'order', outcome.order.id, ...fieldsOf(outcome, factsOf).flat()],
	];
	return { commands };
}

/** A hash for each order, which holds the latest result. */
function lastLayout(
	{ key = 'pingmachine:last', ttl }: RedisSettings,
	nowMs: () => number,
	factsOf: FactsOf | null,
): Layout {
	const upkeep = new Upkeep(ttl);
	/** Of each hash, the fields that it does not have. */
	const absent = new Map<string, string>();
	const commands = (outcome: Measured) => {
		const { order, pop } = outcome;
		const name = `${key}:${order.id}${pop === undefined ? '' : `@${pop}`}`;
		const fields = fieldsOf(outcome, factsOf);
		const written = new Set(fields.map(([field]) => field));
		const gone = optionalFields.filter((field) => !written.has(field));
		const set: Command[] = [['HSET', name, ...fields.flat()]];
		if (absent.size >= knownMax) absent.clear();
		if (gone.length > 0 && absent.get(name) !== gone.join()) set.push(['HDEL', name, ...gone]);
		absent.set(name, gone.join());
		if (upkeep.isDue(name, nowMs())) set.push(['EXPIRE', name, String(Math.ceil(ttl))]);
		return set;
	};
	return { commands };
}

const optionalFields = [
	'latency_ms',
	'min_ms',
	'max_ms',
	'ip',
	'pop',
	'task',
	'measurement_name',
	'tags',
	'facts',
];

function fieldsOf(outcome: Measured, factsOf: FactsOf | null): [string, string][] {
	const { order, pop, slot, pings, measurement } = outcome;
	const told = (factsOf?.(outcome) ?? []).map(({ declaration, value }) => [declaration.name, value]);
	const { loss, samples, minSeconds, medianSeconds, maxSeconds, facts } = measurement;
	const known: readonly (readonly [string, string | number | null | undefined])[] = [
		['time', slot.startSeconds],
		['step', slot.stepSeconds],
		['user', order.user],
		['task', order.task],
		['probe', order.probe],
		['target', order.target],
		['ip', typeof facts['address'] === 'string' ? facts['address'] : undefined],
		['pop', pop],
		['status', medianSeconds === null ? 'DOWN' : 'UP'],
		['latency_ms', inMs(medianSeconds)],
		['min_ms', inMs(minSeconds)],
		['max_ms', inMs(maxSeconds)],
		['loss', loss],
		['sent', samples.length],
		['pings', pings],
		['measurement_name', order.measurementName],
		['tags', Object.keys(order.tags).length === 0 ? undefined : JSON.stringify(order.tags)],
		['facts', told.length === 0 ? undefined : JSON.stringify(Object.fromEntries(told))],
	];
	return known.flatMap(([name, value]) =>
		value === undefined || value === null ? [] : [[name, String(value)]],
	);
}

function inMs(seconds: number | null): number | null {
	return seconds === null ? null : Number((seconds * 1000).toPrecision(12));
}
