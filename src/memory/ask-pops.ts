import { readFileSync } from 'node:fs';
import {
	type PopChangeAnswer,
	type PopsAnswer,
	type PopWish,
	popChangeAnswer,
	popsAnswer,
} from '../model/pops-answer.ts';
import { asked } from './ask-daemon.ts';
import type { Asked } from './ask-socket.ts';

/** What stands there may change points of presence: only the daemon's user and root can read it. */
export function controlFile(baseDir: string): string {
	return `${baseDir}/state/control`;
}

/** Asks the daemon about its points of presence. Never rejects. */
export function askAboutPops(baseDir: string): Promise<Asked<PopsAnswer>> {
	return asked(baseDir, '/v1/pops', popsAnswer);
}

/** Has the daemon change its points of presence. Never rejects. */
export async function changePop(baseDir: string, wish: PopWish): Promise<Asked<PopChangeAnswer>> {
	let key: string;
	try {
		key = readFileSync(controlFile(baseDir), 'utf8');
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') return { silence: 'it does not run, or is no hub: write hub: into its config' };
		return {
			silence: 'permission denied. Ask as root, or as the user that the daemon runs as',
			isForbidden: true,
		};
	}
	const path = `/v1/pops?wish=${encodeURIComponent(JSON.stringify(wish))}`;
	return asked(baseDir, path, popChangeAnswer, {
		method: 'POST',
		headers: { authorization: `Bearer ${key}` },
	});
}
