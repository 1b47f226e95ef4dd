import { inWords } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt, firstUnprintable } from '../model/printable.ts';
import { OrderDraft } from './order-draft.ts';
import { blownUp, isBlownUp, isMapping, readMapping } from './yaml-mapping.ts';

/** What an order, or the file `telegraf/<order id>`, says about Telegraf. */
export interface OrderTelegraf {
	readonly measurementName?: string;
	readonly tags: Readonly<Record<string, string>>;
}

/** One for all orders that have none. */
const noTags: Readonly<Record<string, string>> = Object.freeze({});

/** Reads `measurement_name` and `tags`, and the same inside `telegraf:`, which is the older form. */
export function readTelegraf(draft: OrderDraft): OrderTelegraf {
	const older = draft.at('telegraf');
	if (older !== undefined && !isMapping(older)) {
		draft.fault(
			'telegraf',
			`must be a mapping, not ${inWords(older)}. Write measurement_name: and tags: below it, indented`,
		);
	}
	const name = oneOf(
		draft,
		'measurement_name',
		draft.text('measurement_name'),
		draft.text('telegraf', 'measurement_name'),
	);
	if (name !== undefined && name.length > tagLimits.value)
		tooLong(draft, 'measurement_name', 'is', name, tagLimits.value);
	const tags = oneOf(draft, 'tags', readTags(draft, 'tags'), readTags(draft, 'telegraf', 'tags')) ?? noTags;
	return name === undefined ? { tags } : { measurementName: name, tags };
}

/** Reads the text of a file `telegraf/<order id>`. Keys that it does not know are left alone. Never throws. */
export function readTelegrafFile(
	text: string,
): { readonly telegraf: OrderTelegraf } | { readonly findings: readonly OrderFinding[] } {
	const read = readMapping(text);
	if ('finding' in read) return { findings: [read.finding] };
	const draft = new OrderDraft(text, read.mapping ?? {});
	const measurementName = draft.text('measurement_name');
	const tags = readTags(draft, 'tags') ?? noTags;
	if (measurementName !== undefined && measurementName.length > tagLimits.value)
		tooLong(draft, 'measurement_name', 'is', measurementName, tagLimits.value);
	if (draft.findings.length > 0) return { findings: draft.findings };
	if (measurementName !== undefined) return { telegraf: { measurementName, tags } };
	draft.fault(
		'measurement_name',
		'is missing. Write a name for what is measured, such as measurement_name: tunnel',
	);
	return { findings: draft.findings };
}

/** What an order says itself wins over what its file below `telegraf/` says: the name, and all tags together. */
export function forwardingOf(order: OrderTelegraf, file: OrderTelegraf): OrderTelegraf {
	const measurementName = order.measurementName ?? file.measurementName;
	const tags = Object.keys(order.tags).length > 0 ? order.tags : file.tags;
	return measurementName === undefined ? { tags } : { measurementName, tags };
}

/** An order may give the same thing in both places, but not two different things. */
function oneOf<T>(draft: OrderDraft, key: string, top: T | undefined, older: T | undefined): T | undefined {
	if (top !== undefined && older !== undefined && JSON.stringify(top) !== JSON.stringify(older)) {
		draft.fault(key, `is not the same as telegraf.${key}. Keep one of them`);
	}
	return top ?? older;
}

/** Tags go out with every ping of every measurement. Characters, but for the number of tags. */
const tagLimits = { count: 100, name: 255, value: 4096, total: 16_384 } as const;

/** Sorted by name. A tag without a value is left out: to InfluxDB an empty tag is none. */
function readTags(draft: OrderDraft, ...path: string[]): Record<string, string> | undefined {
	const tags = draft.at(...path);
	if (tags === undefined) return undefined;
	const key = path.join('.');
	if (!isMapping(tags)) {
		draft.fault(
			key,
			`must be a mapping of names to values, not ${inWords(tags)}. Write name: value below it, indented`,
		);
		return undefined;
	}
	if (isBlownUp(tags)) {
		draft.fault(key, blownUp);
		return undefined;
	}
	const names = Object.keys(tags).sort();
	if (names.length > tagLimits.count) {
		draft.fault(key, `has ${names.length} tags. Write at most ${tagLimits.count}`);
		return undefined;
	}
	const read: [string, string][] = [];
	for (const name of names) {
		const bad = firstUnprintable(name);
		if (name.trim() === '') draft.fault(key, 'has a tag with an empty name. Give it a name');
		else if (bad !== null)
			draft.fault(`${key}.${excerpt(name)}`, `its name holds the unprintable character ${bad}. Remove it`);
		const value = draft.text(...path, name);
		if (value === undefined) continue;
		if (name.length > tagLimits.name)
			tooLong(draft, `${key}.${excerpt(name)}`, 'its name is', name, tagLimits.name);
		if (value.length > tagLimits.value)
			tooLong(draft, `${key}.${excerpt(name)}`, 'is', value, tagLimits.value);
		read.push([name, value]);
	}
	const total = read.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
	if (total > tagLimits.total) {
		draft.fault(
			key,
			`is ${total} characters long with all names and values. Write at most ${tagLimits.total}`,
		);
	}
	// Not by assignment, which a tag named `__proto__` would not survive.
	return Object.fromEntries(read);
}

function tooLong(draft: OrderDraft, key: string, what: string, text: string, most: number): void {
	draft.fault(key, `${what} ${text.length} characters long. Write at most ${most}`);
}
