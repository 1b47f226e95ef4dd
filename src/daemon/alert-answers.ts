import type { FiringAlert } from '../alerts/room-parts.ts';
import { type HeldWhy, partName } from '../model/alert.ts';
import type { AlertsAnswer, FiringAlertAnswer } from '../model/alert-answer.ts';

export function alertsAnswerOf(firing: readonly FiringAlert[]): AlertsAnswer {
	return {
		firing: firing.map(answerOf).sort((a, b) => a.raised - b.raised || (a.id < b.id ? -1 : 1)),
	};
}

function answerOf({ alert, toldSeconds, held, acknowledged }: FiringAlert): FiringAlertAnswer {
	const { id, rule, severity, order, part, what, sinceSeconds, raisedSeconds, pops } = alert;
	return {
		...{ id, rule, severity, order: order?.id ?? null },
		...(part === undefined ? {} : { part: partName(part) }),
		...(order === null ? {} : { user: order.user, probe: order.probe, target: order.target }),
		...(order?.title === undefined ? {} : { title: order.title }),
		...{ what, since: sinceSeconds, raised: raisedSeconds, pops: [...pops], told: toldSeconds },
		...{ held: held === null ? null : { why: held.why, by: heldBy(held) }, acknowledged },
	};
}

function heldBy(held: HeldWhy): string {
	if (held.why === 'parent') return held.parent;
	return held.why === 'muted' ? held.mute : '';
}
