import type { Facts, FactValue } from '../model/facts.ts';
import {
	type ClockState,
	measured,
	notMeasured,
	type OrderIdentity,
	type Outcome,
	type ReasonCode,
} from '../model/outcome.ts';
import type { Slot } from '../model/slot.ts';
import {
	beginPacking,
	beginUnpacking,
	isUnpacked,
	packedText,
	passText,
	putNumber,
	putText,
	putWhole,
	reserve,
	takeNumber,
	takeText,
	takeTextLike,
	takeWhole,
	wholeBytes,
} from './packed-bytes.ts';
import { putSamples, takeReceived, takeSamples } from './packed-samples.ts';

/**
 * An outcome without its order in as few bytes as can be, for threads, memory and the spool: nothing is lost. A string
 * with one byte a character, which costs V8 the least to keep and to send; about 5 bytes for a ping that was timed in
 * nanoseconds. First comes the version of the form.
 */
export type PackedOutcome = string;

export const packedVersion = 1;

const kinds = ['measured', 'failed', 'skipped'] as const;
/** What of the head is known. */
const flags = { pop: 4, updated: 8, boot: 16, seq: 32, clock: 64, facts: 128 } as const;

export function packOutcome(outcome: Outcome): PackedOutcome {
	return pack(outcome, true);
}

const packedLists = new WeakMap<readonly Outcome[], readonly PackedOutcome[]>();

/** Packs the outcomes of a list, in the same places; once, whoever asks. */
export function packOutcomes(outcomes: readonly Outcome[]): readonly PackedOutcome[] {
	let packed = packedLists.get(outcomes);
	if (packed === undefined) {
		packed = outcomes.map(packOutcome);
		packedLists.set(outcomes, packed);
	}
	return packed;
}

/** The same without its facts, and without what only tells outcomes of several machines apart. */
export function packBriefly(outcome: Outcome): PackedOutcome {
	return pack(outcome, false);
}

/** Gives back what was packed. Throws when it is no such text, or of a later version. */
export function unpackOutcome(packed: PackedOutcome, order: OrderIdentity): Outcome {
	beginUnpacking(packed);
	const form = takeWhole();
	if (form !== packedVersion) throw new Error(`packed by another version of pingmachine (${form})`);
	const outcome = take(order);
	if (!isUnpacked()) throw new Error('what was packed is too long');
	return outcome;
}

/** What of an outcome that was measured is kept in files. */
export interface BriefOutcome {
	readonly slot: Slot;
	readonly pings: number;
	/** How many were sent. */
	readonly sent: number;
	/** The round-trip times that came back, in seconds, in sending order. */
	readonly received: number[];
	readonly facts: Facts;
}

/**
 * As `unpackOutcome`, of what was measured, without making what no file tells: in half the time. Null when it was not
 * measured.
 */
export function unpackMeasured(packed: PackedOutcome): BriefOutcome | null {
	beginUnpacking(packed);
	if (takeWhole() !== packedVersion) return null;
	const known = takeWhole();
	if (kinds[known & 3] !== 'measured') return null;
	const slot: Slot = { startSeconds: takeNumber(), stepSeconds: takeNumber() };
	const pings = takeNumber();
	passDetails(known);
	const received: number[] = [];
	const sent = takeReceived(received);
	const facts = (known & flags.facts) === 0 ? {} : takeFacts();
	if (!isUnpacked()) throw new Error('what was packed is too long');
	return { slot, pings, sent, received, facts };
}

function pack(outcome: Outcome, isWhole: boolean): PackedOutcome {
	beginPacking();
	reserve(4 * (1 + wholeBytes));
	const { kind, slot, pings } = outcome;
	const facts = kind === 'measured' && isWhole ? Object.entries(outcome.measurement.facts) : [];
	putWhole(packedVersion);
	putWhole(kinds.indexOf(kind) | (isWhole ? flagsOf(outcome) : 0) | (facts.length === 0 ? 0 : flags.facts));
	putNumber(slot.startSeconds);
	putNumber(slot.stepSeconds);
	putNumber(pings);
	if (isWhole) putDetails(outcome);
	if (kind === 'measured') {
		putSamples(outcome.measurement.samples, slot);
		if (facts.length > 0) putFacts(facts);
	} else {
		putText(outcome.code);
		putText(outcome.reason);
	}
	return packedText();
}

function flagsOf({ pop, updatedSeconds, boot, seq, clock }: Outcome): number {
	return (
		(pop === undefined ? 0 : flags.pop) |
		(updatedSeconds === undefined ? 0 : flags.updated) |
		(boot === undefined ? 0 : flags.boot) |
		(seq === undefined ? 0 : flags.seq) |
		(clock === undefined ? 0 : flags.clock)
	);
}

function putDetails({ pop, updatedSeconds, boot, seq, clock }: Outcome): void {
	if (pop !== undefined) putText(pop);
	if (updatedSeconds !== undefined) putNumber(updatedSeconds);
	if (boot !== undefined) putText(boot);
	if (seq !== undefined) putNumber(seq);
	if (clock === undefined) return;
	const { synced, since, offset } = clock;
	reserve(wholeBytes);
	putWhole((synced ? 1 : 0) | (since === undefined ? 0 : 2) | (offset === undefined ? 0 : 4));
	if (since !== undefined) putNumber(since);
	if (offset !== undefined) putNumber(offset);
}

type Details = NonNullable<Parameters<typeof measured>[5]>;

/** Most come from the same run as the one before. */
let lastBoot = '';

/** Not by spreading what is known, which takes as long as all the rest. */
function takeDetails(known: number): Details {
	const details: { -readonly [Key in keyof Details]: Details[Key] } = {};
	if ((known & flags.pop) !== 0) details.pop = takeText();
	if ((known & flags.updated) !== 0) details.updatedSeconds = takeNumber();
	if ((known & flags.boot) !== 0) {
		lastBoot = takeTextLike(lastBoot);
		details.boot = lastBoot;
	}
	if ((known & flags.seq) !== 0) details.seq = takeNumber();
	if ((known & flags.clock) !== 0) details.clock = takeClock();
	return details;
}

function passDetails(known: number): void {
	if ((known & flags.pop) !== 0) passText();
	if ((known & flags.updated) !== 0) takeNumber();
	if ((known & flags.boot) !== 0) passText();
	if ((known & flags.seq) !== 0) takeNumber();
	if ((known & flags.clock) !== 0) takeClock();
}

function takeClock(): ClockState {
	const known = takeWhole();
	return {
		synced: (known & 1) !== 0,
		...((known & 2) === 0 ? {} : { since: takeNumber() }),
		...((known & 4) === 0 ? {} : { offset: takeNumber() }),
	};
}

function take(order: OrderIdentity): Outcome {
	const known = takeWhole();
	const kind = kinds[known & 3] ?? 'skipped';
	const slot: Slot = { startSeconds: takeNumber(), stepSeconds: takeNumber() };
	const pings = takeNumber();
	const details = takeDetails(known);
	if (kind !== 'measured') {
		const why = { code: takeText() as ReasonCode, reason: takeText() };
		return notMeasured(kind, order, slot, pings, why, details);
	}
	const samples = takeSamples(slot);
	const facts = (known & flags.facts) === 0 ? {} : takeFacts();
	return measured(order, slot, pings, samples, facts, details);
}

// ---- Facts ----

const valueCodes = { number: 0, text: 1, no: 2, yes: 3, list: 4, unknown: 5 } as const;

function putFacts(facts: readonly (readonly [name: string, value: FactValue])[]): void {
	reserve(wholeBytes);
	putWhole(facts.length);
	for (const [name, value] of facts) {
		putText(name);
		putValue(value);
	}
}

function putValue(value: FactValue | null): void {
	reserve(2 * wholeBytes);
	if (typeof value === 'number') {
		putWhole(valueCodes.number);
		putNumber(value);
	} else if (typeof value === 'string') {
		putWhole(valueCodes.text);
		putText(value);
	} else if (typeof value === 'boolean') {
		putWhole(value ? valueCodes.yes : valueCodes.no);
	} else if (value === null) {
		putWhole(valueCodes.unknown);
	} else {
		putWhole(valueCodes.list);
		putWhole(value.length);
		for (const one of value) putValue(one);
	}
}

/** Names of facts by their place: most measurements have the same as the one before. */
const lastNames: string[] = [];
const lastNamesMax = 100;

function takeFacts(): Facts {
	const facts: { [name: string]: FactValue } = {};
	const count = takeWhole();
	for (let place = 0; place < count; place++) {
		const name = takeTextLike(lastNames[place] ?? '');
		if (place < lastNamesMax) lastNames[place] = name;
		const value = takeValue();
		if (value === null) continue;
		// An assignment to that name alone would not make a property.
		if (name !== '__proto__') facts[name] = value;
		else Object.defineProperty(facts, name, { value, enumerable: true, writable: true, configurable: true });
	}
	return facts;
}

function takeValue(): FactValue | null {
	switch (takeWhole()) {
		case valueCodes.number:
			return takeNumber();
		case valueCodes.text:
			return takeText();
		case valueCodes.no:
			return false;
		case valueCodes.yes:
			return true;
		case valueCodes.list: {
			const list: (string | number | boolean | null)[] = [];
			for (let left = takeWhole(); left > 0; left--)
				list.push(takeValue() as string | number | boolean | null);
			return list;
		}
		default:
			return null;
	}
}
