import { isMapping, listIn, type Mapping, mappingIn, textIn } from './values.ts';

interface Measured {
	readonly probe: string;
	readonly section: Readonly<Record<string, unknown>>;
	/** What of the module has no counterpart. */
	readonly missing: string[];
}

/** What a module says that we have by another name. */
const taken: Readonly<Record<string, readonly string[]>> = {
	icmp: [
		'preferred_ip_protocol',
		'ip_protocol_fallback',
		'payload_size',
		'ttl',
		'dont_fragment',
		'source_ip_address',
	],
	http: [
		...['preferred_ip_protocol', 'ip_protocol_fallback', 'method', 'headers', 'body', 'valid_status_codes'],
		...['fail_if_body_matches_regexp', 'fail_if_body_not_matches_regexp', 'follow_redirects', 'tls_config'],
		...['no_follow_redirects', 'fail_if_not_ssl', 'proxy_url'],
	],
	tcp: [
		'preferred_ip_protocol',
		'ip_protocol_fallback',
		'tls',
		'tls_config',
		'source_ip_address',
		'query_response',
	],
	dns: [
		...['preferred_ip_protocol', 'ip_protocol_fallback', 'transport_protocol', 'query_name', 'query_type'],
		...['valid_rcodes', 'source_ip_address', 'dns_over_tls', 'recursion_desired'],
	],
};

/** What a module of blackbox_exporter does for a target, as a probe of ours; or why there is no such probe. */
export function moduleOf(module: Mapping, target: string): Measured | string {
	const prober = textIn(module, 'prober') ?? '';
	const options = mappingIn(module, prober);
	const known = taken[prober];
	if (known === undefined) return `the prober ${prober || '(none)'} has no counterpart`;
	const missing = Object.keys(options)
		.filter((key) => !known.includes(key))
		.map((key) => `${prober}.${key} has no counterpart`);
	const common = { ...familyOf(options), ...sourceOf(options) };
	switch (prober) {
		case 'icmp':
			return { probe: 'icmp', section: { host: target, ...ofIcmp(options), ...common }, missing };
		case 'http':
			return { probe: 'http', section: { ...ofHttp(options, target), ...familyOf(options) }, missing };
		case 'tcp':
			return { probe: 'tcp', section: { ...ofTcp(options, target, missing), ...common }, missing };
		default:
			return { probe: 'dns', section: { ...ofDns(options, target), ...common }, missing };
	}
}

function familyOf(options: Mapping): Mapping {
	const protocol = { ip4: 4, ip6: 6 }[textIn(options, 'preferred_ip_protocol') ?? ''];
	// Otherwise the other one will do, too.
	return protocol !== undefined && options['ip_protocol_fallback'] === false ? { family: protocol } : {};
}

function sourceOf(options: Mapping): Mapping {
	const address = textIn(options, 'source_ip_address');
	return address === undefined ? {} : { source_ip: address };
}

/** Those of these keys that are there, by another name. */
function renamed(options: Mapping, names: Readonly<Record<string, string>>): Mapping {
	return Object.fromEntries(
		Object.entries(names).flatMap(([theirs, ours]) =>
			options[theirs] === undefined ? [] : [[ours, options[theirs]]],
		),
	);
}

function ofIcmp(options: Mapping): Mapping {
	return renamed(options, { payload_size: 'size', ttl: 'ttl', dont_fragment: 'df' });
}

function ofTls(options: Mapping): Mapping {
	const tls = mappingIn(options, 'tls_config');
	const files = renamed(tls, {
		ca_file: 'tls_ca_file',
		cert_file: 'tls_cert_file',
		key_file: 'tls_key_file',
		server_name: 'tls_server_name',
	});
	return tls['insecure_skip_verify'] === true ? { ...files, tls_verify: false } : files;
}

function ofHttp(options: Mapping, target: string): Mapping {
	const follows = options['follow_redirects'] !== false && options['no_follow_redirects'] !== true;
	const scheme = options['fail_if_not_ssl'] === true ? 'https' : 'http';
	const proxy = textIn(options, 'proxy_url')
		?.replace(/^https?:\/\//, '')
		.replace(/\/$/, '');
	return {
		url: /^https?:\/\//.test(target) ? target : `${scheme}://${target}`,
		...renamed(options, {
			method: 'method',
			headers: 'headers',
			body: 'body',
			fail_if_body_not_matches_regexp: 'match',
			fail_if_body_matches_regexp: 'not_match',
		}),
		...statusOf(options),
		...(proxy === undefined ? {} : { proxy }),
		redirects: follows,
		...ofTls(options),
	};
}

/** Without any it is 2xx there. */
function statusOf(options: Mapping): Mapping {
	const codes = listIn(options, 'valid_status_codes');
	return { status: codes.length === 0 ? ['200-299'] : codes };
}

function ofTcp(options: Mapping, target: string, missing: string[]): Mapping {
	const [, host = target, port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(target) ?? [];
	const [first, ...more] = listIn(options, 'query_response').filter(isMapping);
	const expect = first === undefined ? undefined : textIn(first, 'expect');
	const send = first === undefined ? undefined : textIn(first, 'send');
	if (more.length > 0) missing.push('tcp.query_response: only the first step has a counterpart');
	return {
		host,
		port: Number(port),
		...(options['tls'] === true ? { tls: true, ...ofTls(options) } : {}),
		...(send === undefined ? {} : { send: `${send}\r\n` }),
		...(expect === undefined ? {} : { expect }),
	};
}

function ofDns(options: Mapping, target: string): Mapping {
	const [, host = target, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(target) ?? [];
	const transport = options['dns_over_tls'] === true ? 'tls' : textIn(options, 'transport_protocol');
	const rcodes = listIn(options, 'valid_rcodes');
	return {
		server: host,
		...(port === undefined ? {} : { port: Number(port) }),
		name: textIn(options, 'query_name') ?? '',
		type: textIn(options, 'query_type') ?? 'ANY',
		...(transport === undefined ? {} : { transport }),
		...(rcodes.length === 0 ? {} : { rcode: rcodes }),
		...renamed(options, { recursion_desired: 'rd' }),
	};
}
