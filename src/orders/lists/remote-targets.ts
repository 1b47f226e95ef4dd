import { parseUrl } from '../../model/parse-url.ts';
import { excerpt, withoutPasswords } from '../../model/printable.ts';
import { OrderTrouble } from '../writer.ts';
import { readTargets, type Target, type TargetList } from './targets.ts';

/** How long a list may take to come. */
const timeoutMs = 15_000;
/** A million targets. */
const maxBytes = 64 * 1024 * 1024;
/** Where meshping keeps its targets. */
const defaultKey = 'meshping:targets';

/** Whether a list is not a file but somewhere else. */
export function isRemote(targets: string): boolean {
	return /^(?:https?|rediss?):\/\//i.test(targets);
}

/**
 * Reads a list of targets from a web server, as Prometheus' http_sd does, or from a set in Redis, as meshping has it.
 * Throws `OrderTrouble`.
 */
export async function readRemoteTargets(location: string): Promise<TargetList> {
	const shown = withoutPasswords(location);
	const url = parseUrl(location);
	if (url === null) throw new OrderTrouble(`${shown}: is no URL`);
	try {
		return url.protocol.startsWith('redis') ? await readSet(url) : await readWeb(url);
	} catch (error) {
		if (error instanceof OrderTrouble) throw error;
		throw new OrderTrouble(`${shown}: cannot be read: ${reasonOf(error)}`);
	}
}

/** What fetch says of a connection is in the cause. */
function reasonOf(error: unknown): string {
	const { message, cause, name } = error as Error & { cause?: Error };
	if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
	return excerpt(cause?.message || message);
}

// ---- A web server ----

async function readWeb(url: URL): Promise<TargetList> {
	const { username, password } = url;
	const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	const address = new URL(url);
	address.username = '';
	address.password = '';
	const answer = await fetch(address, {
		signal: AbortSignal.timeout(timeoutMs),
		headers: {
			Accept: 'application/json',
			...(username === '' ? {} : { Authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
		},
	});
	const shown = withoutPasswords(url.href);
	if (!answer.ok) {
		await answer.body?.cancel();
		throw new OrderTrouble(`${shown}: HTTP ${answer.status}. Correct the URL, or what is there`);
	}
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of answer.body ?? []) {
		length += chunk.length;
		if (length > maxBytes) throw new OrderTrouble(`${shown}: larger than ${maxBytes} bytes. Split it`);
		chunks.push(chunk);
	}
	return readTargets(Buffer.concat(chunks).toString('utf8'));
}

// ---- A set in Redis ----

async function readSet(url: URL): Promise<TargetList> {
	const key = url.searchParams.get('key') ?? defaultKey;
	url.search = '';
	const members = await membersOf(url.href, key);
	const targets: Target[] = [];
	for (const member of members.sort()) {
		const at = member.lastIndexOf('@');
		const name = member.slice(0, Math.max(0, at)).trim();
		const host = member.slice(at + 1).trim();
		if (host === '') continue;
		targets.push({ host, ...(name === '' ? {} : { name }), tags: new Map(), at: { key: excerpt(member) } });
	}
	if (targets.length > 0) return { targets, findings: [] };
	// A server that has just lost everything is more likely than one without targets.
	return {
		targets,
		findings: [{ message: `the set ${excerpt(key)} is not there, or there are no targets in it` }],
	};
}

async function membersOf(url: string, key: string): Promise<string[]> {
	const { createClient } = await import('@redis/client');
	const socket = { connectTimeout: timeoutMs, socketTimeout: timeoutMs, reconnectStrategy: false as const };
	const client = createClient({ url, disableOfflineQueue: true, socket });
	// The promises say the same.
	client.on('error', () => {});
	try {
		await client.connect();
		return await client.sMembers(key);
	} finally {
		if (client.isOpen) client.destroy();
	}
}
