import { z } from 'zod';
import type { SlotCount, Threshold, WeekShare } from '../model/alert.ts';
import { inWords } from '../model/findings.ts';
import { spanSeconds, spanWithUnit } from '../model/span.ts';
import { clearParts, slotCount, slotCountForms } from './slot-count.ts';

/** How the values of a condition are written. */
export interface Scale {
	/** Null when it is no such value. */
	read(text: string): number | WeekShare | null;
	/** What to write instead. */
	readonly forms: string;
	/** What it has to lie between. */
	readonly least: number;
	readonly most: number;
}

function percent(text: string): number | null {
	const [, number] = /^(\d{1,4}(?:\.\d{1,6})?) ?%$/.exec(text) ?? [];
	return number === undefined ? null : Number(number) / 100;
}

function plainNumber(text: string): number | null {
	return /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

function timeOrWeek(text: string): number | WeekShare | null {
	const share = /^(.*%) of last week$/.exec(text)?.[1];
	if (share === undefined) return spanWithUnit(text);
	const ofLastWeek = percent(share);
	return ofLastWeek === null ? null : { ofLastWeek };
}

const anything = Number.MAX_VALUE;

export const scales = {
	loss: { read: percent, forms: 'a percentage such as 20%', least: 0, most: 1 },
	median: {
		read: timeOrWeek,
		forms: 'a time such as 80ms, or a share such as 150% of last week',
		least: 0,
		most: anything,
	},
	// A bare number could be seconds or milliseconds.
	jitter: { read: spanWithUnit, forms: 'a time such as 20ms', least: 0, most: anything },
	mos: { read: plainNumber, forms: 'a score from 1 to 4.5 such as 3.6', least: 1, most: 4.5 },
	// Facts are seconds wherever they are told, and so are bare numbers that they are held against.
	seconds: {
		read: (text) => spanSeconds(text),
		forms: 'a time such as 80ms or 14d',
		least: -anything,
		most: anything,
	},
	number: { read: plainNumber, forms: 'a number', least: -anything, most: anything },
} as const satisfies Readonly<Record<string, Scale>>;

const text = z.union([z.string(), z.number()]).transform(String);

const written = z.strictObject({
	over: text.optional(),
	under: text.optional(),
	for: text.optional(),
	clear: text.optional(),
});

type Context = z.RefinementCtx;

function fault(context: Context, path: readonly string[], message: string): void {
	context.addIssue({ code: 'custom', message, path: [...path] });
}

/** The slots of `for:` or `clear:`. */
export function slotsIn(
	value: string | undefined,
	key: string,
	usual: SlotCount,
	context: Context,
): SlotCount {
	if (value === undefined) return usual;
	const slots = slotCount(value);
	if (slots === null) fault(context, [key], `must be ${slotCountForms}, not ${inWords(value)}`);
	return slots ?? usual;
}

/** `{over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}`, with values of that scale. */
export function thresholdOf(scale: Scale) {
	return written.transform((mapping, context): Threshold => {
		const bad = mapping.over === undefined ? 'under' : 'over';
		const limit = limitIn(mapping, scale, context);
		const raise = slotsIn(mapping.for, 'for', { count: 1, of: 1 }, context);
		const clear = clearIn(mapping.clear, bad, scale, context);
		if (clear.limit !== null && isBad(bad, clear.limit, limit))
			fault(context, ['clear'], `what is ${bad} the limit cannot be good. Write a value on its other side`);
		return {
			bad,
			limit,
			raise,
			clearSlots: clear.slots ?? usualClear(raise),
			clearLimit: clear.limit,
		};
	});
}

function limitIn(
	{ over, under }: z.infer<typeof written>,
	scale: Scale,
	context: Context,
): number | WeekShare {
	if ((over === undefined) === (under === undefined)) {
		fault(context, [], `must have over: or under:, one of them, with ${scale.forms}`);
		return 0;
	}
	const key = over === undefined ? 'under' : 'over';
	return valueIn(over ?? under ?? '', key, scale, context);
}

function valueIn(value: string, key: string, scale: Scale, context: Context): number | WeekShare {
	const read = scale.read(value.trim());
	if (read === null) {
		fault(context, [key], `must be ${scale.forms}, not ${inWords(value)}`);
		return 0;
	}
	if (typeof read === 'number' && (read < scale.least || read > scale.most))
		fault(context, [key], `${value} is no value that there can be. Write ${scale.forms}`);
	else if (typeof read === 'number' && read === (key === 'over' ? scale.most : scale.least))
		fault(context, [key], `nothing is ever ${key} ${value}. Write ${scale.forms}`);
	return read;
}

function clearIn(
	value: string | undefined,
	bad: Threshold['bad'],
	scale: Scale,
	context: Context,
): { readonly slots: SlotCount | null; readonly limit: number | WeekShare | null } {
	const none = { slots: null, limit: null };
	if (value === undefined) return none;
	const good = bad === 'over' ? 'under' : 'over';
	const parts = clearParts(value);
	if (parts === null || (parts.side !== '' && parts.side !== good)) {
		fault(
			context,
			['clear'],
			`must be ${slotCountForms}, with ${good} and ${scale.forms} or without, not ${inWords(value)}`,
		);
		return none;
	}
	if (parts.side === '') return { slots: parts.slots, limit: null };
	const limit = scale.read(parts.limit);
	if (limit === null) fault(context, ['clear'], `${inWords(parts.limit)} must be ${scale.forms}`);
	return { slots: parts.slots, limit };
}

function isBad(bad: Threshold['bad'], value: number | WeekShare, limit: number | WeekShare): boolean {
	const [one, other] = [plain(value), plain(limit)];
	if (typeof value !== typeof limit) return false;
	return bad === 'over' ? one > other : one < other;
}

function plain(value: number | WeekShare): number {
	return typeof value === 'number' ? value : value.ofLastWeek;
}

/** As many as it took to raise it, and enough for the bad ones to be out of the window. */
export function usualClear(raise: SlotCount): SlotCount {
	if ('forSeconds' in raise) return raise;
	const count = Math.max(raise.count, raise.of - raise.count + 1);
	return { count, of: count };
}
