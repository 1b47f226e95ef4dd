import { isIPv4, isIPv6 as isIPv6ByPattern, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { parseUrl } from '../../src/model/parse-url.ts';
import type { ProbeFinding } from '../../src/model/probe.ts';

/** What probes that send packets to a host have in common in their options. */
export interface AddressingOptions {
	/** A host name in lower case, or an address in its shortest form. */
	readonly host: string;
	/** The network interface to send from. */
	readonly interface?: string | undefined;
	/** The address to send from. */
	readonly source_ip?: string | undefined;
	/** Look the host name up as IPv6. For an address it goes without saying. */
	readonly ipv6?: boolean | undefined;
}

/** `host`: a name or an address, in one form, so that orders for the same host share its pings. */
export const hostOption = once(() =>
	z
		.string()
		.transform((text) => text.trim())
		.superRefine((host, context) => complain(context, wrongWithHost(host)))
		.transform(inOneForm),
);

/** `source_ip`: an address without a zone. */
export const sourceIpOption = once(() =>
	z
		.string()
		.transform((text) => text.trim())
		.superRefine((address, context) => complain(context, wrongWithSource(address)))
		.transform(inOneForm),
);

/** `interface`: a name that the kernel would accept. */
export const interfaceOption = once(() =>
	z
		.string()
		.transform((text) => text.trim())
		.superRefine((name, context) => complain(context, wrongWithInterface(name))),
);

/** `family`: which addresses of a name are looked up. */
export const familyChoice = once(() =>
	z.preprocess(
		(value) => (value === '4' ? 4 : value === '6' ? 6 : value),
		z.literal([4, 6, 'auto'], 'must be 4, 6 or auto').optional(),
	),
);

/** YAML's true and false, and what other programs write for them. */
export const flagOption = once(() =>
	z.preprocess(
		(value) => (typeof value === 'object' ? value : (flags.get(String(value).trim().toLowerCase()) ?? value)),
		z.boolean().optional(),
	),
);

const flags: ReadonlyMap<string, boolean> = new Map([
	['1', true],
	['yes', true],
	['true', true],
	['0', false],
	['no', false],
	['false', false],
]);

/** Making Node's pattern takes 4 ms, so that commands which meet names and IPv4 alone do without it. */
function isIPv6(text: string): boolean {
	return text.includes(':') && isIPv6ByPattern(text);
}

function isIP(text: string): 0 | 4 | 6 {
	if (isIPv4(text)) return 4;
	return isIPv6(text) ? 6 : 0;
}

/** What does not go together: the families of the addresses, a link-local address and no interface. */
export function checkAddressing(options: AddressingOptions, takesInterface = true): ProbeFinding[] {
	const { host, ipv6, source_ip: source } = options;
	const findings: ProbeFinding[] = [];
	const literal = isIP(host);
	const family = familyOf(options);
	if (ipv6 !== undefined && literal !== 0 && literal !== (ipv6 ? 6 : 4)) {
		findings.push({
			key: 'ipv6',
			message: `is ${ipv6}, but the host is an IPv${literal} address. Leave it out`,
		});
	} else if (source !== undefined && isIP(source) !== family) {
		findings.push({ key: 'source_ip', message: wrongFamily(source, family, literal !== 0) });
	}
	if (isLinkLocal(host) && !host.includes('%') && options.interface === undefined) {
		const or = takesInterface ? ', or add interface: eth0' : '';
		const message = `is a link-local address. Say on which interface: write ${host}%eth0${or}`;
		findings.push({ key: 'host', message });
	}
	return findings;
}

/** The family of the addresses that a host is measured at. */
export function familyOf({ host, ipv6 }: Pick<AddressingOptions, 'host' | 'ipv6'>): 4 | 6 {
	return isIPv6(host) || (ipv6 === true && !isIPv4(host)) ? 6 : 4;
}

function wrongFamily(source: string, family: 4 | 6, isLiteral: boolean): string {
	const [own, other] = [`IPv${isIP(source)}`, `IPv${family}`];
	if (isLiteral)
		return `is an ${own} address, but the host is an ${other} address. Write an ${other} address`;
	const remedy = family === 4 ? 'Add ipv6: true' : 'Leave out ipv6: true';
	return `is an ${own} address, but the host is looked up as ${other}. ${remedy}, or write an ${other} address`;
}

function complain(context: z.RefinementCtx, message: string | null): void {
	if (message !== null) context.addIssue({ code: 'custom', message });
}

const example = 'Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7';
/** The longest name the DNS has. */
const nameMax = 253;
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^${label}(?:\\.${label})*\\.?$`, 'i');
const fourNumbers = /^\d+(?:\.\d+){3,}$/;
/** No name ends with a number, so programs take it for an address that is written in some older way. */
const endsWithNumber = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;

/** What programs that know the older ways would make of it: `10.9.2` is 10.9.0.2 to them. */
function meantBy(host: string): string {
	if (fourNumbers.test(host)) return '';
	const meant = parseUrl(`http://${host}/`)?.hostname ?? '';
	return isIPv4(meant) && meant !== host ? `: ${meant} if that is what it means` : '';
}

function wrongWithHost(host: string): string | null {
	if (host === '') return `is empty. ${example}`;
	const [bare = '', zone] = host.split('%');
	if (isIPv6(bare)) return zone === undefined ? wrongWithIPv6(bare) : wrongWithZone(host, bare, zone);
	if (isIPv4(host)) return null;
	if (endsWithNumber.test(host)) {
		return `is not an IPv4 address: ${inWords(host)}. Write four numbers from 0 to 255, without leading zeros${meantBy(host)}`;
	}
	if (hostName.test(host) && host.length <= nameMax) return null;
	// What is longer than a name is none in any form, and to convert it takes the square of its length.
	const ascii = host.length <= nameMax ? domainToASCII(host) : '';
	const isForeign = /[^\0-\x7f]/.test(host) && hostName.test(ascii);
	const remedy = isForeign ? `Write it as ${ascii}` : example;
	return `is not a host name or an address: ${inWords(host)}. ${remedy}`;
}

function wrongWithIPv6(address: string): string | null {
	const mapped = canonical(address).match(/^::ffff:([\d.]+)$/);
	return mapped === null ? null : `is an IPv4 address in the form of IPv6. Write ${mapped[1]}`;
}

function wrongWithZone(host: string, bare: string, zone: string): string | null {
	if (!interfaceName.test(zone)) {
		return `is not an address: ${inWords(host)}. After % write the name of an interface, such as eth0`;
	}
	// Node takes a zone only of letters, digits, dots and dashes.
	return isIPv6(host) ? null : `cannot be read: ${inWords(host)}. Write host: ${bare} and interface: ${zone}`;
}

function wrongWithSource(address: string): string | null {
	if (isIP(address) === 0) {
		const remedy = 'Write an address of this machine, such as 192.0.2.7 or 2001:db8::7';
		return `is not an IP address: ${inWords(address)}. ${remedy}`;
	}
	if (address.includes('%')) {
		const [bare, zone] = address.split('%');
		return `must not have a zone. Write source_ip: ${bare} and interface: ${zone}`;
	}
	return isIPv6(address) ? wrongWithIPv6(address) : null;
}

/** What the kernel accepts, of ASCII: it has 16 bytes for a name, one of them for the end. */
const interfaceName = /^(?!-|\.{1,2}$)[!-.0-9;-~]{1,15}$/;

function wrongWithInterface(name: string): string | null {
	if (interfaceName.test(name)) return null;
	return `is not the name of a network interface: ${inWords(name)}. Write one that ip link shows, such as eth0`;
}

/** Lower case, and addresses in their shortest form; but the zone is a name, and its case matters. */
function inOneForm(host: string): string {
	if (!isIPv6(host)) return host.toLowerCase();
	const [bare = '', zone] = host.split('%');
	return zone === undefined ? canonical(bare) : `${canonical(bare)}%${zone}`;
}

/** The shortest form of an IPv6 address without a zone. */
function canonical(address: string): string {
	return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** fe80::/10 */
function isLinkLocal(host: string): boolean {
	return isIPv6(host) && /^fe[89ab]/i.test(host);
}
