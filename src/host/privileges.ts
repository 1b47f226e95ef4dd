import { execFileSync } from 'node:child_process';
import { StartError } from './start-error.ts';

/** A user of this system. */
export interface SystemUser {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
}

/**
 * Looks up a user by name.
 *
 * Throws `StartError` when there is none.
 */
export function systemUser(name: string): SystemUser {
	let entry: string;
	try {
		entry = execFileSync('getent', ['passwd', '--', name], {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		});
	} catch {
		throw new StartError(`there is no user ${name}. Create it: useradd --system ${name}`);
	}
	const [found = '', , uid, gid] = entry.split(':');
	return { name: found, uid: Number(uid), gid: Number(gid) };
}

/**
 * Becomes another user for good, with that user's groups.
 *
 * Throws `StartError` when this process may not.
 */
export function dropPrivileges(user: SystemUser): void {
	if (process.getuid?.() === user.uid) return;
	if (process.getuid?.() !== 0) {
		throw new StartError(`only root can become ${user.name}: start pingmachine as root or as ${user.name}`);
	}
	const groups = execFileSync('id', ['-G', '--', user.name], { encoding: 'utf8' })
		.trim()
		.split(' ')
		.map(Number);
	process.setgroups?.(groups);
	process.setgid?.(user.gid);
	process.setuid?.(user.uid);
}
