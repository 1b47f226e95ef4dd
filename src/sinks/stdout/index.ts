import type { Sink } from '../../model/sink.ts';
import { type StdoutSettings, settings } from './settings.ts';

/** The standard output of the daemon, whose log goes to standard error. */
export const stdout: Sink<StdoutSettings> = {
	name: 'stdout',
	settings,
	destination: () => 'stdout',
	confirms: () => true,
	outcomes: 'all',
	open: async (entry, tools) => (await import('./output.ts')).openStdout(entry, tools),
};
