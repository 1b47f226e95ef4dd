import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { errnoWords, errorCode, reasonIn } from '../model/errno.ts';
import type { Mute } from '../model/mute.ts';
import { firstUnprintable } from '../model/printable.ts';

/** A mute that cannot be written. The message is for the user. */
export class MuteTrouble extends Error {
	override readonly name = 'MuteTrouble';
}

const folderMode = 0o775;
const fileMode = 0o664;
const nameMax = 60;
const wordsMax = 1000;

const reasons = {
	EACCES: `${errnoWords.EACCES}. Run this as root, or as a member of the group pingmachine`,
	EPERM: `${errnoWords.EPERM}. Run this as root, or as a member of the group pingmachine`,
	ENOSPC: `${errnoWords.ENOSPC} on the device`,
};

/** Writes a new file below `mutes/`, whole or not at all. Returns its name. Throws `MuteTrouble`. */
export function writeMute(baseDir: string, mute: Omit<Mute, 'name'>, nowSeconds: number): string {
	for (const [key, words] of [['why', mute.why] as const, ['by', mute.by] as const]) {
		if (words === undefined) continue;
		if (words.length > wordsMax || firstUnprintable(words) !== null)
			throw new MuteTrouble(`${key}: must be one line of printable text, ${wordsMax} characters at most`);
	}
	const folder = `${baseDir}/mutes`;
	const temporary = `${folder}/.${randomBytes(8).toString('hex')}.tmp`;
	try {
		makeFolder(folder);
		writeFileSync(temporary, textOf(mute), { flag: 'wx', mode: fileMode });
		// Whatever the umask: the daemon has to read it.
		chmodSync(temporary, fileMode);
		try {
			return linked(temporary, folder, nameFor(mute, nowSeconds));
		} finally {
			unlinkSync(temporary);
		}
	} catch (error) {
		throw new MuteTrouble(`${folder}: ${reasonIn(error, reasons)}`);
	}
}

function makeFolder(folder: string): void {
	try {
		mkdirSync(folder, { mode: folderMode });
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
	}
}

/** Under the first name that nobody has. */
function linked(temporary: string, folder: string, name: string): string {
	for (let at = 1; ; at++) {
		const free = at === 1 ? name : `${name}-${at}`;
		try {
			linkSync(temporary, `${folder}/${free}`);
			return free;
		} catch (error) {
			if (errorCode(error) !== 'EEXIST' || at > 1000) throw error;
		}
	}
}

/** The name of a new file: what it is about, and when. */
export function nameFor({ alert, orders }: Omit<Mute, 'name'>, nowSeconds: number): string {
	const about = alert ?? orders?.[0] ?? 'all';
	const plain = about
		.slice(0, 10 * nameMax)
		.replaceAll(/[^A-Za-z0-9]+/g, '-')
		.replaceAll(/^-+|-+$/g, '')
		.slice(0, nameMax);
	const at = new Date(nowSeconds * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
	return `${alert === undefined ? 'mute' : 'ack'}-${plain === '' ? 'all' : plain}-${at}`;
}

/** JSON texts are YAML too. */
function textOf({ orders, rules, untilSeconds, alert, why, by }: Omit<Mute, 'name'>): string {
	const until =
		untilSeconds === null ? null : new Date(untilSeconds * 1000).toISOString().replace('.000Z', 'Z');
	const lines: readonly (readonly [string, unknown])[] = [
		...([
			['alert', alert],
			['orders', orders],
			['rules', rules],
		] as const),
		...([
			['until', until],
			['why', why],
			['by', by],
		] as const),
	];
	return lines
		.filter(([, value]) => value !== undefined && value !== null)
		.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
		.join('');
}

/** Who runs this, for `by`. */
export function ownName(): string {
	try {
		return userInfo().username;
	} catch {
		return String(process.getuid?.() ?? '');
	}
}
