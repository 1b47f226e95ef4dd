import { isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, Timing } from '../../src/model/probe.ts';
import { flagOption, hostOption, sourceIpOption } from '../shared/addressing.ts';
import { checkInterval, intervalOption } from '../shared/fping-pace.ts';
import { numeric } from '../shared/numeric.ts';
import { patternOption } from '../shared/pattern.ts';
import { familyOption, timeoutOption } from '../shared/timing/options.ts';
import { checkTls, type TlsOptions, tlsOptions } from '../shared/tls/options.ts';
import { rcodes, readType } from './types.ts';

export interface DnsOptions extends Readonly<Record<string, unknown>>, TlsOptions {
	/** The name that is asked for: in lower case, without a dot at its end; `.` is the root. */
	readonly name: string;
	/** A name or an address; undefined: the system's first name server. */
	readonly server?: string | undefined;
	readonly port?: number | undefined;
	readonly type: string;
	readonly class: 'IN' | 'CH' | 'HS';
	readonly transport: 'udp' | 'tcp' | 'tls' | 'https';
	/** Of the URL, for https. */
	readonly path?: string | undefined;
	/** Bytes; 0: no EDNS. */
	readonly edns_size?: number | undefined;
	readonly do?: boolean | undefined;
	readonly cd?: boolean | undefined;
	readonly rd?: boolean | undefined;
	readonly nsid?: boolean | undefined;
	/** `192.0.2.0/24` */
	readonly client_subnet?: string | undefined;
	readonly rcode: readonly string[];
	readonly answer?: readonly string[] | undefined;
	readonly answer_has?: readonly string[] | undefined;
	readonly answer_match?: string | undefined;
	/** Seconds. */
	readonly ttl_min?: number | undefined;
	readonly serial_min?: number | undefined;
	/** A server, with or without a port. */
	readonly serial_of?: string | undefined;
	/** The AD flag must be set. */
	readonly ad?: boolean | undefined;
	/** Of the server's address. */
	readonly family: 4 | 6 | 'auto';
	readonly source_ip?: string | undefined;
	/** Milliseconds between the questions for one name. */
	readonly interval?: number | undefined;
	readonly timeout?: number | undefined;
}

const nameMax = 253;
const labelMax = 63;

/** What is wrong with a name, or null. */
function wrongWithName(name: string): string | null {
	if (name === '.') return null;
	const example = 'Write one such as www.example.net';
	if (name === '') return `is empty. ${example}`;
	if (name.length > nameMax) return `is longer than ${nameMax} characters`;
	if (!/^[!-~]*$/.test(name)) {
		const ascii = domainToASCII(name);
		return `is not a name: ${inWords(name)}. ${/^[!-~]+$/.test(ascii) ? `Write it as ${ascii}` : example}`;
	}
	if (name.includes('\\')) return `is not a name: ${inWords(name)}. Backslashes cannot be asked for`;
	const isSound = name.split('.').every((label) => label !== '' && label.length <= labelMax);
	return isSound ? null : `is not a name: ${inWords(name)}. ${example}`;
}

const nameOption = once(() =>
	z
		.string()
		.transform((text) => text.trim().toLowerCase())
		.transform((name) => (name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name))
		.superRefine((name, context) => {
			const message = wrongWithName(name);
			if (message !== null) context.addIssue({ code: 'custom', message });
		}),
);

const typeOption = once(() =>
	z.preprocess(
		(value) => (typeof value === 'number' ? `TYPE${value}` : value),
		z.string().transform((text, context) => {
			const type = readType(text);
			if (type !== null) return type;
			const message = `is no type that can be asked for: ${inWords(text)}. Write one such as A, AAAA, MX, SOA or TYPE65`;
			context.addIssue({ code: 'custom', message });
			return z.NEVER;
		}),
	),
);

const listMax = 100;
const recordMax = 4000;

/** One text, or a list of them. */
function texts(read: z.ZodType<string>) {
	return z.preprocess(
		(value) => (value === undefined || Array.isArray(value) ? value : [value]),
		z.array(read).max(listMax),
	);
}

const recordOption = once(() =>
	z
		.union([z.string(), z.number()], {
			error: ({ input }) => `must be text, not ${inWords(input)}. Put it in quotes`,
		})
		.transform((value) => String(value).trim())
		.refine((text) => text !== '' && text.length <= recordMax, `must have 1 to ${recordMax} characters`),
);

const rcodeNames = [...rcodes, 'BADVERS', 'BADCOOKIE'];

const rcodeOption = once(() =>
	z
		.string()
		.transform((text) => text.trim().toUpperCase())
		.refine((name) => rcodeNames.includes(name), {
			error: ({ input }) => `is no response code: ${inWords(input)}. Known: ${rcodeNames.join(', ')}`,
		}),
);

/** `192.0.2.0/24`: bits beyond the prefix must be 0, or servers refuse it. */
const subnetOption = once(() =>
	z.string().transform((text, context) => {
		const [ip = '', bits = '', more] = text.trim().split('/');
		const longest = isIPv4(ip) ? 32 : 128;
		if (
			isIP(ip) !== 0 &&
			!ip.includes('%') &&
			/^\d{1,3}$/.test(bits) &&
			Number(bits) <= longest &&
			more === undefined
		)
			return `${masked(ip, Number(bits))}/${Number(bits)}`;
		const message = `is not a network: ${inWords(text)}. Write one such as 192.0.2.0/24 or 2001:db8::/56`;
		context.addIssue({ code: 'custom', message });
		return z.NEVER;
	}),
);

function masked(ip: string, bits: number): string {
	if (isIPv4(ip)) {
		const number = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
		const kept = bits === 0 ? 0 : (number & (0xffff_ffff << (32 - bits))) >>> 0;
		return [24, 16, 8, 0].map((shift) => (kept >>> shift) & 255).join('.');
	}
	// As the WHATWG writes it, eight groups when the compression is undone.
	const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::');
	const front = head === '' ? [] : head.split(':');
	const back = tail === undefined || tail === '' ? [] : tail.split(':');
	const groups = [...front, ...Array(8 - front.length - back.length).fill('0'), ...back];
	return groups
		.map((group, at) => {
			const left = Math.min(16, Math.max(0, bits - at * 16));
			return (Number.parseInt(group, 16) & ((0xffff << (16 - left)) & 0xffff)).toString(16);
		})
		.join(':');
}

/** A server, with or without a port: `192.0.2.1`, `ns1.example.net:5353`, `[2001:db8::1]:53`. */
const serverOption = once(() =>
	z.string().transform((text, context) => {
		const { host, port } = splitPort(text.trim());
		const read = hostOption().safeParse(host);
		const isPort = port === null || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
		if (read.success && isPort) return port === null ? read.data : `${bracketed(read.data)}:${Number(port)}`;
		const message = `is not a server: ${inWords(text)}. Write one such as ns1.example.net, 192.0.2.1 or 192.0.2.1:5353`;
		context.addIssue({ code: 'custom', message });
		return z.NEVER;
	}),
);

function bracketed(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}

/** The host and the port of what `serial_of` says; null: it says no port. */
export function splitPort(text: string): { readonly host: string; readonly port: string | null } {
	const [, inBrackets, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
	if (inBrackets !== undefined) return { host: inBrackets, port: port ?? null };
	const colon = text.indexOf(':');
	const isOne = colon !== -1 && colon === text.lastIndexOf(':');
	return isOne ? { host: text.slice(0, colon), port: text.slice(colon + 1) } : { host: text, port: null };
}

const portMax = 65_535;
const ttlMax = 2 ** 31 - 1;
const serialMax = 2 ** 32 - 1;
const ednsLeast = 512;

export const dnsOptions = once(() =>
	z.strictObject({
		name: nameOption(),
		server: hostOption().optional(),
		port: numeric(z.int().min(1).max(portMax)),
		type: typeOption().default('A'),
		class: z.preprocess(
			(value) => (typeof value === 'string' ? value.trim().toUpperCase() : value),
			z.enum(['IN', 'CH', 'HS']).default('IN'),
		),
		transport: z.enum(['udp', 'tcp', 'tls', 'https']).default('udp'),
		path: z
			.string()
			.regex(/^\/[!-~]{0,500}$/, 'must be the path of a URL, such as /dns-query')
			.optional(),
		edns_size: numeric(
			z
				.int()
				.max(65_535)
				.refine((size) => size === 0 || size >= ednsLeast, `must be 0 (no EDNS), or ${ednsLeast} to 65535`),
		),
		do: flagOption(),
		cd: flagOption(),
		rd: flagOption(),
		nsid: flagOption(),
		client_subnet: subnetOption().optional(),
		rcode: texts(rcodeOption()).default(['NOERROR']),
		answer: texts(recordOption()).optional(),
		answer_has: texts(recordOption()).optional(),
		answer_match: patternOption().optional(),
		ttl_min: numeric(z.int().min(0).max(ttlMax)),
		serial_min: numeric(z.int().min(0).max(serialMax)),
		serial_of: serverOption().optional(),
		ad: flagOption(),
		...tlsOptions,
		family: familyOption(),
		source_ip: sourceIpOption().optional(),
		interval: intervalOption(),
		timeout: timeoutOption(),
	}),
);

/** What the schema cannot say. */
export function checkDns(options: DnsOptions, timing: Timing): ProbeFinding[] {
	const { edns_size: size, type, transport } = options;
	const findings: ProbeFinding[] = [...checkTls(options), ...checkInterval(options.interval, timing)];
	const say = (key: string, message: string) => findings.push({ key, message });
	for (const key of ['serial_min', 'serial_of'] as const)
		if (options[key] !== undefined && type !== 'SOA')
			say(key, `needs the record that has a serial. Add type: SOA`);
	if (size === 0)
		for (const key of ['do', 'nsid', 'client_subnet'] as const)
			if (options[key] !== undefined && options[key] !== false)
				say(key, 'needs EDNS. Leave out edns_size: 0');
	if (options.path !== undefined && transport !== 'https')
		say('path', `is of https, and the transport is ${transport}. Leave it out`);
	if (transport === 'udp' || transport === 'tcp')
		for (const key of Object.keys(tlsOptions))
			if (options[key] !== undefined) say(key, `is of TLS, and the transport is ${transport}. Leave it out`);
	return findings;
}
