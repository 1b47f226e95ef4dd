import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readPrivate, writePrivate } from '../private-file.ts';

/** An order that the hub wants to have measured here. */
interface HeldOrder {
	/** Of the news that brought it. */
	readonly seq: number;
	/** SHA-256 of its file; null: it is not accepted and has none. */
	readonly hash: string | null;
}

const heldSchema = z.object({
	v: z.literal(1),
	/** Whose orders they are: another key or name is another hub. */
	hub: z.string(),
	/** Of the list that was followed last. */
	seq: z.number(),
	/** Up to when they are measured though nothing is heard; by our clock, seconds since the epoch. */
	until: z.number(),
	orders: z.record(z.string(), z.tuple([z.number(), z.string().nullable()])),
	/** Those that had to be measured once, and were. */
	done: z.array(z.string()).default([]),
});

export interface Held {
	readonly seq: number;
	readonly until: number;
	readonly orders: ReadonlyMap<string, HeldOrder>;
	readonly done: readonly string[];
}

/** Null when there is nothing of this hub, or nothing that can be understood. */
export function readHeld(path: string, hub: string): Held | null {
	const text = readPrivate(path);
	if (text === null) return null;
	const read = heldSchema.safeParse(parsed(text));
	if (!read.success || read.data.hub !== hub) return null;
	const orders = Object.entries(read.data.orders).map(([id, [seq, hash]]) => [id, { seq, hash }] as const);
	const { until, done } = read.data;
	return { seq: read.data.seq, until, orders: new Map(orders), done };
}

export function writeHeld(path: string, hub: string, { seq, until, orders, done }: Held): void {
	const told = Object.fromEntries([...orders].map(([id, order]) => [id, [order.seq, order.hash]]));
	writePrivate(path, JSON.stringify({ v: 1, hub, seq, until, orders: told, done }));
}

export function hashOfText(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
