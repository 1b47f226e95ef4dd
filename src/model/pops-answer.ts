import { z } from 'zod';

const count = z.int().min(0);

const popAnswer = z.object({
	name: z.string(),
	labels: z.record(z.string(), z.string()),
	place: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
	/** `new`: not heard of yet; `lost`: not heard of for three heartbeats. */
	state: z.enum(['here', 'lost', 'new']),
	/** When it was heard of last, seconds since the epoch. */
	heard: z.number().nullable(),
	version: z.string().nullable(),
	probes: z.array(z.string()),
	/** How many orders it is asked for, and what it says of them. */
	asked: count,
	measured: count.nullable(),
	failing: count.nullable(),
	rejected: count.nullable(),
	/** What waits there to be sent. */
	spooled_bytes: count.nullable(),
	waiting: count.nullable(),
	/** Whether its clock is kept, and how far it is ahead of ours, seconds. */
	synced: z.boolean().nullable(),
	/** How far it says itself that it is off, seconds; null: it cannot tell. */
	offset: z.number().nullable().default(null),
	ahead: z.number().nullable(),
	/** Of its results since the start. */
	results: z.object({ taken: count, doubled: count, refused: count, future: count }),
});

/** A hub that shares our key. `silent`: for how long it was not heard of, seconds; `speaks`: for all of them. */
const hubAnswer = z.object({ name: z.string(), silent: z.number(), speaks: z.boolean() });

/** What the daemon says of the points of presence; `pops` is null when it is no hub. */
export const popsAnswer = z.object({
	hubs: z.array(hubAnswer).optional(),
	pops: z.array(popAnswer).nullable(),
});

export type PopAnswer = Readonly<z.infer<typeof popAnswer>>;
export type PopsAnswer = Readonly<z.infer<typeof popsAnswer>>;

/** What came of changing one. `join`: the text of a join file. */
export const popChangeAnswer = z.union([
	z.object({ done: z.literal(true), join: z.string().optional() }),
	z.object({ error: z.string() }),
]);

export type PopChangeAnswer = Readonly<z.infer<typeof popChangeAnswer>>;

/** What is to be done with a point of presence. */
export type PopWish =
	| {
			readonly verb: 'add';
			readonly name: string;
			readonly labels: Readonly<Record<string, string>>;
			readonly place: readonly [number, number] | null;
	  }
	| { readonly verb: 'rotate' | 'remove'; readonly name: string };

export const popWish = z.discriminatedUnion('verb', [
	z.object({
		verb: z.literal('add'),
		name: z.string().max(200),
		labels: z.record(z.string().min(1).max(100), z.string().min(1).max(200)),
		place: z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]).nullable(),
	}),
	z.object({ verb: z.enum(['rotate', 'remove']), name: z.string().max(200) }),
]);
