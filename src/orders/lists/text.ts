import { createHash } from 'node:crypto';
import { dump } from 'js-yaml';
import type { z } from 'zod';
import { describeFinding, describeFindings } from '../../model/findings.ts';
import { madeByKey } from '../../model/made-by.ts';
import { excerpt } from '../../model/printable.ts';
import type { AnyProbe, ProbeTable } from '../../model/probe.ts';
import { spanSeconds } from '../../model/span.ts';
import { orderMaxBytes, type ReadOrder, readOrder } from '../../reading/order.ts';
import { OrderTrouble } from '../writer.ts';
import type { OrderDefaults } from './defaults.ts';

/** What the command line says about an order. */
export interface OrderFlags {
	readonly user?: string | undefined;
	readonly step?: string | undefined;
	readonly pings?: string | undefined;
	readonly probe?: string | undefined;
	readonly host?: readonly string[] | undefined;
	/** `KEY=VALUE` of the probe's section. */
	readonly option?: readonly string[] | undefined;
	/** `KEY=VALUE` of the order. */
	readonly set?: readonly string[] | undefined;
}

/** The keys of an order, but for its target. */
export interface OrderFields {
	readonly top: ReadonlyMap<string, unknown>;
	readonly probe: string;
	/** The option that says what is measured. */
	readonly target: string;
	readonly options: ReadonlyMap<string, unknown>;
	readonly tags: ReadonlyMap<string, string>;
}

/** Throws `OrderTrouble`. */
export function readFlags(flags: OrderFlags, probes: ProbeTable, defaults: OrderDefaults): OrderFields {
	const probe = given('probe', flags.probe, defaults.probe);
	const step = stepOf(given('step', flags.step, String(defaults.stepSeconds)));
	const pings = Math.min(defaults.pings, typeof step === 'number' ? step : defaults.pings);
	const top = new Map<string, unknown>([
		['user', given('user', flags.user, defaults.user)],
		['step', step],
		['pings', numberOrText(given('pings', flags.pings, String(pings)))],
		['probe', probe],
	]);
	const options = new Map<string, unknown>();
	const tags = new Map<string, string>();
	const addOption = (key: string, value: string, flag: string) =>
		addOnce(options, key, optionValue(probes.get(probe), key, value), flag);
	for (const flag of flags.option ?? []) {
		const [key, value] = keyAndValue('--option', flag);
		addOption(key.startsWith(`${probe}.`) ? key.slice(probe.length + 1) : key, value, `--option ${key}`);
	}
	for (const flag of flags.set ?? []) {
		const [key, value] = keyAndValue('--set', flag);
		if (key.startsWith('tags.')) addOnce(tags, key.slice('tags.'.length), value, `--set ${key}`);
		else if (key.startsWith(`${probe}.`)) addOption(key.slice(probe.length + 1), value, `--set ${key}`);
		else addTop(top, key, value, probes);
	}
	if (defaults.expires !== undefined && !top.has('expires')) top.set('expires', defaults.expires);
	return { top, probe, target: probes.get(probe)?.target ?? 'host', options, tags };
}

function given(name: string, value: string | undefined, otherwise: string): string {
	if (value?.trim() !== '') return value ?? otherwise;
	throw new OrderTrouble(`--${name} is empty. Write a value, or leave it out for ${otherwise}`);
}

/** In whole seconds, which every version reads; what is no span of time is left for the order to be at fault. */
function stepOf(text: string): number | string {
	const seconds = spanSeconds(text);
	return seconds !== null && Number.isSafeInteger(seconds) ? seconds : text;
}

/** A number, true or false where the probe takes it, as somebody who writes YAML by hand would have it. */
export function optionValue(probe: AnyProbe | undefined, key: string, text: string): unknown {
	if (text === 'true' || text === 'false') return text === 'true';
	const { shape = {} } = (probe?.options ?? {}) as { shape?: Readonly<Record<string, z.ZodType>> };
	const number = Number(text);
	const isNumber = String(number) === text && Number.isFinite(number);
	return isNumber && shape[key]?.safeParse(number).success === true ? number : text;
}

function numberOrText(value: string): number | string {
	return /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}

function keyAndValue(flag: string, text: string): [key: string, value: string] {
	const at = text.indexOf('=');
	if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
	throw new OrderTrouble(`${flag} ${excerpt(text)}: has no key and value. Write ${flag} KEY=VALUE`);
}

function addTop(top: Map<string, unknown>, key: string, value: string, probes: ProbeTable): void {
	const flag = `--set ${excerpt(key)}`;
	if (['user', 'step', 'pings', 'probe'].includes(key)) {
		throw new OrderTrouble(`${flag}: has a flag of its own. Write --${key} VALUE`);
	}
	if (key === 'tags' || key === 'telegraf') {
		throw new OrderTrouble(`${flag}: takes no value. Write --set tags.NAME=VALUE`);
	}
	if (key === madeByKey) throw new OrderTrouble(`${flag}: is kept for pingmachine. Choose another key`);
	const [section = '', option] = key.split('.');
	if (option === undefined && probes.has(key)) {
		throw new OrderTrouble(`${flag}: is a section. Write --option KEY=VALUE`);
	}
	if (probes.has(section)) throw new OrderTrouble(`${flag}: is of another probe. Write --probe ${section}`);
	addOnce(top, key, value, flag);
}

function addOnce<T>(map: Map<string, T>, key: string, value: T, flag: string): void {
	if (key === '') throw new OrderTrouble(`${flag}: has no name after the dot. Write it`);
	if (map.has(key)) throw new OrderTrouble(`${flag}: is given twice. Keep one of them`);
	map.set(key, value);
}

/** The YAML text of an order. Tags in `tags` win over those of `fields`. */
export function orderText(
	{ top, probe, target, options, tags: ownTags }: OrderFields,
	host: string,
	tags: Iterable<readonly [string, string]> = [],
): string {
	const allTags = new Map([...ownTags, ...tags]);
	const keys = new Map<string, unknown>(top);
	// Not by assignment, which a key named `__proto__` would not survive.
	keys.set(probe, Object.fromEntries([[target, host], ...options]));
	if (allTags.size > 0) keys.set('tags', Object.fromEntries(allTags));
	return dump(Object.fromEntries(keys), { lineWidth: -1, noRefs: true });
}

/** What an order's text comes to. Also finds what is larger in bytes than in characters. */
export function readOrderText(id: string, text: string, probes: ProbeTable): ReadOrder {
	if (Buffer.byteLength(text) > orderMaxBytes) {
		return { findings: [{ message: `larger than ${orderMaxBytes} bytes. Write less into it` }] };
	}
	return readOrder(id, text, probes);
}

/** What is not understood in the text of an order, in words. Throws `OrderTrouble` if it is none. */
export function notesOnOrder(id: string, text: string, probes: ProbeTable): readonly string[] {
	const read = readOrderText(id, text, probes);
	if ('findings' in read) throw new OrderTrouble(describeFindings(read.findings));
	return (read.notes ?? []).map(describeFinding);
}

const makers = { list: 'pingmachine order add --targets', words: 'pingmachine order add' } as const;

/** What an order was made from: an entry of a list, or a word of the command line. */
export type Maker = keyof typeof makers;

const mark = new RegExp(`^${madeByKey}: (${Object.values(makers).join('|')}), ([0-9a-f]{16})\\n$`);

/** The text with a last line that says what it was made from, under this id, and with this content. */
export function withMark(id: string, text: string, maker: Maker = 'list'): string {
	return `${text}${madeByKey}: ${makers[maker]}, ${digest(id, text)}\n`;
}

/** True for a text with our mark that nobody has changed, or put elsewhere, since. */
export function isMarked(id: string, text: string, maker: Maker = 'list'): boolean {
	const at = text.lastIndexOf('\n', text.length - 2) + 1;
	const [, made, digested] = mark.exec(text.slice(at)) ?? [];
	return made === makers[maker] && digested === digest(id, text.slice(0, at));
}

function digest(id: string, text: string): string {
	return createHash('sha256').update(`${id}\0${text}`).digest('hex').slice(0, 16);
}
