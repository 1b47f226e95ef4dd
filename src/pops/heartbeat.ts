import { z } from 'zod';

/** How often a point of presence tells how it is. */
export const heartbeatMs = 10_000;
/** It is lost when it was not heard of for so long. */
export const lostAfterMs = 3 * heartbeatMs;

const text = z.string().max(200);
const count = z.int().min(0);

/** How a point of presence is. Times in seconds. */
export const heartbeatSchema = z.object({
	v: z.literal(1),
	version: text,
	/** One run of its daemon. */
	boot: text,
	/** By its clock, since the epoch. */
	now: z.number(),
	labels: z.record(text, text),
	probes: z.array(text).max(200),
	orders: z.object({ measured: count, failing: count, rejected: count }),
	/** What waits to be sent: bytes on disk, results in memory. */
	spool: z.object({ bytes: count, waiting: count }),
	clock: z.object({ synced: z.boolean(), offset: z.number().optional() }),
	/** The last news it has followed. */
	seq: count,
	/** Why orders are not measured there, by id. Left out: as it was told last. */
	reasons: z.record(z.string().max(4096), z.string().max(2000)).optional(),
});

export type Heartbeat = Readonly<z.infer<typeof heartbeatSchema>>;
