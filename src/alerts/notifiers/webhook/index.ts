import type { Notifier } from '../../../model/notifier.ts';
import { originOf } from '../shared/settings.ts';
import { presets } from './presets.ts';
import { settings, type WebhookSettings } from './settings.ts';

/** Any service that takes an HTTP request: with a body of our own, or as a service wants it. */
export const webhook: Notifier<WebhookSettings> = {
	name: 'webhook',
	settings,
	destination: ({ url, preset }) => {
		const origin = originOf(url ?? (preset === undefined ? '' : presets[preset].url) ?? 'http://localhost');
		return preset === undefined ? origin : `${preset} at ${origin}`;
	},
	open: async (entry, tools) => (await import('./open.ts')).openWebhook(entry, tools),
};
