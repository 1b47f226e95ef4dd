/** What a point of presence measures for its hub. */
export interface Accepted {
	/** Names of probes; null: all there are, but for those that run programs of the order's choice. */
	readonly probes: readonly string[] | null;
	/** Networks in which targets have to lie; null: wherever they lie. */
	readonly networks: readonly string[] | null;
	readonly ordersMax: number;
	readonly pingsPerSecondMax: number;
}
