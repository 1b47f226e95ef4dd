/** How probes of SmokePing are called here. */

type Values = ReadonlyMap<string, string>;

interface Measured {
	readonly probe: string;
	readonly section: Readonly<Record<string, unknown>>;
	/** What is measured differently from SmokePing. */
	readonly note?: string;
}

const connectsAlone = 'only the connection is measured, not what is said in it';

function numberIn(values: Values, key: string): number | undefined {
	const text = values.get(key);
	const number = text === undefined ? Number.NaN : Number(text);
	return Number.isFinite(number) ? number : undefined;
}

function icmp(host: string, values: Values, more: Readonly<Record<string, unknown>>): Measured {
	const size = numberIn(values, 'packetsize');
	const tos = Number(values.get('tos') ?? Number.NaN);
	const between = numberIn(values, 'hostinterval');
	const source = values.get('sourceaddress');
	return {
		probe: 'icmp',
		section: {
			host,
			...(size === undefined ? {} : { size }),
			...(Number.isFinite(tos) ? { tos } : {}),
			...(between === undefined ? {} : { interval: Math.max(1, Math.round(between * 1000)) }),
			...(source === undefined ? {} : { source_ip: source }),
			...more,
		},
	};
}

function tcp(
	host: string,
	values: Values,
	port: number,
	more: Readonly<Record<string, unknown>> = {},
): Measured {
	const note = port === 80 ? undefined : connectsAlone;
	const section = { host, port: numberIn(values, 'port') ?? port, ...more };
	return { probe: 'tcp', section, ...(note === undefined ? {} : { note }) };
}

function dns(host: string, values: Values): Measured | string {
	const name = values.get('lookup') ?? values.get('dns_request') ?? host;
	const type = values.get('recordtype') ?? values.get('dns_type');
	const port = numberIn(values, 'port');
	const section = {
		name,
		server: host,
		...(type === undefined ? {} : { type }),
		...(port === undefined ? {} : { port }),
	};
	return { probe: 'dns', section };
}

function echoPingHttp(host: string, values: Values, scheme: string): Measured {
	const path = values.get('url') ?? '/';
	const port = numberIn(values, 'port');
	const place = port === undefined ? host : `${host}:${port}`;
	// A whole URL is asked of a proxy.
	if (/^https?:/.test(path)) return { probe: 'http', section: { url: path, proxy: place } };
	const slash = path.startsWith('/') ? '' : '/';
	return { probe: 'http', section: { url: `${scheme}://${place}${slash}${path}` } };
}

function curl(host: string, values: Values): Measured | string {
	const url = (values.get('urlformat') ?? 'http://%host%/').replaceAll('%host%', host);
	if (!/^https?:\/\//.test(url)) return `urlformat ${url}: only http and https are measured here`;
	const expected = values.get('expect');
	const agent = values.get('agent')?.replaceAll(/^"|"$/g, '');
	const section = {
		url,
		...(values.get('insecure_ssl') === '1' ? { tls_verify: false } : {}),
		...(values.get('follow_redirects') === 'yes' ? { redirects: true } : {}),
		...(expected === undefined ? {} : { match: expected.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') }),
		...(agent === undefined ? {} : { headers: { 'user-agent': agent } }),
	};
	return { probe: 'http', section };
}

function ssh(host: string, values: Values): Measured {
	const port = numberIn(values, 'port');
	const key = values.get('keytype');
	const section = {
		host,
		...(port === undefined ? {} : { port }),
		...(key === undefined ? {} : { key_type: key.split(',')[0] }),
	};
	return { probe: 'ssh', section };
}

type Convert = (host: string, values: Values) => Measured | string;

const converts: ReadonlyMap<string, Convert> = new Map<string, Convert>([
	['FPing', (host, values) => icmp(host, values, {})],
	['FPingContinuous', (host, values) => icmp(host, values, {})],
	['FPing6', (host, values) => icmp(host, values, { family: 6 })],
	['TCPPing', (host, values) => tcp(host, values, 80)],
	['EchoPing', (host, values) => tcp(host, values, 7)],
	['EchoPingSmtp', (host, values) => tcp(host, values, 25, { expect: '^220' })],
	['EchoPingLDAP', (host, values) => tcp(host, values, 389)],
	['LDAP', (host, values) => tcp(host, values, 389)],
	['EchoPingWhois', (host, values) => tcp(host, values, 43)],
	['EchoPingHttp', (host, values) => echoPingHttp(host, values, 'http')],
	['EchoPingHttps', (host, values) => echoPingHttp(host, values, 'https')],
	['Curl', curl],
	['AnotherCurl', curl],
	['DNS', dns],
	['AnotherDNS', dns],
	['EchoPingDNS', dns],
	['SSH', ssh],
	['AnotherSSH', (host, values) => tcp(host, values, 22, { expect: '^SSH-' })],
]);

/**
 * What a probe of SmokePing does for a host, as a probe of ours; or why there is no such probe.
 *
 * @param type what it is made of: `FPing` of `+ FPing`
 */
export function measuredBy(type: string, host: string, values: Values): Measured | string {
	const convert = converts.get(type);
	if (convert !== undefined) return convert(host, values);
	return `the probe ${type} has no counterpart. A probe of the type command can run its program`;
}
