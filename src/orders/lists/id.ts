import { createHash } from 'node:crypto';
import { isIgnored } from '../entry.ts';
import { wrongWithId } from '../names.ts';

/** Longer targets, URLs say, do not make good names. */
const plainMaxBytes = 200;

/** The name of the order for a target: always the same, never that of another target, and mostly the target itself. */
export function nameForTarget(target: string): string {
	const name = target.replaceAll(/[%/\s]/g, encodeURIComponent);
	// `host.tmp` and the like
	const visible = isIgnored(name) ? name.replaceAll(/[.~#]/g, percentCode) : name;
	if (wrongWithId(visible) === null && Buffer.byteLength(visible) <= plainMaxBytes) return visible;
	return secretNameForTarget(target);
}

/** The same for a target that holds what nobody may be shown: a name that does not tell it. */
export function secretNameForTarget(target: string): string {
	return `sha256%${createHash('sha256').update(target).digest('hex').slice(0, 32)}`;
}

/** Unlike encodeURIComponent this knows no exceptions. */
function percentCode(character: string): string {
	return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
