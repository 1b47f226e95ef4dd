import type { Notification, NotifiedAlert } from '../../../model/notifier.ts';
import { headlineOf, isoTime, textOf } from './words.ts';

/** The JSON of one alert, as programs get it. Times are ISO 8601, RTTs seconds, losses shares. */
function alertJson(alert: NotifiedAlert) {
	const { id, rule, severity, order, what, slots, lossReasons, pops, route } = alert;
	return {
		...{ id, rule, severity, status: alert.clearedSeconds === undefined ? 'firing' : 'cleared', what },
		order:
			order === null
				? null
				: {
						...{ id: order.id, user: order.user, probe: order.probe, target: order.target, tags: order.tags },
						...(order.task === undefined ? {} : { task: order.task }),
					},
		...(alert.part === undefined ? {} : { part: { ...alert.part } }),
		since: isoTime(alert.sinceSeconds),
		raised: isoTime(alert.raisedSeconds),
		cleared: alert.clearedSeconds === undefined ? null : isoTime(alert.clearedSeconds),
		slots: slots.map(({ startSeconds, lossShare, medianSeconds, code, pop }) => ({
			...{ time: isoTime(startSeconds), loss: lossShare, median: medianSeconds },
			...(code === undefined ? {} : { code }),
			...(pop === undefined ? {} : { pop }),
		})),
		...{ loss_reasons: lossReasons, pops, route },
		...{ title: alert.title ?? null, note: alert.note ?? null, link: alert.link ?? null },
		...{ rule_title: alert.ruleTitle ?? null, rule_note: alert.ruleNote ?? null },
		...{ page: alert.pageUrl ?? null, acknowledged: alert.acknowledged ?? null },
	};
}

/** The JSON of a message, as `webhook` without a preset and `exec` give it. */
export function messageJson(notification: Notification) {
	const { key, about, severity, atSeconds, members } = notification;
	return {
		...{ version: 1, key, about, severity, time: isoTime(atSeconds) },
		...{ headline: headlineOf(notification), text: textOf(notification) },
		alerts: members.map(alertJson),
	};
}
