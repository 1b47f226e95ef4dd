import type { Notifier } from '../../../model/notifier.ts';
import { originOf } from '../shared/settings.ts';
import { type AlertmanagerSettings, settings, urlsOf } from './settings.ts';

/** Prometheus' Alertmanager, by its API v2: told again each minute of all that fires. */
export const alertmanager: Notifier<AlertmanagerSettings> = {
	name: 'alertmanager',
	settings,
	destination: (entry) => urlsOf(entry).map(originOf).join(', '),
	wantsState: true,
	open: async (entry, tools) => (await import('./open.ts')).openAlertmanager(entry, tools),
};
