import { readdirSync } from 'node:fs';
import type { Log } from '../model/log.ts';

/** Logs which folders below `spoolFolder` hold something and belong to none of the sinks. */
export function tellLeftovers(spoolFolder: string, sinkNames: readonly string[], log: Log): void {
	const known = new Set(sinkNames);
	for (const name of namesIn(spoolFolder)) {
		const folder = `${spoolFolder}/${name}`;
		// Those of notifiers, which no sink can be called.
		if (name.startsWith('@')) continue;
		if (known.has(name) || namesIn(folder).length === 0) continue;
		log.warn(
			`${folder} holds results for a sink that is not configured any more: they are kept. Configure it again (name: ${name}), or remove the folder`,
		);
	}
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		// There is none, it is a file, or it cannot be read, which those who need it say.
		return [];
	}
}
