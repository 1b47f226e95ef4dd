import { createHash } from 'node:crypto';
import type { Severity } from '../../../model/alert.ts';
import type { Notification } from '../../../model/notifier.ts';
import { messageJson } from '../shared/json.ts';
import { headlineOf, isoTime, nameOf, textOf } from '../shared/words.ts';
import type { Values } from './template.ts';

export interface Limits {
	readonly titleMax: number;
	readonly textMax: number;
	readonly escapes?: boolean;
}

/** What templates may name. */
export function valuesOf(notification: Notification, limits: Limits, secrets: Values): Values {
	const { about, severity, members, key, atSeconds } = notification;
	const [first] = members;
	const isOver = about === 'clear' || about === 'test';
	const only = members.length === 1 ? first : undefined;
	const color = isOver ? '#2eb886' : colors[severity];
	const json = messageJson(notification);
	const text = shortened(textOf(notification), limits.textMax, false);
	return {
		...secrets,
		title: shortened(headlineOf(notification), limits.titleMax, limits.escapes === true),
		text,
		paragraphs: text.replaceAll('\n', '\n\n'),
		...{ about, severity, key, time: isoTime(atSeconds), count: members.length },
		status: isOver ? 'resolved' : 'firing',
		color,
		colorNumber: Number.parseInt(color.slice(1), 16),
		teamsColor: isOver ? 'Good' : teamsColors[severity],
		pagerdutyAction: isOver ? 'resolve' : 'trigger',
		priority: isOver ? 3 : priorities[severity],
		emoji: isOver ? 'white_check_mark' : emoji[severity],
		isQuiet: severity === 'info',
		dedupKey: `pingmachine-${createHash('sha256')
			.update(first?.id ?? key)
			.digest('hex')
			.slice(0, 40)}`,
		page: only?.pageUrl,
		source: only === undefined ? 'pingmachine' : shortened(nameOf(only), 200, false),
		rule: first?.rule,
		...{ order: only?.order?.id, target: only?.order?.target, user: only?.order?.user },
		pops: first?.pops ?? [],
		alerts: json.alerts,
	};
}

const colors = { info: '#439fe0', warning: '#daa038', critical: '#d00000' } as const satisfies Record<
	Severity,
	string
>;
const teamsColors = { info: 'Accent', warning: 'Warning', critical: 'Attention' } as const;
const priorities = { info: 2, warning: 4, critical: 5 } as const;
const emoji = { info: 'information_source', warning: 'warning', critical: 'rotating_light' } as const;

/** Never cuts a character in two, and counts as services do: in UTF-16 units. */
function shortened(text: string, most: number, escapes: boolean): string {
	const shown = text.length <= most ? text : `${text.slice(0, most - 2).replace(/[\ud800-\udbff]$/, '')} …`;
	if (!escapes) return shown;
	return shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
