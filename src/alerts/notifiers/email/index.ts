import type { Notifier } from '../../../model/notifier.ts';
import { type EmailSettings, recipientsOf, settings } from './settings.ts';

/** Mail by SMTP, with the graph of the order. */
export const email: Notifier<EmailSettings> = {
	name: 'email',
	settings,
	destination: (entry) => `${recipientsOf(entry).join(', ')} by ${entry.host}:${entry.port}`,
	open: async (entry, tools) => (await import('./open.ts')).openEmail(entry, tools),
};
