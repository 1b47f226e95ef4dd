import type { AlertSlot } from '../../../model/alert.ts';
import { localPop, partName } from '../../../model/alert.ts';
import type { Notification, NotifiedAlert } from '../../../model/notifier.ts';

/** What people read, in whatever way they are told. */

/** So many are listed; the others are counted. */
const listMost = 50;
const slotsMost = 10;

/** `[critical] raised: core/a: loss 60 % …`, or how many there are. */
export function headlineOf({ about, severity, members }: Notification): string {
	const [first] = members;
	if (about === 'test') return 'pingmachine: a test of this notifier, nothing is wrong';
	const head = `[${severity}] ${aboutWords[about]}`;
	if (members.length > 1) {
		const rules = [...new Set(members.map(({ rule }) => rule))];
		const some = rules.slice(0, 3).join(', ');
		return `${head}: ${members.length} alerts (${rules.length > 3 ? `${some}, …` : some})`;
	}
	return first === undefined ? head : `${head}: ${nameOf(first)}: ${first.what}`;
}

const aboutWords = {
	...{ raise: 'raised', clear: 'cleared', reminder: 'still there', state: 'state', test: 'test' },
} as const satisfies Record<Notification['about'], string>;

/** All of it: one alert with all that is known, several as a list. */
export function textOf(notification: Notification): string {
	const { about, members } = notification;
	const [first] = members;
	if (about === 'test')
		return 'Somebody tries whether messages of pingmachine arrive here. They do. Nothing is wrong.';
	if (members.length === 1 && first !== undefined) return detailsOf(first).join('\n');
	const lines = members.slice(0, listMost).map((member) => `- ${lineOf(member)}`);
	const others = members.length - lines.length;
	return [...lines, ...(others > 0 ? [`- and ${others} others`] : [])].join('\n');
}

/** Of an order its title and id, of a part of the daemon its kind and name, of the daemon itself the rule. */
export function nameOf({ order, part, title, rule }: NotifiedAlert): string {
	if (part !== undefined) return partName(part);
	if (order === null) return rule;
	return title === undefined ? order.id : `${title} (${order.id})`;
}

function lineOf(alert: NotifiedAlert): string {
	const target = alert.order === null ? '' : ` [${alert.order.target}]`;
	return `${alert.severity}: ${nameOf(alert)}${target}: ${alert.what}, since ${timeOf(alert.sinceSeconds)}`;
}

function detailsOf(alert: NotifiedAlert): string[] {
	const { order, pops, route, slots, lossReasons } = alert;
	const isElsewhere = pops.some((pop) => pop !== localPop);
	const rows: readonly (readonly [string, string | undefined])[] = [
		['what', alert.what],
		['rule', alert.ruleTitle === undefined ? alert.rule : `${alert.ruleTitle} (${alert.rule})`],
		['order', order?.id],
		['part', alert.part === undefined ? undefined : partName(alert.part)],
		['target', order === null ? undefined : `${order.target} (${order.probe})`],
		['since', timeOf(alert.sinceSeconds)],
		['until', alert.clearedSeconds === undefined ? undefined : timeOf(alert.clearedSeconds)],
		['seen by', isElsewhere ? pops.join(', ') : undefined],
		['loss', slots.length === 0 ? undefined : lossesOf(slots)],
		['rtt', slots.length === 0 ? undefined : rttsOf(slots)],
		['reason', lossReasons.length === 0 ? undefined : lossReasons.join(', ')],
		['route', route === null ? undefined : route.map((hop) => hop ?? '*').join(' > ')],
		['known to', alert.acknowledged],
		['note', alert.note],
		['rule note', alert.ruleNote],
		['link', alert.link],
		['page', alert.pageUrl],
	];
	return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
}

/** `0%, 20%, U`: the last slots, the oldest first. */
export function lossesOf(slots: readonly AlertSlot[]): string {
	return slots
		.slice(-slotsMost)
		.map(({ lossShare }) => (lossShare === null ? 'U' : `${Math.round(lossShare * 100)}%`))
		.join(', ');
}

/** `12.3ms, U`. */
export function rttsOf(slots: readonly AlertSlot[]): string {
	return slots
		.slice(-slotsMost)
		.map(({ medianSeconds }) =>
			medianSeconds === null ? 'U' : `${Number((medianSeconds * 1000).toPrecision(3))}ms`,
		)
		.join(', ');
}

/** In UTC, to the second. */
function timeOf(seconds: number): string {
	return isoTime(seconds).replace('T', ' ').replace('Z', ' UTC');
}

/** ISO 8601, to the second. */
export function isoTime(seconds: number): string {
	const ms = Math.round(seconds) * 1000;
	return Number.isNaN(new Date(ms).getTime()) ? '?' : new Date(ms).toISOString().replace('.000Z', 'Z');
}
