import { createHash } from 'node:crypto';
import type { Notification } from '../../../model/notifier.ts';
import { headlineOf, textOf } from '../shared/words.ts';

/** What is sent, but for the addresses. */
export interface Mail {
	readonly subject: string;
	readonly text: string;
	readonly messageId: string;
	/** The same for all mails of one alert, which readers show together. */
	readonly references?: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Orders of which a graph belongs to it. */
	readonly graphsOf: readonly string[];
}

const graphsMost = 3;
const subjectMost = 200;

export function mailOf(notification: Notification, domain: string): Mail {
	const { key, about, severity, members, atSeconds } = notification;
	const [first] = members;
	const ids = members.flatMap(({ order }) => (order === null ? [] : [order.id]));
	const subject = headlineOf(notification).replaceAll(/\s+/g, ' ');
	return {
		subject: subject.length > subjectMost ? `${subject.slice(0, subjectMost)} …` : subject,
		text: `${textOf(notification)}\n`,
		// Tests are mails of their own.
		messageId: `<${key}${about === 'test' ? Math.round(atSeconds) : ''}@${domain}>`,
		...(members.length === 1 && first !== undefined
			? {
					references: `<alert-${createHash('sha256').update(first.id).digest('hex').slice(0, 32)}@${domain}>`,
				}
			: {}),
		headers: {
			'Auto-Submitted': 'auto-generated',
			'X-Pingmachine-About': about,
			'X-Pingmachine-Severity': severity,
			...(severity === 'critical' && about === 'raise' ? { Importance: 'high' } : {}),
		},
		graphsOf: about === 'test' ? [] : [...new Set(ids)].slice(0, graphsMost),
	};
}
