import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { createRequire } from 'node:module';
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
	const asked = spawnSync('getent', ['passwd', '--', name], { encoding: 'utf8' });
	if (asked.error !== undefined) {
		throw new StartError(`can't look up the user ${name}: ${whyNotRun('getent', 'libc-bin', asked.error)}`);
	}
	if (asked.status !== 0) {
		throw new StartError(`there is no user ${name}. Create it: useradd --system ${name}`);
	}
	const [found = '', , uid, gid] = asked.stdout.split(':');
	return { name: found, uid: Number(uid), gid: Number(gid) };
}

/** Whether this process has to be started anew to be that user's. Throws `StartError` when it may not become it. */
export function mustBecome(user: SystemUser): boolean {
	if (process.getuid?.() === user.uid) return false;
	if (process.getuid?.() === 0) return true;
	throw new StartError(`only root can become ${user.name}: start pingmachine as root or as ${user.name}`);
}

export interface StartAgain {
	/** Must be there. */
	readonly baseDir: string;
	/** Handed over open, because the user may not be allowed to read it; see `takeHandedFile`. */
	readonly configFile: string | undefined;
}

/**
 * Starts this program again as another user for good, with that user's groups and no capabilities, in the same process:
 * its number, folder, environment and standard files stay. Node cannot be trusted to change the user of a program that
 * runs: Debian's refuses, since a thread of the kernel might go on with root's rights (CVE-2024-22017).
 *
 * Throws `StartError` when that is not possible, and does not return otherwise.
 */
export function startAgainAs(user: SystemUser, { baseDir, configFile }: StartAgain): never {
	const become = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
	const script = process.argv[1] ?? '';
	checkAccess(user, become, script, baseDir);
	const c = loadCalls();
	if (configFile !== undefined) {
		const fd = openSync(configFile, 'r');
		process.env[handedFileVariable] = String(fd);
		c.inherit(fd);
	}
	for (const fd of [0, 1, 2]) c.inherit(fd);
	const again = [process.execPath, ...process.execArgv, script, ...process.argv.slice(2)];
	const reason = c.replaceProcess('setpriv', [...become, ...again]);
	throw new StartError(`can't become ${user.name}: setpriv could not be started (${reason})`);
}

const handedFileVariable = 'PINGMACHINE_CONFIG_FD';

/** The number of the open file that `startAgainAs` handed over. Ask once: what we start must not know of it. */
export function takeHandedFile(): number | undefined {
	const { [handedFileVariable]: fd } = process.env;
	delete process.env[handedFileVariable];
	return fd === undefined ? undefined : Number(fd);
}

/** What the shell tests, as the user, and what there is to say when that is not so. */
const tests = [
	{
		flag: '-x',
		says: (who: string, path: string) =>
			`the user ${who} may not run ${path}. Install Node.js where everybody may: apt-get install nodejs`,
	},
	{
		flag: '-r',
		says: (who: string, path: string) =>
			`the user ${who} may not read ${path}. Install pingmachine where everybody may: scripts/install`,
	},
	{
		flag: '-d',
		says: (who: string, path: string) => `the user ${who} may not enter the folder that ${path} is in`,
	},
	{
		flag: '-r',
		says: (who: string, path: string) => `can't open ${path} as ${who}. Give it to the user ${who}`,
	},
];
const firstTestCode = 10;

function checkAccess(user: SystemUser, become: readonly string[], script: string, baseDir: string): void {
	const paths = [process.execPath, script, baseDir, baseDir];
	const shell = tests.map(
		({ flag }, index) => `[ ${flag} "$${index + 1}" ] || exit ${firstTestCode + index}`,
	);
	const { status, error, stderr } = spawnSync(
		'setpriv',
		[...become, 'sh', '-c', shell.join('\n'), 'sh', ...paths],
		{ stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
	);
	if (status === 0) return;
	const failed = (status ?? 0) - firstTestCode;
	const test = tests[failed];
	if (test !== undefined) throw new StartError(test.says(user.name, paths[failed] ?? ''));
	const reason = error === undefined ? stderr.trim() : whyNotRun('setpriv', 'util-linux', error);
	throw new StartError(`can't become ${user.name}: ${reason}`);
}

function whyNotRun(program: string, debianPackage: string, error: NodeJS.ErrnoException): string {
	const isMissing = error.code === 'ENOENT';
	return isMissing ? `${program} is not installed: apt-get install ${debianPackage}` : error.message;
}

interface Calls {
	/** Leaves a file open for the program that takes the place of this one. */
	inherit(fd: number): void;
	/** Returns only when it failed, with the number of the reason. */
	replaceProcess(program: string, args: readonly string[]): string;
}

/** Node has neither. Throws `StartError` where no native code may be loaded. */
function loadCalls(): Calls {
	try {
		const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
		const libc = koffi.load(null);
		const fcntl = libc.func('int fcntl(int, int, ...)');
		const execvp = libc.func('int execvp(const char *, const char **)');
		const setFlags = 2;
		return {
			inherit: (fd) => void fcntl(fd, setFlags, 'int', 0),
			replaceProcess: (program, args) => {
				execvp(program, [program, ...args, null]);
				return `errno ${koffi.errno()}`;
			},
		};
	} catch (error) {
		throw new StartError(
			`--user cannot be used here, because koffi could not be loaded: ${(error as Error).message.split('\n')[0]}. ` +
				'Start pingmachine as the user that it shall be: setpriv --reuid=USER --regid=GROUP --init-groups pingmachine run',
		);
	}
}
