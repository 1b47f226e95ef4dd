import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, availableParallelism, version as kernelVersion, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { readConfigRoot } from '../../config/config-text.ts';
import { version } from '../../host/version.ts';
import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import { describeFindingIn } from '../../model/findings.ts';
import { withoutSecrets } from './without-secrets.ts';

const megabyte = 1024 * 1024;
const patienceMs = 5000;

/** What each program says of its version, in one line. */
const programs: readonly (readonly [program: string, ...args: string[]])[] = [
	['fping', '--version'],
	['httping', '--version'],
	['rrdtool', '--version'],
	['scion', 'version'],
	['ssh', '-V'],
];

/** pingmachine, Node.js, the system, and the programs that measure. */
export function aboutMachine(): string[] {
	return [
		`pingmachine ${version}`,
		`Node.js ${process.version}`,
		`${systemName()}, Linux ${release()} ${arch()} (${kernelVersion()})`,
		`${availableParallelism()} processors, ${Math.round(totalmem() / megabyte)} MB of memory`,
		`time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}, now ${new Date().toISOString()}`,
		...programs.map((line) => versionOf(...line)),
	];
}

function systemName(): string {
	try {
		return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown system';
	} catch {
		return 'unknown system';
	}
}

function versionOf(program: string, ...args: string[]): string {
	const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: patienceMs });
	if (error !== undefined)
		return `${program}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not installed' : error.message}`;
	const line = `${stdout}\n${stderr}`.split('\n').find((text) => /\d/.test(text)) ?? 'says no version';
	return `${program}: ${line.trim().slice(0, 200)}`;
}

/** The config file without its secrets and comments, and which base directory it names. */
export function settingsIn(file: string | undefined): {
	readonly lines: readonly string[];
	readonly baseDir: string;
} {
	if (file === undefined)
		return { lines: ['only what is usual, and the options of the daemon'], baseDir: '' };
	const root = readConfigRoot(file);
	if ('finding' in root) return { lines: [describeFindingIn(file, root.finding)], baseDir: '' };
	const { basedir } = root.mapping;
	const text = dump(withoutSecrets(root.mapping), { lineWidth: 110 });
	return { lines: text.trimEnd().split('\n'), baseDir: typeof basedir === 'string' ? basedir : '' };
}

/** Variables that have to do with pingmachine. */
export function environmentIn(environment: Readonly<Record<string, string | undefined>>): string[] {
	return Object.entries(environment)
		.filter(
			([name]) =>
				name.startsWith('PINGMACHINE_') || /^(?:NODE_OPTIONS|TZ|LANG|UV_THREADPOOL_SIZE)$/.test(name),
		)
		.map(([name, value = '']) => `${name}=${shown(name, value)}`)
		.sort();
}

function shown(name: string, value: string): string {
	const isList = /^PINGMACHINE_(?:SINKS|NOTIFIERS|TARGETS)$/.test(name);
	return isList ? `(${value.length} characters)` : String(withoutSecrets(value, name.toLowerCase()));
}

/** Whose the base directory is, and how much room there is. */
export function aboutFiles(baseDir: string): string[] {
	const lines = ['', 'orders', 'output', 'archive', 'state', 'alerts'].flatMap((name) => {
		try {
			const { uid, gid, mode } = statSync(join(baseDir, name));
			return [`${name === '' ? '.' : name}: owner ${uid}:${gid}, mode ${(mode & 0o7777).toString(8)}`];
		} catch (error) {
			return name === '' ? [`cannot be read: ${(error as NodeJS.ErrnoException).code}`] : [];
		}
	});
	try {
		const { bavail, bsize, ffree } = statfsSync(baseDir);
		lines.push(`disk: ${Math.round((bavail * bsize) / megabyte)} MB and ${ffree} files free`);
	} catch {
		// It has been said that it cannot be read.
	}
	return lines;
}

/** What the daemon says of itself, as YAML. */
export async function aboutDaemon(baseDir: string): Promise<string[]> {
	const asked = await askAboutDaemon(baseDir);
	if ('silence' in asked) return [`no answer: ${asked.silence}`];
	return dump(withoutSecrets(asked.answer), { lineWidth: 110, skipInvalid: true }).trimEnd().split('\n');
}

/** Of systemd's journal. */
export function lastLogLines(count: number): string[] {
	const args = [
		'--unit',
		'pingmachine',
		'--lines',
		String(count),
		'--no-pager',
		'--quiet',
		'--output',
		'short-iso',
	];
	const { error, status, stdout } = spawnSync('journalctl', args, {
		encoding: 'utf8',
		timeout: patienceMs,
		maxBuffer: 16 * megabyte,
	});
	const text = error === undefined && status === 0 ? stdout.trimEnd() : '';
	if (text !== '') return text.split('\n').map(maskedLine);
	return ['not in the journal of this machine. Add the last lines that the daemon wrote to standard error'];
}

function maskedLine(line: string): string {
	return line.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@]{1,500}@/gi, '$1***@');
}
