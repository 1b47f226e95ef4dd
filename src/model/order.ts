import type { ProbeOptions, Timing } from './probe.ts';
import type { RrdTemplate } from './rrd-template.ts';
import type { Where } from './where.ts';

/** What an order says of itself to people; each on one line. */
export interface OrderLabels {
	readonly title?: string;
	readonly note?: string;
	/** A URL of http or https. */
	readonly link?: string;
}

/** What an application asks for. */
export interface Order extends Timing, OrderLabels {
	/** The path of its file below `orders/`. */
	readonly id: string;
	readonly user: string;
	readonly task?: string;
	readonly probe: string;
	/** The probe's section, validated. */
	readonly options: ProbeOptions;
	/** The value of the option that says what is measured. */
	readonly target: string;
	/** How the target is shown to people, where it holds what they may not see. */
	readonly shownTarget?: string;
	/** It is archived when its file was not refreshed for so long; null: never. Absent: the config says. */
	readonly expiresSeconds?: number | null;
	/** It is archived as soon as it has been measured. */
	readonly once?: true;
	/** Null: the order leaves it to the config. */
	readonly rrdTemplate: RrdTemplate | null;
	/** How long its single slots are kept, seconds. Absent: the config says. */
	readonly slotsSeconds?: number;
	/** What share of its measured slots shall have an answer, in percent. */
	readonly objectivePercent?: number;
	/** The way to its target is traced every so many seconds. */
	readonly routeSeconds?: number;
	/** Upper bounds of its classic buckets, seconds, ascending. Absent: the config says. */
	readonly buckets?: readonly number[];
	/** Names of rules that hold for it. */
	readonly alerts?: readonly string[];
	/** Ids of the orders that it depends on. */
	readonly parents?: readonly string[];
	/** From where it is measured. Absent: from here. */
	readonly where?: Where;
	/** The points of presence that measure it now, by name. */
	readonly pops?: readonly string[];
	/** Forward to Telegraf under this name. */
	readonly measurementName?: string;
	readonly tags: Readonly<Record<string, string>>;
	/** Orders with equal keys can share a run. */
	readonly batchKey: string;
}

/** One thing that is wrong with an order. */
export interface OrderFinding {
	/** First line at fault, counted from 1, where the text itself cannot be read. */
	readonly line?: number;
	/** The key at fault, such as `step` or `fping.host`. */
	readonly key?: string;
	/** What is wrong and what to write instead. */
	readonly message: string;
}
