import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences of what `quick.ts` makes, in that folder. */
export const bundledLicences = 'LICENCES';

/** The text of the licence in the folder of a package; null: there is none. */
export function licenceFileIn(folder: string): string | null {
	if (!existsSync(folder)) return null;
	const name = readdirSync(folder).find((file) => /^licen[cs]e(?:[-.].*)?$/i.test(file));
	return name === undefined ? null : readFileSync(join(folder, name), 'utf8');
}
