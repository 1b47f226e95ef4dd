import type { Notification, NotifierTools, OpenNotifier } from '../../../model/notifier.ts';
import { messageJson } from '../shared/json.ts';
import { type HttpMessage, post } from '../shared/post.ts';
import { readSecret } from '../shared/secret-files.ts';
import { toldOf } from '../shared/told.ts';
import { presets } from './presets.ts';
import type { WebhookSettings } from './settings.ts';
import { fill, type Json, type Values } from './template.ts';
import { valuesOf } from './values.ts';

/** Where texts of our own are not limited by a service. */
const freely = { titleMax: 1000, textMax: 20_000 };

/** Makes ready. Reads the files with secrets anew, so that they can be changed. */
export async function openWebhook(
	settings: WebhookSettings,
	{ version }: NotifierTools,
): Promise<OpenNotifier> {
	const [password, token, ca] = await Promise.all([
		settings.password ?? readSecret('password_file', settings.password_file),
		settings.token ?? readSecret('token_file', settings.token_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	const preset = settings.preset === undefined ? null : presets[settings.preset];
	const secrets = { token, chatId: settings.chat_id, topic: settings.topic };
	const { method, tls_verify: verifyTls } = settings;
	const url = settings.url ?? String(fill(preset?.url ?? '', secrets));
	const headers = {
		'User-Agent': `pingmachine/${version}`,
		'Content-Type': 'application/json; charset=utf-8',
		...authorization(settings, password, token),
		...preset?.headers,
		...settings.headers,
	};
	const message = { url, method, headers, verifyTls, ca };
	const body = preset?.body ?? settings.body;
	const told = toldOf(settings);
	return {
		send: async (notification, signal) => {
			const limits = preset ?? freely;
			const text = (of: Notification) => bodyOf(of, body, valuesOf(of, limits, secrets));
			if (preset?.each !== true) await post({ ...message, body: text(notification) }, signal);
			else
				await told.each(notification, async (single) => {
					await post({ ...message, body: text(single) } satisfies HttpMessage, signal);
				});
		},
		close: async () => {},
	};
}

function authorization(
	{ username, preset }: WebhookSettings,
	password: string | undefined,
	token: string | undefined,
): Record<string, string> {
	if (username !== undefined) {
		const credentials = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
		return { Authorization: `Basic ${credentials}` };
	}
	// With these it is a part of the body or of the address.
	const isElsewhere = preset === 'telegram' || preset?.startsWith('pagerduty') === true;
	return token === undefined || isElsewhere ? {} : { Authorization: `Bearer ${token}` };
}

function bodyOf(notification: Notification, template: Json | undefined, values: Values): string {
	return JSON.stringify(template === undefined ? messageJson(notification) : fill(template, values));
}
