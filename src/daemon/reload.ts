import { changedKeys } from '../config/changed-keys.ts';
import type { Config } from '../config/config.ts';
import type { ProcessLog } from '../host/log.ts';
import type { Log } from '../model/log.ts';
import type { Rooms } from './rooms.ts';

/**
 * Has the rooms go on with the config as it is now. What needs a restart is told, each time until there is one; what is
 * wrong changes nothing, and gives false.
 */
export function reload(
	rooms: Rooms,
	readConfig: () => Config,
	log: Log,
	setLevel: ProcessLog['setLevel'],
): boolean {
	try {
		const fresh = readConfig();
		const { applied, needRestart } = changedKeys(rooms.config, fresh);
		const { baseDir, user, logFormat } = rooms.config;
		rooms.configure({ ...fresh, baseDir, user, logFormat });
		setLevel(fresh.logLevel);
		const nothing = needRestart.length === 0 ? 'nothing changed' : 'nothing else changed';
		log.info(`read the config again: ${applied.length === 0 ? nothing : `changed ${applied.join(', ')}`}`);
		if (needRestart.length > 0) log.warn(`restart pingmachine for the new ${needRestart.join(', ')}`);
		return true;
	} catch (error) {
		log.error(`the config stays as it was: ${(error as Error).message}`);
		return false;
	}
}
