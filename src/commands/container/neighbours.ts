import { createHash } from 'node:crypto';
import { dump } from 'js-yaml';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What the variables of neighbours come to: settings, orders, and files with secrets. */
export interface Meant {
	/** Which neighbour's they are, for the log. */
	readonly names: readonly string[];
	/** As they stand in a config file. */
	readonly config: Readonly<Record<string, unknown>>;
	/** By id: what stands in the file. */
	readonly orders: ReadonlyMap<string, string>;
	/** By name, below a folder of the caller's. */
	readonly secrets: ReadonlyMap<string, string>;
}

/** Where the files with secrets will be. */
export type SecretPath = (name: string) => string;

const expires = 'never';

/**
 * Reads the variables that the images of Pingy (`SINK_TYPE`, `TARGET_FILE` ...), meshping (`REDIS_HOST`) and the canaries of
 * the network observability platform (`TARGET_HOSTS`, `KAFKA_BROKER` ...) are told. Throws an `Error` that names the variable
 * at fault.
 */
export function meantBy(variables: Variables, secretPath: SecretPath): Meant {
	const given = (name: string) => variables[name] || undefined;
	const parts = [pingy(given, secretPath), meshping(given), canary(given)].filter((part) => part !== null);
	const lists = (key: 'sinks' | 'targets') => parts.flatMap((part) => part[key] ?? []);
	const [sinks, targets] = [lists('sinks'), lists('targets')];
	const level = logLevel(given('LOG_LEVEL'));
	return {
		names: parts.map(({ name }) => name),
		config: {
			...(level === undefined ? {} : { log_level: level }),
			...(sinks.length === 0 ? {} : { sinks }),
			...(targets.length === 0 ? {} : { targets }),
		},
		orders: new Map(parts.flatMap((part) => [...(part.orders ?? [])])),
		secrets: new Map(parts.flatMap((part) => [...(part.secrets ?? [])])),
	};
}

type Given = (name: string) => string | undefined;

interface Part {
	readonly name: string;
	readonly sinks?: readonly object[];
	readonly targets?: readonly object[];
	readonly orders?: ReadonlyMap<string, string>;
	readonly secrets?: ReadonlyMap<string, string>;
}

/** Python's names of levels. */
const levels: Readonly<Record<string, string>> = { warning: 'warn', critical: 'error' };

function logLevel(text: string | undefined): string | undefined {
	const level = text?.toLowerCase();
	return level === undefined ? undefined : (levels[level] ?? level);
}

function whole(given: Given, name: string, usual: number, most: number): number {
	const text = given(name) ?? String(usual);
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= most) return value;
	throw new Error(
		`${name}: must be a whole number from 1 to ${most}, not ${JSON.stringify(text.slice(0, 40))}`,
	);
}

function pingy(given: Given, secretPath: SecretPath): Part | null {
	const type = given('SINK_TYPE');
	if (type === undefined && given('TARGET_FILE') === undefined) return null;
	const list = {
		file: absolute(given('TARGET_FILE') ?? 'targets.txt'),
		prefix: 'pingy',
		user: 'pingy',
		probe: 'icmp',
		step: whole(given, 'PING_INTERVAL', 15, 86_400),
		pings: 1,
		every: whole(given, 'REFRESH_INTERVAL', 60, 86_400),
	};
	const sink =
		(type ?? 'elasticsearch') === 'redis' ? redisOf(given, secretPath) : elasticOf(given, secretPath, type);
	return { name: 'Pingy', targets: [list], ...sink };
}

function absolute(file: string): string {
	return file.startsWith('/') ? file : `/app/${file}`;
}

function redisOf(given: Given, secretPath: SecretPath): Pick<Part, 'sinks' | 'secrets'> {
	const [host, port] = [given('REDIS_HOST') ?? 'localhost', whole(given, 'REDIS_PORT', 6379, 65_535)];
	const password = given('REDIS_PASSWORD');
	const sink = {
		type: 'redis',
		url: `redis://${host.includes(':') ? `[${host}]` : host}:${port}/${given('REDIS_DB') ?? 0}`,
		layout: 'pingy',
		ttl: whole(given, 'REDIS_TTL', 86_400, 10 ** 9),
		...(password === undefined ? {} : { password_file: secretPath('redis_password') }),
	};
	return { sinks: [sink], secrets: new Map(password === undefined ? [] : [['redis_password', password]]) };
}

function elasticOf(
	given: Given,
	secretPath: SecretPath,
	type: string | undefined,
): Pick<Part, 'sinks' | 'secrets'> {
	if (type !== undefined && type !== 'elasticsearch')
		throw new Error(`SINK_TYPE: must be elasticsearch or redis, not ${JSON.stringify(type.slice(0, 40))}`);
	const cloudId = given('ES_CLOUD_ID');
	if (cloudId === undefined) throw new Error('ES_CLOUD_ID: is missing. Set it, or SINK_TYPE=redis');
	const [id, key] = [given('ES_API_KEY_ID'), given('ES_API_KEY')];
	const secret = id === undefined ? key : `${id}:${key ?? ''}`;
	const sink = {
		type: 'elasticsearch',
		cloud_id: cloudId,
		index: given('ES_INDEX') ?? 'beatson-cpe-metrics',
		...(secret === undefined ? {} : { api_key_file: secretPath('es_api_key') }),
	};
	return { sinks: [sink], secrets: new Map(secret === undefined ? [] : [['es_api_key', secret]]) };
}

/** Its targets of 2018 to 2020 were a set in Redis. Pingy's image is told of a Redis by the same name. */
function meshping(given: Given): Part | null {
	const host =
		given('MESHPING_REDIS_HOST') ?? (given('SINK_TYPE') === undefined ? given('REDIS_HOST') : undefined);
	if (host === undefined || given('TARGET_FILE') !== undefined) return null;
	const url = `redis://${host.includes(':') ? `[${host}]` : host}:6379`;
	const list = {
		redis: url,
		key: 'meshping:targets',
		prefix: 'meshping',
		user: 'meshping',
		probe: 'icmp',
		step: 30,
		pings: 1,
	};
	return { name: 'meshping', targets: [list], sinks: [{ type: 'redis', url, layout: 'meshping' }] };
}

function canary(given: Given): Part | null {
	const brokers = given('KAFKA_BROKER');
	const orders = new Map([...pings(given), ...questions(given), ...requests(given)]);
	if (brokers === undefined && orders.size === 0) return null;
	const id = given('CANARY_ID');
	const sink = {
		type: 'kafka',
		brokers: words(brokers ?? ''),
		topic: given('KAFKA_TOPIC') ?? 'canary-results',
		format: 'canary',
		...(id === undefined ? {} : { canary_id: id }),
	};
	return { name: 'canary', orders, ...(brokers === undefined ? {} : { sinks: [sink] }) };
}

function pings(given: Given): [string, string][] {
	const hosts = words(given('TARGET_HOSTS') ?? '');
	const step = whole(given, 'PING_INTERVAL_SECONDS', 60, 86_400);
	const count = whole(given, 'PING_COUNT', 5, 1000);
	return hosts.map((host) => order('ping', host, { step, pings: count, probe: 'icmp', icmp: { host } }));
}

function questions(given: Given): [string, string][] {
	const server = given('TARGET_RESOLVER');
	const dns = {
		type: given('QUERY_TYPE') ?? 'A',
		...(server === undefined ? {} : { server }),
		timeout: whole(given, 'QUERY_TIMEOUT_SECONDS', 5, 60) * 1000,
	};
	const step = whole(given, 'DNS_INTERVAL_SECONDS', 60, 86_400);
	const names = words(given('TARGET_DOMAINS') ?? '');
	return names.map((name) => order('dns', name, { step, pings: 1, probe: 'dns', dns: { name, ...dns } }));
}

function requests(given: Given): [string, string][] {
	const text = given('EXPECTED_STRING');
	const agent = given('USER_AGENT') ?? `NetworkObservabilityCanary/${given('CANARY_ID') ?? 'pingmachine'}`;
	const http = {
		headers: { 'user-agent': agent },
		...(text === undefined ? {} : { match: text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&') }),
		timeout: whole(given, 'REQUEST_TIMEOUT_SECONDS', 10, 60) * 1000,
	};
	const step = whole(given, 'HTTP_INTERVAL_SECONDS', 60, 86_400);
	const urls = words(given('TARGET_URLS') ?? '');
	return urls.map((url) => order('http', url, { step, pings: 1, probe: 'http', http: { url, ...http } }));
}

function words(text: string): string[] {
	return [...new Set(text.split(',').map((word) => word.trim()))]
		.filter((word) => word !== '')
		.slice(0, 10_000);
}

/** An id that says what is measured, of characters that a file name can have. */
function order(kind: string, target: string, content: object): [string, string] {
	const name = target
		.replaceAll(/[^A-Za-z0-9._-]+/g, '_')
		.replace(/^[._]+/, '')
		.slice(0, 100);
	const hash = createHash('sha256').update(target).digest('hex').slice(0, 8);
	const id = `canary/${kind}/${name === target ? name : `${name}-${hash}`}`;
	return [id, dump({ user: 'canary', ...content, expires }, { lineWidth: -1 })];
}
