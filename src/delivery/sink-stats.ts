/** `starting`: has not been open yet. `failing`: the last try failed, and it is tried again. */
export type SinkState = 'starting' | 'working' | 'failing';

/** Why measurements did not go to a sink, and how many; since the daemon started. */
export interface DropCounts {
	/** Too many were waiting in memory: there is no spool, or it could not be written. */
	queueFull: number;
	/** The spool had its full size. */
	spoolFull: number;
	/** They had been in the spool for too long. */
	tooOld: number;
	/** The other end would not have them. */
	refused: number;
	/** They were tried once, or the daemon ended, and the sink does not confirm. */
	unsent: number;
	/** They could not be read from the spool. */
	damaged: number;
	/** The thread of delivery was not there, or did not keep up. At most so many: it is not known who would have taken them. */
	overload: number;
}

/** How a sink is doing. Plain data. Counts are of measurements since the daemon started, if nothing else is said. */
export interface SinkStats {
	readonly name: string;
	/** Without passwords and tokens. */
	readonly destination: string;
	readonly confirms: boolean;
	readonly state: SinkState;
	/** When this state began, milliseconds since the epoch. */
	readonly sinceMs: number;
	/** Waiting now, in memory or in the spool. */
	readonly queued: number;
	/** Those of them that are in the spool. */
	readonly spooled: number;
	/** Size of the spool, with the files in it that could not be read. */
	readonly spooledBytes: number;
	readonly sent: number;
	/** Tries to open or to write that failed. */
	readonly failed: number;
	/** Measurements that were written once more because the first try failed. */
	readonly retried: number;
	readonly dropped: Readonly<DropCounts>;
	/** How long the oldest that waits has been waiting, seconds; 0 when none waits. */
	readonly lagSeconds: number;
	/** What the last try that failed said; null when none has failed yet. */
	readonly lastError: string | null;
}

/** What is counted from the start of the daemon on. */
export type Counts = Pick<SinkStats, 'sent' | 'failed' | 'retried' | 'dropped'>;

export function noDrops(): DropCounts {
	return { queueFull: 0, spoolFull: 0, tooOld: 0, refused: 0, unsent: 0, damaged: 0, overload: 0 };
}

export const noCounts: Counts = { sent: 0, failed: 0, retried: 0, dropped: noDrops() };

export function addCounts(one: Counts, other: Counts = noCounts): Counts {
	const dropped = { ...one.dropped };
	for (const reason of Object.keys(dropped) as (keyof DropCounts)[]) dropped[reason] += other.dropped[reason];
	return {
		sent: one.sent + other.sent,
		failed: one.failed + other.failed,
		retried: one.retried + other.retried,
		dropped,
	};
}

/** All that was dropped, for whatever reason. */
export function allDropped(drops: Readonly<DropCounts>): number {
	return Object.values(drops).reduce((sum, count) => sum + count, 0);
}

/** For the log: `sinks: 2 working, 1 failing, 3400 results waiting, 12 dropped`. */
export function describeSinks(stats: readonly SinkStats[]): string {
	const states = (['working', 'starting', 'failing'] as const).flatMap((state) => {
		const count = stats.filter((one) => one.state === state).length;
		return count === 0 ? [] : [`${count} ${state}`];
	});
	const queued = stats.reduce((sum, one) => sum + one.queued, 0);
	const dropped = stats.reduce((sum, one) => sum + allDropped(one.dropped), 0);
	return `sinks: ${states.join(', ')}, ${queued} results waiting, ${dropped} dropped`;
}
