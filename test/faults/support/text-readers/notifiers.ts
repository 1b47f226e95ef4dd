/** Who is told of alerts: what orders, rules and the config say gets there, and what other ends answer. */
import { postable } from '../../../../src/alerts/notifiers/alertmanager/alerts.ts';
import { mailOf } from '../../../../src/alerts/notifiers/email/mail.ts';
import { settings as emailSettings } from '../../../../src/alerts/notifiers/email/settings.ts';
import { argumentsOf } from '../../../../src/alerts/notifiers/exec/open.ts';
import { errorOf } from '../../../../src/alerts/notifiers/shared/post.ts';
import { headlineOf, textOf } from '../../../../src/alerts/notifiers/shared/words.ts';
import { fill } from '../../../../src/alerts/notifiers/webhook/template.ts';
import { valuesOf } from '../../../../src/alerts/notifiers/webhook/values.ts';
import { readNotice } from '../../../../src/delivery/notices/notice-spool.ts';
import type { Notification } from '../../../../src/model/notifier.ts';
import type { TextReaders } from './feeds.ts';

const notice = (text: string, count = 1): Notification => ({
	...{ key: 'k', about: 'raise', severity: 'critical', atSeconds: 0 },
	members: Array.from({ length: count }, () => ({
		...{ id: text, rule: text, severity: 'critical', what: text, sinceSeconds: 0, raisedSeconds: 0 },
		order: { id: text, user: text, probe: 'icmp', target: text, tags: { [text]: text } },
		...{ slots: [], lossReasons: [text], pops: [text], route: [text], title: text, note: text },
	})),
});
const limits = { titleMax: 100, textMax: 1000, escapes: true };

export const notifiers: TextReaders = {
	'src/alerts/notifiers/alertmanager/alerts.ts': [(text) => postable(notice(text), {}, 0)],
	'src/alerts/notifiers/alertmanager/open.ts': 'answers, which src/alerts/notifiers/shared/post.ts reads',
	'src/alerts/notifiers/email/mail.ts': [(text) => mailOf(notice(text), 'a.example')],
	'src/alerts/notifiers/email/settings.ts': [(text) => emailSettings.safeParse({ to: text })],
	'src/alerts/notifiers/email/open.ts':
		'the words of nodemailer, which cuts answers, and a name of this machine',
	'src/alerts/notifiers/exec/open.ts': [(text) => argumentsOf(notice(text))],
	'src/alerts/notifiers/shared/post.ts': [
		(text) => errorOf({ status: 429, text, retryAfter: text }, 'a.example'),
		(text) => errorOf({ status: 429, text: `"retry_after": ${text}`, retryAfter: null }, 'a.example'),
	],
	'src/alerts/notifiers/shared/words.ts': [
		(text) => headlineOf(notice(text)),
		(text) => textOf(notice(text)),
		(text) => textOf(notice(text, 3)),
	],
	'src/alerts/notifiers/webhook/template.ts': [
		(text) => fill(text, { title: text }),
		(text) => fill({ [text]: [`{title}${text}`] }, { title: text }),
	],
	'src/alerts/notifiers/webhook/values.ts': [(text) => valuesOf(notice(text), limits, {})],
	'src/delivery/notices/notice-spool.ts': [readNotice],
	'src/delivery/notices/told-journal.ts': 'lines that we have written; ids of alerts are names of files',
	'src/daemon/heartbeat.ts': 'a URL that the config has checked',
	'src/daemon/order-graph.ts': 'the complaints of a program of ours, 64 KiB at most',
};
