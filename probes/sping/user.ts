import type { CommandResult, ProbeTools } from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';

/** A command line: program and arguments. */
export interface CommandLine {
	readonly program: string;
	readonly args: readonly string[];
}

/** Makes of a command line one that runs as another user. */
export type AsUser = (line: CommandLine) => CommandLine;

/**
 * How to run programs as this user: with setpriv as root, otherwise with sudo. Throws an `Error` for the user when that
 * is not possible.
 *
 * @param limitMs a program that runs as another user cannot be ended from here: it must end by itself within this time
 */
export async function asUser(
	user: string,
	limitMs: number,
	{ runCommand, signal }: Pick<ProbeTools, 'runCommand' | 'signal'>,
): Promise<AsUser> {
	const identity = async (flag: '-u' | '-g') => {
		const run = await runCommand('id', [flag, '--', user], {
			signal,
			endWith: 'SIGTERM',
			debianPackage: 'coreutils',
		});
		if (run.stopped) throw new ProbeError('stopped', `stopped while looking up the user ${user}`);
		if (run.exitCode !== 0) {
			throw new ProbeError(
				'refused_here',
				`there is no user ${user}. Create it, or correct user: in the config file`,
			);
		}
		return run.stdout.trim();
	};
	const uid = await identity('-u');
	const own = process.geteuid?.();
	if (Number(uid) === own) return (line) => line;
	return own === 0 ? withSetpriv(uid, await identity('-g')) : withSudo(user, limitMs);
}

/** For root. */
export function withSetpriv(uid: string, gid: string): AsUser {
	const flags = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all'];
	return ({ program, args }) => ({ program: 'setpriv', args: [...flags, '--', program, ...args] });
}

/** For others than root: they cannot send signals to what sudo has started, so that has to end by itself. */
export function withSudo(user: string, limitMs: number): AsUser {
	const limit = ['timeout', '--preserve-status', '--signal=INT', '--kill-after=1', String(limitMs / 1000)];
	return ({ program, args }) => ({
		program: 'sudo',
		args: ['-n', '-u', user, '--', ...limit, program, ...args],
	});
}

/** What to do when the program could not be run as the other user, or nothing. */
export function remedyForUser(user: string, { stderr }: CommandResult): string {
	if (/no new privileges/i.test(stderr)) {
		return `. Set NoNewPrivileges=no in the systemd unit, or run pingmachine as ${user}`;
	}
	if (/^sudo: .*(password|not allowed|not in the sudoers)|is not in the sudoers/m.test(stderr)) {
		return `. Let sudo run it as ${user} without a password (NOPASSWD: in sudoers), or run pingmachine as ${user}`;
	}
	if (/^setpriv: (setresuid|setresgid|setgroups|initgroups|cap|prctl|set)/m.test(stderr)) {
		return `. Add CAP_SETUID and CAP_SETGID to CapabilityBoundingSet= of the systemd unit, or run pingmachine as ${user}`;
	}
	return '';
}
