/** A file below `mutes/`: alerts that are not to be told for a while. */
export interface Mute {
	readonly name: string;
	/** Globs of orders and of rules; null: all. */
	readonly orders: readonly string[] | null;
	readonly rules: readonly string[] | null;
	/** Seconds since the epoch; null: until the alert clears. */
	readonly untilSeconds: number | null;
	/** The id of the one alert that somebody has acknowledged. Such a file is removed when the alert is over. */
	readonly alert?: string;
	readonly why?: string;
	/** Who has written it. */
	readonly by?: string;
}
