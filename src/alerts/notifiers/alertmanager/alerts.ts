import { partName } from '../../../model/alert.ts';
import type { Notification, NotifiedAlert } from '../../../model/notifier.ts';
import { isoTime, lossesOf, nameOf, rttsOf } from '../shared/words.ts';

/** As `POST /api/v2/alerts` takes it. */
export interface PostableAlert {
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	readonly startsAt: string;
	readonly endsAt: string;
	readonly generatorURL?: string;
}

/** Alertmanager takes an alert for over when it has not heard of it for so long. Told again each minute. */
const livesSeconds = 300;
/** Labels are part of what an alert is called; longer ones are refused nowhere, but help nobody. */
const textMost = 2000;

/** Those of a message. Of alerts with the same labels the newest counts: what was cleared may fire again. */
export function postable(
	{ about, members }: Notification,
	labels: Readonly<Record<string, string>>,
	nowSeconds: number,
): readonly PostableAlert[] {
	const newest = new Map<string, NotifiedAlert>();
	for (const member of members) {
		const part = member.part === undefined ? '' : partName(member.part);
		const key = `${member.rule}\n${member.order?.id ?? ''}\n${part}`;
		const known = newest.get(key);
		if (known === undefined || known.sinceSeconds <= member.sinceSeconds) newest.set(key, member);
	}
	return [...newest.values()].map((member) => alertOf(member, labels, nowSeconds, about === 'test'));
}

function alertOf(
	alert: NotifiedAlert,
	more: Readonly<Record<string, string>>,
	nowSeconds: number,
	isTest: boolean,
): PostableAlert {
	const { order, part, rule, severity, sinceSeconds, clearedSeconds } = alert;
	// A test is over at once, as far as Alertmanager goes: in a minute.
	const livesUntil = nowSeconds + (isTest ? 60 : livesSeconds);
	// An alert clears at the end of a slot, which may be to come. Alertmanager takes an end that is to come for no end, and
	// of two keeps the later: the alert would fire on.
	const endSeconds =
		clearedSeconds === undefined
			? livesUntil
			: Math.min(Math.max(clearedSeconds, sinceSeconds), nowSeconds - 1);
	return {
		labels: {
			...(order === null ? {} : labelsOf(order.tags)),
			...more,
			...{ alertname: rule, severity },
			...(part === undefined ? {} : { [part.kind]: part.name }),
			...(order === null
				? {}
				: { order: order.id, user: order.user, probe: order.probe, target: order.target }),
		},
		annotations: annotationsOf(alert),
		startsAt: isoTime(Math.min(sinceSeconds, endSeconds)),
		endsAt: isoTime(endSeconds),
		...(alert.pageUrl === undefined ? {} : { generatorURL: alert.pageUrl }),
	};
}

/** Tags that can be labels: people route by them. */
function labelsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(tags).filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(name)),
	);
}

function annotationsOf(alert: NotifiedAlert): Record<string, string> {
	const { slots, route, lossReasons } = alert;
	const rows: readonly (readonly [string, string | undefined])[] = [
		['summary', `${nameOf(alert)}: ${alert.what}`],
		['description', alert.ruleTitle],
		['loss', slots.length === 0 ? undefined : lossesOf(slots)],
		['rtt', slots.length === 0 ? undefined : rttsOf(slots)],
		['loss_reasons', lossReasons.length === 0 ? undefined : lossReasons.join(', ')],
		['pops', alert.pops.join(', ')],
		['route', route === null ? undefined : route.map((hop) => hop ?? '*').join(' > ')],
		['title', alert.title],
		['note', alert.note],
		['rule_note', alert.ruleNote],
		['link', alert.link],
		['acknowledged', alert.acknowledged],
	];
	return Object.fromEntries(
		rows.flatMap(([name, value]) =>
			value === undefined || value === '' ? [] : [[name, value.slice(0, textMost)]],
		),
	);
}
