import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { errnoWords, reasonIn } from '../../../src/model/errno.ts';
import { ProbeError } from '../../../src/model/probe.ts';
import type { TlsOptions } from './options.ts';

/** What the files of an order hold. Plain data: it goes to the thread that measures. */
export interface TlsFiles {
	readonly ca?: string | undefined;
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
}

/** A bundle of all public authorities has 200 KB. */
const fileMaxBytes = 1 << 20;

/** Whoever can write orders must not have any file sent to where they like: secrets are below these folders. */
export const secretFoldersByDefault: readonly string[] = ['/etc/pingmachine/secrets'];

/**
 * What a file holds that an order names, without spaces around it. Throws a `ProbeError` for the user.
 *
 * @param folders where it must be, links followed; undefined: anywhere
 */
export async function readOrderFile(
	key: string,
	path: string | undefined,
	folders?: readonly string[],
): Promise<string | undefined> {
	if (path === undefined) return undefined;
	try {
		if (folders !== undefined) await assertWithin(key, path, folders);
		// A FIFO would be waited for.
		const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const stats = await file.stat();
			if (!stats.isFile()) throw fault(`${key}: ${path} is not a file`);
			if (stats.size > fileMaxBytes) throw fault(`${key}: ${path} is longer than ${fileMaxBytes} bytes`);
			const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0);
			const text = buffer.toString('utf8', 0, bytesRead).trim();
			if (text === '') throw fault(`${key}: ${path} is empty`);
			return text;
		} finally {
			await file.close();
		}
	} catch (error) {
		if (error instanceof ProbeError) throw error;
		throw fault(`${key}: cannot read ${path}: ${reasonIn(error, errnoWords)}`);
	}
}

async function assertWithin(key: string, path: string, folders: readonly string[]): Promise<void> {
	const real = await realpath(path);
	for (const folder of folders) {
		const inside = `${await realpath(folder).catch(() => folder)}${sep}`;
		if (real.startsWith(inside)) return;
	}
	const where = folders.join(' or ');
	throw fault(
		`${key}: ${path} is not below ${where}, where orders may have files with secrets. Put it there, or name its folder as secret_folders in the config`,
	);
}

function fault(message: string): ProbeError {
	return new ProbeError('refused_here', message);
}

/** The files that an order names. Throws a `ProbeError` for the user. */
export async function readTlsFiles(options: TlsOptions, secretFolders: readonly string[]): Promise<TlsFiles> {
	const [ca, cert, key] = await Promise.all([
		readOrderFile('tls_ca_file', options.tls_ca_file),
		readOrderFile('tls_cert_file', options.tls_cert_file, secretFolders),
		readOrderFile('tls_key_file', options.tls_key_file, secretFolders),
	]);
	return { ca, cert, key };
}

const contexts = new Map<string, SecureContext>();
const contextsMax = 100;

/** For all handshakes with these files: to make one takes longer than a handshake. Throws an error for the user. */
export function secureContextOf({ ca, cert, key }: TlsFiles): SecureContext {
	const id = JSON.stringify([ca, cert, key]);
	const known = contexts.get(id);
	if (known !== undefined) return known;
	let made: SecureContext;
	try {
		made = createSecureContext({ ca, cert, key });
	} catch (error) {
		const what = ca !== undefined && cert === undefined ? 'tls_ca_file' : 'tls_cert_file and tls_key_file';
		const words =
			error instanceof Error ? error.message.replace(/^error:[^:]*:[^:]*:[^:]*:/, '') : String(error);
		throw new ProbeError('refused_here', `${what}: they cannot be used: ${words}`);
	}
	const [oldest] = contexts.keys();
	if (contexts.size >= contextsMax && oldest !== undefined) contexts.delete(oldest);
	contexts.set(id, made);
	return made;
}
