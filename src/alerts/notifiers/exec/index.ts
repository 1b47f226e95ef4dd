import type { Notifier } from '../../../model/notifier.ts';
import { type ExecSettings, settings } from './settings.ts';

/** A program of the user's, started for each alert as SmokePing does. */
export const exec: Notifier<ExecSettings> = {
	name: 'exec',
	settings,
	destination: ({ command }) => (typeof command === 'string' ? command : (command[0] ?? '')),
	open: async (entry) => (await import('./open.ts')).openExec(entry),
};
