import { createClient, ErrorReply } from '@redis/client';
import type { SinkTools } from '../../model/sink.ts';
import { networkError, orAborted } from '../shared/network-errors.ts';
import { readSecret } from '../shared/secret-files.ts';
import type { RedisAddress, RedisSettings } from './settings.ts';

export type RedisClient = ReturnType<typeof clientFor>;

interface Login {
	readonly username: string | undefined;
	readonly password: string | undefined;
	readonly database: number;
	readonly tls: { readonly ca: string | undefined; readonly rejectUnauthorized: boolean };
}

/**
 * Connects, once: who comes back after a failure is decided outside. Rejects, in words for the user, when nobody is
 * there, or does not let us in.
 */
export async function connect(
	settings: RedisSettings,
	{ timeoutMs, signal }: SinkTools,
	destination: string,
): Promise<RedisClient> {
	const { url, sentinel } = settings;
	const login = await loginOf(settings);
	const within = { timeoutMs, signal, destination };
	const address = sentinel === undefined ? url?.address : await masterBy(sentinel, login, within);
	if (address === undefined) throw new Error(`${destination}: there is no address. Write url:`);
	return connectTo(address, login, within);
}

interface Within {
	readonly timeoutMs: number;
	readonly signal: AbortSignal;
	/** For messages. */
	readonly destination: string;
}

async function connectTo(
	address: RedisAddress,
	login: Login,
	{ timeoutMs, signal, destination }: Within,
): Promise<RedisClient> {
	const client = clientFor(address, login, timeoutMs);
	// It says there what the rejected promises say too.
	client.on('error', () => {});
	try {
		await orAborted(client.connect(), signal, 'no answer');
		return client;
	} catch (error) {
		end(client);
		throw redisError(error, destination);
	}
}

function clientFor(address: RedisAddress, { tls, ...login }: Login, timeoutMs: number) {
	const common = { connectTimeout: timeoutMs, reconnectStrategy: false as const };
	const socket =
		address.kind === 'unix'
			? { path: address.path, ...common }
			: address.tls
				? { host: address.host, port: address.port, tls: true as const, ...given(tls), ...common }
				: { host: address.host, port: address.port, ...common };
	// Each batch has its time: one of its own for each command would take more of the processor than the command.
	const commandOptions = { timeout: 0 };
	return createClient({ ...given(login), socket, disableOfflineQueue: true, commandOptions });
}

/** Without what is undefined. */
function given<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
	const entries = Object.entries(values).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}

/** Closes it, whatever state it is in. */
export function end(client: RedisClient): void {
	try {
		client.destroy();
	} catch {
		// It is closed already.
	}
}

async function loginOf(settings: RedisSettings): Promise<Login> {
	const { username, database, url, tls_verify } = settings;
	const [password, ca] = await Promise.all([
		settings.password ?? readSecret('password_file', settings.password_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	const tls = { ca, rejectUnauthorized: tls_verify };
	return { username, password, database: database ?? url?.database ?? 0, tls };
}

type SentinelSettings = NonNullable<RedisSettings['sentinel']>;

/** The first of the sentinels that knows says where the server is that takes what is written. */
async function masterBy(
	{ name, nodes, username, password_file, tls }: SentinelSettings,
	{ tls: certificates }: Login,
	within: Within,
): Promise<RedisAddress> {
	const password = await readSecret('sentinel.password_file', password_file);
	const login = { username, password, database: 0, tls: certificates };
	const troubles: string[] = [];
	for (const node of nodes) {
		const at = node.lastIndexOf(':');
		const host = node.slice(0, at).replace(/^\[(.*)\]$/, '$1');
		const address = { kind: 'tcp', host, port: Number(node.slice(at + 1)), tls } as const;
		try {
			const client = await connectTo(address, login, { ...within, destination: node });
			try {
				const asked = client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
				const answer = await orAborted(asked, within.signal, `${node}: no answer`);
				const [masterHost, masterPort] = (answer ?? []) as unknown as string[];
				if (masterHost !== undefined)
					return { kind: 'tcp', host: String(masterHost), port: Number(masterPort), tls };
				troubles.push(`${node}: knows no ${name}. Correct sentinel: name:`);
			} finally {
				end(client);
			}
		} catch (error) {
			troubles.push(error instanceof Error ? error.message : String(error));
		}
	}
	throw new Error(`${within.destination}: no sentinel says where the server is: ${troubles.join('; ')}`);
}

/** In words for the user, with the remedy. */
export function redisError(error: unknown, destination: string): Error {
	if (!(error instanceof ErrorReply)) return networkError(error, destination);
	const [code = ''] = error.message.split(' ');
	const remedy = remedies[code];
	// Some of the server's sentences end with a full stop.
	const stop = error.message.endsWith('.') ? ' ' : '. ';
	return new Error(`${destination}: ${error.message}${remedy === undefined ? '' : `${stop}${remedy}`}`, {
		cause: error,
	});
}

const remedies: Readonly<Record<string, string>> = {
	WRONGPASS: 'Correct username: and password_file:',
	NOAUTH: 'Write password_file:',
	NOPERM: 'Let the user of username: run this command on these keys',
	OOM: 'Give it more memory (maxmemory), or keep less: ttl:',
	READONLY: 'It is a replica. Name the server that takes what is written in url:, or write sentinel:',
	MISCONF: 'It cannot write to its disk. Look there',
	MOVED: 'It is a cluster, which is not supported. Name a server that is not',
	LOADING: 'It is starting',
};
