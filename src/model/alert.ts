import type { OrderIdentity, ReasonCode } from './outcome.ts';

/** How bad it is, the mildest first. */
export const severities = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** Which orders a rule is for. Globs, of which one has to match; null: whatever it is. */
interface RuleMatch {
	readonly orders: readonly string[] | null;
	readonly users: readonly string[] | null;
	readonly probes: readonly string[] | null;
	/** By name of the tag: all of them have to match. */
	readonly tags: Readonly<Record<string, readonly string[]>> | null;
	/** Whose results count. The machine itself is `local`. */
	readonly pops: readonly string[] | null;
}

/** `3 of 5 slots`: so many of the newest; or all slots within a span of time, seconds. */
export type SlotCount = { readonly count: number; readonly of: number } | { readonly forSeconds: number };

/** When a value is bad, and when it is good again. */
export interface Threshold {
	/** Which side is bad. */
	readonly bad: 'over' | 'under';
	/** In the unit of what is compared: shares (0 to 1) of losses, seconds of times. */
	readonly limit: number | WeekShare;
	readonly raise: SlotCount;
	/** So many known slots in a row have to be good. */
	readonly clearSlots: SlotCount;
	/** What is good; null: what is not bad. */
	readonly clearLimit: number | WeekShare | null;
}

/** A share of the median of the seven days before: 1.5 is `150% of last week`. */
export interface WeekShare {
	readonly ofLastWeek: number;
}

/** What a rule looks for. One of these. */
export type Condition = OrderCondition | OwnCondition;

/** What a rule looks for in what comes of an order. */
export type OrderCondition =
	| { readonly kind: 'loss' | 'median' | 'jitter' | 'mos'; readonly threshold: Threshold }
	/** `<probe>.<name>`, as it is declared. Texts and flags are compared with `is`. */
	| {
			readonly kind: 'fact';
			readonly probe: string;
			readonly fact: string;
			/** It is a span of time, seconds. */
			readonly isTime: boolean;
			readonly threshold: Threshold;
	  }
	| {
			readonly kind: 'fact-is';
			readonly probe: string;
			readonly fact: string;
			/** One of these is bad; or, where `not` is set, anything else. */
			readonly values: readonly string[];
			readonly not: boolean;
			readonly raise: SlotCount;
			readonly clearSlots: SlotCount;
	  }
	/** Nothing is known for so long. */
	| { readonly kind: 'unknown'; readonly raise: SlotCount; readonly clearSlots: SlotCount }
	/** The route is another one than before. Clears after so many slots without a further change. */
	| { readonly kind: 'route'; readonly clearSlots: SlotCount }
	/** So many of the last pings are lost, at each of so many places. Early pings count. */
	| { readonly kind: 'score'; readonly failed: number; readonly of: number; readonly pops: number }
	/** SmokePing's grammar; read by `src/alerts/pattern.ts`. Clears after so many known slots in which it is not so. */
	| {
			readonly kind: 'pattern';
			readonly of: 'loss' | 'rtt';
			readonly text: string;
			readonly clearSlots: SlotCount;
	  };

/** A part of pingmachine itself that may be in trouble; a clock by the name of its place. */
export const partKinds = ['sink', 'notifier', 'pop', 'clock'] as const;

type PartKind = (typeof partKinds)[number];

/** What a rule looks for in pingmachine itself: for so long, or by so much, seconds. */
export interface OwnCondition {
	readonly kind: PartKind;
	/** `failing`: of sinks and notifiers; `lag`: how old is the oldest that waits there; `silent`: of points of presence. */
	readonly of: 'failing' | 'lag' | 'silent' | 'offset';
	readonly overSeconds: number;
	/** Globs of names, of which one has to match; null: all. */
	readonly names: readonly string[] | null;
}

export function isOwnCondition(condition: Condition): condition is OwnCondition {
	return partKinds.some((kind) => kind === condition.kind);
}

/** A part of pingmachine itself, by which an alert is about it. */
export interface Part {
	readonly kind: PartKind;
	readonly name: string;
}

/** `sink influx`: for people. */
export function partName({ kind, name }: Part): string {
	return `${kind} ${name}`;
}

/** How a part of pingmachine itself is at a moment. Times are seconds. */
export interface PartStanding extends Part {
	/** Whether it has had the time to show whether it fails: at a start it has not. */
	readonly isKnown: boolean;
	/** Since when it fails, or is silent, since the epoch; null: it does not. */
	readonly badSinceSeconds: number | null;
	/** How old the oldest is that waits there. */
	readonly lagSeconds: number;
	/** How far a clock is ahead; null: not known. */
	readonly offsetSeconds: number | null;
	/** What went wrong last, for people; null: nothing did. */
	readonly problem: string | null;
}

/** So many points of presence have to see it in the same slot; null of `of`: of as many as have something to say. */
export interface Quorum {
	readonly pops: number;
	readonly of: number | null;
}

/** A file below `alerts/`. */
export interface Rule {
	/** The path of its file below `alerts/`, without `.yaml` or `.yml`. */
	readonly name: string;
	/** What people are told of it, on one line. */
	readonly title?: string;
	readonly note?: string;
	readonly link?: string;
	readonly match: RuleMatch;
	readonly condition: Condition;
	readonly quorum: Quorum | null;
	readonly severity: Severity;
	/** Names of notifiers of the config; null: all of them. */
	readonly notify: readonly string[] | null;
	/** It is told again after so long while it fires; null: never. */
	readonly remindSeconds: number | null;
	/** It holds only for orders that name it. */
	readonly named: boolean;
}

/** A rule about orders. */
export type OrderRule = Rule & { readonly condition: OrderCondition };

/** A rule about pingmachine itself. */
export type OwnRule = Rule & { readonly condition: OwnCondition };

export function isOwnRule(rule: Rule): rule is OwnRule {
	return isOwnCondition(rule.condition);
}

export function isOrderRule(rule: Rule): rule is OrderRule {
	return !isOwnCondition(rule.condition);
}

/**
 * Something is wrong with an order, by a rule. One alert is one alert: from raise to clear it keeps its id, over restarts
 * too.
 */
export interface Alert {
	/** `<rule>|<order id>|<sinceSeconds>` (of a part `<rule>|<kind> <name>|...`): tells it from all others, past ones too. */
	readonly id: string;
	/** Name of the rule; `isolated` for the daemon's own: then `order` is null. */
	readonly rule: string;
	readonly severity: Severity;
	/** Null: of the daemon itself. */
	readonly order: OrderIdentity | null;
	/** Of the daemon itself: the part of it that is in trouble; absent: all of it. */
	readonly part?: Part;
	/** What is wrong, in words for people: `loss 60 % (over 20 %) in 3 of 5 slots`. */
	readonly what: string;
	/** Start of the first slot that counted, seconds since the epoch. */
	readonly sinceSeconds: number;
	/** End of the slot that raised it (of score rules: when the ping was over), seconds since the epoch. */
	readonly raisedSeconds: number;
	/** End of the slot that cleared it; absent: it fires. */
	readonly clearedSeconds?: number;
	/** The places that see it; the machine itself is `local`. Sorted. */
	readonly pops: readonly string[];
	/** What the rule says of whom to tell; null: all notifiers. */
	readonly notify: readonly string[] | null;
	readonly remindSeconds: number | null;
}

/** Why an alert is not told. It is told when this is over, if it fires still. */
export type HeldWhy =
	/** This machine itself is cut off. */
	| { readonly why: 'isolated' }
	/** Something on the way to it fires: the id of an order, or the address of a hop. */
	| { readonly why: 'parent'; readonly parent: string }
	/** A file of `mutes/`, by its name. */
	| { readonly why: 'muted'; readonly mute: string };

/** Alerts change in two ways only, in turn. */
export interface Transition {
	readonly about: 'raise' | 'clear';
	readonly alert: Alert;
	/** The last slots of the order, the oldest first. */
	readonly slots: readonly AlertSlot[];
}

/** What came of one slot, for people who are told of an alert. */
export interface AlertSlot {
	/** Start of the slot, seconds since the epoch. */
	readonly startSeconds: number;
	/** Share of the pings that were lost, 0 to 1; null: unknown. */
	readonly lossShare: number | null;
	/** Seconds; null: unknown, or all were lost. */
	readonly medianSeconds: number | null;
	/** Why it is unknown. */
	readonly code?: ReasonCode;
	/** Where it was measured; absent: by the machine itself. */
	readonly pop?: string;
}

/** How the daemon's own results are named where places are: it has no name as a point of presence. */
export const localPop = 'local';
