import { z } from 'zod';
import { severities } from './alert.ts';
import { once } from './once.ts';

/** What the running daemon answers about alerts. Times are seconds since the epoch. */

const firingAlert = once(() =>
	z.object({
		id: z.string(),
		/** Name of the rule; `isolated`: this machine is cut off. */
		rule: z.string(),
		severity: z.enum(severities),
		/** Id of the order; null: of the daemon itself. */
		order: z.string().nullable(),
		/** Of the daemon itself, the part that is in trouble: `sink influx`, `clock zrh`. */
		part: z.string().optional(),
		user: z.string().optional(),
		probe: z.string().optional(),
		target: z.string().optional(),
		title: z.string().optional(),
		what: z.string(),
		/** Start of the first slot that counted, and end of the one that raised it. */
		since: z.number(),
		raised: z.number(),
		pops: z.array(z.string()),
		/** When people were told last; null: they were not. */
		told: z.number().nullable(),
		/** Why they are not told: `isolated`, `parent` or `muted`; by which order, hop or file. */
		held: z.object({ why: z.enum(['isolated', 'parent', 'muted']), by: z.string() }).nullable(),
		/** Who has said that they know; null: nobody. */
		acknowledged: z.string().nullable(),
	}),
);

export type FiringAlertAnswer = z.infer<ReturnType<typeof firingAlert>>;

export const alertsAnswer = once(() =>
	z.object({
		/** All that fire, as of a second ago; the oldest first. */
		firing: z.array(firingAlert()),
	}),
);

export type AlertsAnswer = z.infer<ReturnType<typeof alertsAnswer>>;
