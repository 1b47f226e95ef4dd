import { z } from 'zod';
import { file, headerValue, httpUrl, secret } from '../shared/settings.ts';
import { presetNames, presets } from './presets.ts';

const keys = z.strictObject({
	url: httpUrl.optional(),
	preset: z.enum(presetNames).optional(),
	method: z.enum(['POST', 'PUT']).default('POST'),
	/** The name of a header, and what it says. */
	headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/), headerValue).default({}),
	/** JSON, with `{title}` and the like in it. */
	body: z.json().optional(),
	/** Of the service: an access token, a bot's, or PagerDuty's routing key. */
	token: secret,
	token_file: file,
	/** Of Telegram. */
	chat_id: z.union([z.int(), z.string().min(1)]).optional(),
	/** Of ntfy. */
	topic: z
		.string()
		.regex(/^[-_A-Za-z0-9]{1,64}$/, 'must have 1 to 64 letters, digits, - and _')
		.optional(),
	username: z.string().min(1).optional(),
	password: secret,
	password_file: file,
	tls_ca_file: file,
	tls_verify: z.boolean().default(true),
});

type Keys = z.infer<typeof keys>;

export const settings = keys.superRefine((written, context) => {
	for (const [key, message] of faultsOf(written))
		context.addIssue({ code: 'custom', path: [key], message, input: written[key] });
});

export type WebhookSettings = Keys;

function* faultsOf(written: Keys): Generator<readonly [keyof Keys, string]> {
	const { preset, body, token, token_file, password, password_file } = written;
	const needs = preset === undefined ? (['url'] as const) : presets[preset].needs;
	for (const key of needs) {
		const isThere = key === 'token' ? (token ?? token_file) !== undefined : written[key] !== undefined;
		if (!isThere) yield [key, `is missing${preset === undefined ? '' : `: ${preset} needs it`}`];
	}
	if (preset !== undefined && body !== undefined) yield ['body', 'goes without preset. Remove one of them'];
	if (token !== undefined && token_file !== undefined)
		yield ['token_file', 'goes without token. Remove one of them'];
	if (password !== undefined && password_file !== undefined)
		yield ['password_file', 'goes without password. Remove one of them'];
}
