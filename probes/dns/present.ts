import { isIPv6, SocketAddress } from 'node:net';

type Data = Readonly<Record<string, unknown>>;

/** A name as `dig` writes it, with a dot at its end. */
function absolute(name: unknown): string {
	const text = String(name);
	return text.endsWith('.') ? text : `${text}.`;
}

/** A text in quotes, as `dig` writes it: what is not printable ASCII as `\ddd`. */
function quoted(part: unknown): string {
	const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
	let text = '';
	for (const byte of bytes) {
		if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
		else
			text += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
	}
	return `"${text}"`;
}

function hex(bytes: unknown): string {
	return Buffer.isBuffer(bytes) ? bytes.toString('hex').toUpperCase() : '';
}

function base64(bytes: unknown): string {
	return Buffer.isBuffer(bytes) ? bytes.toString('base64') : '';
}

/** `20261130184500` */
function time(seconds: unknown): string {
	const date = new Date(Number(seconds) * 1000);
	return Number.isNaN(date.getTime()) ? '0' : date.toISOString().replaceAll(/[-:T]|\..*$/g, '');
}

function types(names: unknown): string {
	return Array.isArray(names) ? names.join(' ').replaceAll('UNKNOWN_', 'TYPE') : '';
}

function fields(data: Data, ...names: readonly string[]): string {
	return names.map((name) => String(data[name] ?? 0)).join(' ');
}

const byType: Readonly<Record<string, (data: Data) => string>> = {
	SOA: (data) =>
		`${absolute(data['mname'])} ${absolute(data['rname'])} ${fields(data, 'serial', 'refresh', 'retry', 'expire', 'minimum')}`,
	MX: (data) => `${fields(data, 'preference')} ${absolute(data['exchange'])}`,
	SRV: (data) => `${fields(data, 'priority', 'weight', 'port')} ${absolute(data['target'])}`,
	CAA: (data) => `${fields(data, 'flags')} ${String(data['tag'])} ${quoted(data['value'])}`,
	HINFO: (data) => `${quoted(data['cpu'])} ${quoted(data['os'])}`,
	RP: (data) => `${absolute(data['mbox'])} ${absolute(data['txt'])}`,
	DS: (data) => `${fields(data, 'keyTag', 'algorithm', 'digestType')} ${hex(data['digest'])}`,
	DNSKEY: (data) => `${fields(data, 'flags')} 3 ${fields(data, 'algorithm')} ${base64(data['key'])}`,
	SSHFP: (data) => `${fields(data, 'algorithm', 'hash')} ${String(data['fingerprint']).toUpperCase()}`,
	TLSA: (data) => `${fields(data, 'usage', 'selector', 'matchingType')} ${hex(data['certificate'])}`,
	NAPTR: (data) =>
		`${fields(data, 'order', 'preference')} ${[data['flags'], data['services'], data['regexp']].map(quoted).join(' ')} ${absolute(data['replacement'])}`,
	NSEC: (data) => `${absolute(data['nextDomain'])} ${types(data['rrtypes'])}`,
	RRSIG: (data) =>
		`${types([data['typeCovered']])} ${fields(data, 'algorithm', 'labels', 'originalTTL')} ${time(data['expiration'])} ` +
		`${time(data['inception'])} ${fields(data, 'keyTag')} ${absolute(data['signersName'])} ${base64(data['signature'])}`,
};

const ofNames: ReadonlySet<string> = new Set(['CNAME', 'DNAME', 'NS', 'PTR']);

/** A record as `dig +short` writes it; of types without a form of their own as RFC 3597 has it. */
export function presented(type: string, data: unknown): string {
	if (type === 'A') return String(data);
	if (type === 'AAAA') return shortest(String(data));
	if (ofNames.has(type)) return absolute(data);
	if (type === 'TXT') return (Array.isArray(data) ? data : [data]).map(quoted).join(' ');
	const own = byType[type];
	if (own !== undefined && typeof data === 'object' && data !== null) return own(data as Data);
	const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
	return `\\# ${bytes.length}${bytes.length === 0 ? '' : ` ${hex(bytes)}`}`;
}

function shortest(address: string): string {
	return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

/**
 * The same for what means the same: without the dot at the end of names, in lower case, with single blanks. Texts of TXT
 * records count as they are, with or without their quotes.
 */
export function comparable(type: string, text: string): string {
	const trimmed = text.trim();
	if (type === 'TXT') return unquoted(trimmed);
	if (type === 'AAAA') return shortest(trimmed.toLowerCase());
	const parts = trimmed.split(/\s+/);
	return parts
		.map((part) => (part.length > 1 && part.endsWith('.') ? part.slice(0, -1) : part).toLowerCase())
		.join(' ');
}

/** `"a" "b"` is the text ab. */
function unquoted(text: string): string {
	if (!/^"(?:[^"\\]|\\.)*"(?: +"(?:[^"\\]|\\.)*")*$/.test(text)) return text;
	return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part = '']) => part).join('');
}
