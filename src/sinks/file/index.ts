import type { Sink } from '../../model/sink.ts';
import { type FileSettings, settings } from './settings.ts';

/** A file of lines, which is replaced by a new one when it is large or old. */
export const file: Sink<FileSettings> = {
	name: 'file',
	settings,
	destination: ({ path }) => `file://${path}`,
	confirms: () => true,
	outcomes: 'all',
	open: async (entry, tools) => (await import('./line-file.ts')).openFile(entry, tools),
};
