import type { Alert } from '../model/alert.ts';
import type { Mute } from '../model/mute.ts';
import type { NotifiedAlert } from '../model/notifier.ts';
import type { OrderWatch } from './order-watch.ts';
import type { FiringAlert } from './room-parts.ts';
import type { Live } from './teller-parts.ts';

/** What people are told of an alert besides what it is. `deadHop`: behind which all is down; null: there is none. */
export function detailsOf(
	alert: Alert,
	watch: OrderWatch,
	deadHop: string | null,
	pagesUrl: string | null,
): Partial<NotifiedAlert> {
	const { identity, note, link } = watch.order;
	const rule = watch.bound.find(({ compiled }) => compiled.rule.name === alert.rule)?.compiled.rule;
	const path = watch.id.split('/').map(encodeURIComponent).join('/');
	return {
		...(deadHop === null
			? {}
			: { what: `${alert.what}; all that is known behind the hop ${deadHop} is down` }),
		lossReasons: watch.lossReason === null ? [] : [watch.lossReason],
		...(identity.title === undefined ? {} : { title: identity.title }),
		...(note === undefined ? {} : { note }),
		...(link === undefined ? {} : { link }),
		...(rule?.title === undefined ? {} : { ruleTitle: rule.title }),
		...(rule?.note === undefined ? {} : { ruleNote: rule.note }),
		...(pagesUrl === null ? {} : { pageUrl: `${pagesUrl}/orders/${path}` }),
	};
}

/** All alerts that fire, for those who ask. */
export function firingOf(
	live: Iterable<Live>,
	mutingOf: (alert: Alert) => Mute | null,
): readonly FiringAlert[] {
	return [...live].map(({ alert, toldSeconds, held }) => {
		const mute = mutingOf(alert);
		const acknowledged = mute?.alert === undefined ? null : (mute.by ?? mute.name);
		return { alert, toldSeconds, held, acknowledged };
	});
}
