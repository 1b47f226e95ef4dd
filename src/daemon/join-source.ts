import { readFileSync, statSync } from 'node:fs';
import type { PopSettings } from '../config/pop-setting.ts';
import { StartError } from '../host/start-error.ts';
import { errnoWords, reasonIn } from '../model/errno.ts';
import { type Join, readJoin } from '../model/join-file.ts';
import type { KafkaLogin } from '../model/kafka-login.ts';
import type { HubAccess } from '../pops/links/https/pop-client.ts';
import { writePrivate } from '../pops/private-file.ts';

const reasons: Readonly<Record<string, string>> = {
	ENOENT: `${errnoWords.ENOENT}. Make it at the hub with pingmachine pop add, or correct the path`,
	EACCES: `${errnoWords.EACCES}. Let the user that pingmachine runs as read it`,
	EISDIR: `${errnoWords.EISDIR}. Name a file`,
};

/** Throws `StartError` when it cannot be used. */
export function readJoinFile(path: string): Join {
	let text: string;
	try {
		if ((statSync(path).mode & 0o007) !== 0)
			throw new Error('everybody may read it, and it holds a secret. Write chmod 600 for it');
		text = readFileSync(path, 'utf8');
	} catch (error) {
		throw new StartError(`pop.join: ${path}: ${reasonIn(error, reasons)}`, { cause: error });
	}
	const join = readJoin(text);
	if (join === null) throw new StartError(`pop.join: ${path} is no file that pingmachine pop add made`);
	return join;
}

/**
 * How the hub is reached over HTTPS: as the join file and the files of the config say just now, so that a new token takes
 * over without a restart. What cannot be read, or is of another hub, is passed over until it can. The same object as
 * before where nothing has changed.
 */
export function hubAccess({ joinFile, login }: PopSettings, first: Join): () => HubAccess {
	const files = [joinFile, login.tls_ca_file, login.tls_cert_file, login.tls_key_file];
	let known = '';
	let access: HubAccess | null = null;
	return () => {
		const marks = files.map(markOf).join(' ');
		if (access !== null && marks === known) return access;
		try {
			const join = access === null ? first : readJoinFile(joinFile);
			if (join.name === first.name && join.hub_key === first.hub_key) access = accessOf(join, login);
			known = marks;
		} catch (error) {
			if (access === null) throw new StartError(`pop: ${(error as Error).message}`, { cause: error });
		}
		if (access === null) throw new StartError(`pop.join: ${joinFile} is of another hub`);
		return access;
	};
}

/** Changes with the file. */
function markOf(path: string | undefined): string {
	if (path === undefined) return '';
	const found = statSync(path, { throwIfNoEntry: false });
	return found === undefined ? '' : `${found.ino}:${found.mtimeMs}:${found.size}`;
}

function accessOf({ hub: url, token, ca, cert, key }: Join, login: KafkaLogin): HubAccess {
	if (url === undefined || token === undefined)
		throw new Error('the join file names neither a hub that links over HTTPS nor brokers');
	const textOf = (path: string | undefined, other: string | undefined) =>
		path === undefined ? other : readFileSync(path, 'utf8');
	return {
		...{ url, token, verify: login.tls_verify },
		ca: textOf(login.tls_ca_file, ca) ?? null,
		cert: textOf(login.tls_cert_file, cert) ?? null,
		key: textOf(login.tls_key_file, key) ?? null,
	};
}

/**
 * How brokers are told who we are: as the config says, and where it says nothing as the join file does. What that has as
 * text is put into files below `state/`. Throws `StartError`.
 */
export function kafkaLoginOfSite(join: Join, { login }: PopSettings, baseDir: string): KafkaLogin {
	const { cert, key, kafka } = join;
	try {
		const fileOf = (name: string, text: string | undefined) => {
			if (text === undefined) return undefined;
			const path = `${baseDir}/state/join-${name}.pem`;
			writePrivate(path, text);
			return path;
		};
		const ca = login.tls_ca_file ?? fileOf('ca', kafka?.ca);
		const isPair = login.tls_cert_file === undefined && cert !== undefined && key !== undefined;
		return {
			...{ tls: login.tls ?? kafka?.tls, tls_ca_file: ca, tls_verify: login.tls_verify },
			tls_cert_file: isPair ? fileOf('cert', cert) : login.tls_cert_file,
			tls_key_file: isPair ? fileOf('key', key) : login.tls_key_file,
			sasl: login.sasl ?? kafka?.sasl,
		};
	} catch (error) {
		throw new StartError(`${baseDir}/state: ${(error as Error).message}`, { cause: error });
	}
}
