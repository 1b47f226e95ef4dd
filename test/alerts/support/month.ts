/**
 * A month of six orders as networks are: noise that is no trouble, and trouble of which it is known when it was. Made by
 * numbers that are the same each time; `fixtures/alerts` keeps what came of it.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { randomNumbers } from '../../commands/graph/rrds.ts';

export const stepSeconds = 300;
export const pings = 10;
const daySlots = 86_400 / stepSeconds;
const monthSlots = 30 * daySlots;
/** Start of the first slot, a Monday. */
export const firstSeconds = 1_795_392_000;

/** What was wrong: which rules have to tell it. */
type Trouble = 'down' | 'loss' | 'latency' | 'unknown';

interface TrueEvent {
	readonly order: string;
	readonly trouble: Trouble;
	/** Places of the first slot, and of the first one after it. */
	readonly from: number;
	readonly until: number;
}

export interface MonthSlot {
	/** Null: not measured. */
	readonly lost: number | null;
	readonly medianSeconds: number | null;
}

export interface Month {
	readonly truth: readonly TrueEvent[];
	readonly orders: ReadonlyMap<string, readonly MonthSlot[]>;
}

interface Character {
	readonly baseMs: number;
	/** Of single pings, that they are lost by themselves. */
	readonly lossShare: number;
	/** How much slower it is in the evening: a share. */
	readonly evening: number;
	/** How far medians scatter: a share. */
	readonly scatter: number;
	/** Slots between bursts of one or two lossy slots, on average. */
	readonly burstEvery: number;
	/** The route goes one way or another, which takes so much longer. */
	readonly flap: number;
}

const characters: Readonly<Record<string, Character>> = {
	lan: { baseMs: 0.4, lossShare: 0.0001, evening: 0.02, scatter: 0.08, burstEvery: 1500, flap: 0 },
	metro: { baseMs: 3, lossShare: 0.001, evening: 0.1, scatter: 0.05, burstEvery: 600, flap: 0.15 },
	dsl: { baseMs: 18, lossShare: 0.004, evening: 0.25, scatter: 0.08, burstEvery: 150, flap: 0 },
	transit: { baseMs: 35, lossShare: 0.002, evening: 0.12, scatter: 0.03, burstEvery: 300, flap: 0.25 },
	ocean: { baseMs: 160, lossShare: 0.005, evening: 0.05, scatter: 0.02, burstEvery: 250, flap: 0.1 },
	mobile: { baseMs: 45, lossShare: 0.01, evening: 0.2, scatter: 0.15, burstEvery: 90, flap: 0.1 },
};

/** How long trouble lasts, in slots, at least and at most; and how often it comes in a month. */
const troubles: Readonly<Record<Trouble, readonly [least: number, most: number, times: number]>> = {
	down: [4, 60, 3],
	loss: [8, 50, 4],
	latency: [24, 120, 3],
	unknown: [4, 40, 2],
};

type Random = () => number;

export function makeMonth(): Month {
	const truth: TrueEvent[] = [];
	const orders = new Map<string, readonly MonthSlot[]>();
	for (const [at, [order, character]] of Object.entries(characters).entries()) {
		const random = randomNumbers(22_000 + at);
		const events = eventsOf(order, random);
		truth.push(...events);
		orders.set(order, slotsOf(character, events, random));
	}
	return { truth, orders };
}

/** A day apart from each other, and none on the first two days: there is no last week yet. */
function eventsOf(order: string, random: Random): TrueEvent[] {
	const kinds = Object.entries(troubles).flatMap(([trouble, [least, most, times]]) =>
		Array.from({ length: times }, () => ({ trouble: trouble as Trouble, least, most })),
	);
	const spacing = Math.floor((monthSlots - 2 * daySlots) / kinds.length);
	return kinds
		.map((kind) => ({ kind, place: random() }))
		.sort((a, b) => a.place - b.place)
		.map(({ kind: { trouble, least, most } }, at) => {
			const from = 2 * daySlots + at * spacing + Math.floor(random() * (spacing - most - 40));
			return { order, trouble, from, until: from + least + Math.floor(random() * (most - least)) };
		});
}

function slotsOf(character: Character, events: readonly TrueEvent[], random: Random): MonthSlot[] {
	let burst = 0;
	let isOther = false;
	return Array.from({ length: monthSlots }, (_, at) => {
		if (random() < 1 / 700) isOther = !isOther;
		if (burst > 0) burst--;
		else if (random() < 1 / character.burstEvery) burst = 1 + Math.floor(random() * 2);
		const trouble = events.find(({ from, until }) => at >= from && at < until)?.trouble ?? null;
		// A restart takes a slot, now and then.
		if (trouble === 'unknown' || random() < 1 / 1500) return { lost: null, medianSeconds: null };
		const share =
			trouble === 'loss' ? 0.25 + random() * 0.35 : burst > 0 ? 0.1 + random() * 0.4 : character.lossShare;
		const lost = trouble === 'down' ? pings : countOf(share, random);
		return { lost, medianSeconds: lost === pings ? null : medianOf(character, at, trouble, isOther, random) };
	});
}

function countOf(share: number, random: Random): number {
	let count = 0;
	for (let ping = 0; ping < pings; ping++) if (random() < share) count++;
	return count;
}

function medianOf(
	{ baseMs, evening, scatter, flap }: Character,
	at: number,
	trouble: Trouble | null,
	isOther: boolean,
	random: Random,
): number {
	const hour = ((at % daySlots) / daySlots) * 24;
	const busy = Math.max(0, Math.cos(((hour - 20) / 24) * 2 * Math.PI));
	const noise = 1 + scatter * (random() + random() + random() - 1.5);
	// A spike of a single slot is no trouble.
	const spike = random() < 1 / 200 ? 1 + 3 * random() : 1;
	const slow = trouble === 'latency' ? 1.9 + 0.8 * random() : 1;
	return (baseMs / 1000) * (1 + evening * busy) * (isOther ? 1 + flap : 1) * noise * spike * slow;
}

// ---- As a file: a line of JSON, then of each slot a byte of loss and one of the median, in steps of 3.5 %, packed ----

const unknown = 255;
const shortestSeconds = 0.0002;
const ratio = 1.035;

export function monthBytes({ truth, orders }: Month): Buffer {
	const head = Buffer.from(`${JSON.stringify({ orders: [...orders.keys()], truth })}\n`);
	const slots = [...orders.values()].flat();
	const losses = Buffer.from(slots.map(({ lost }) => lost ?? unknown));
	const medians = Buffer.from(slots.map(({ medianSeconds }) => codeOf(medianSeconds)));
	return gzipSync(Buffer.concat([head, losses, medians]), { level: 9 });
}

function codeOf(seconds: number | null): number {
	if (seconds === null) return 0;
	return Math.max(1, Math.min(255, 1 + Math.round(Math.log(seconds / shortestSeconds) / Math.log(ratio))));
}

export function readMonth(packed: Buffer): Month {
	const bytes = gunzipSync(packed);
	const end = bytes.indexOf('\n') + 1;
	const head = JSON.parse(bytes.toString('utf8', 0, end)) as { orders: string[]; truth: TrueEvent[] };
	const mediansAt = end + head.orders.length * monthSlots;
	const orders = head.orders.map((order, number) => {
		const slots = Array.from({ length: monthSlots }, (_, at): MonthSlot => {
			const place = number * monthSlots + at;
			const loss = bytes[end + place] ?? unknown;
			const code = bytes[mediansAt + place] ?? 0;
			return {
				lost: loss === unknown ? null : loss,
				medianSeconds: code === 0 ? null : shortestSeconds * ratio ** (code - 1),
			};
		});
		return [order, slots] as const;
	});
	return { truth: head.truth, orders: new Map(orders) };
}
