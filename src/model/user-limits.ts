/** How much the orders of one user may be, all together. Infinity: any. */
export interface UserLimits {
	readonly orders: number;
	readonly pingsPerSecond: number;
	/** Orders that differ in probe, step, pings or options cannot share a run. */
	readonly batches: number;
	/** Of main.rrd. */
	readonly diskBytes: number;
	/** Of the order files. */
	readonly textBytes: number;
}

export const noLimits: UserLimits = {
	orders: Number.POSITIVE_INFINITY,
	pingsPerSecond: Number.POSITIVE_INFINITY,
	batches: Number.POSITIVE_INFINITY,
	diskBytes: Number.POSITIVE_INFINITY,
	textBytes: Number.POSITIVE_INFINITY,
};

/** Of users who are neither root nor that of the daemon, unless the config says otherwise. */
export const usualLimits: UserLimits = {
	orders: 100_000,
	pingsPerSecond: 20_000,
	batches: 10_000,
	diskBytes: Number.POSITIVE_INFINITY,
	textBytes: 256e6,
};
