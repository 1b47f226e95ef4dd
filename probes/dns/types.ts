/** Types of records by name, where the encoder has no name for them. */
const byName: Readonly<Record<string, number>> = {
	SVCB: 64,
	HTTPS: 65,
	LOC: 29,
	CSYNC: 62,
	ZONEMD: 63,
	URI: 256,
};

/** Those that the encoder knows by name, but for what is no question or asks for a whole zone. */
const known: ReadonlySet<string> = new Set([
	...[
		'A',
		'AAAA',
		'AFSDB',
		'ANY',
		'APL',
		'CAA',
		'CDNSKEY',
		'CDS',
		'CERT',
		'CNAME',
		'DHCID',
		'DNAME',
		'DNSKEY',
		'DS',
	],
	...[
		'HINFO',
		'HIP',
		'IPSECKEY',
		'KEY',
		'KX',
		'MX',
		'NAPTR',
		'NS',
		'NSEC',
		'NSEC3',
		'NSEC3PARAM',
		'PTR',
		'RP',
	],
	...['RRSIG', 'SIG', 'SOA', 'SPF', 'SRV', 'SSHFP', 'TLSA', 'TXT'],
]);
const notAsked: ReadonlySet<number> = new Set([0, 41, 249, 250, 251, 252]);

/** How an order writes a type, `A` or `TYPE65`; null when it is none that can be asked for. */
export function readType(text: string): string | null {
	const name = text.trim().toUpperCase();
	if (known.has(name) || Object.hasOwn(byName, name)) return name;
	const [, digits] = /^TYPE(\d{1,5})$/.exec(name) ?? [];
	const number = Number(digits ?? 0);
	return number > 65_535 || notAsked.has(number) ? null : `TYPE${number}`;
}

/** How the encoder calls a type that `readType` has accepted. */
export function encoderType(name: string): string {
	const number = name.startsWith('TYPE') ? Number(name.slice(4)) : byName[name];
	return number === undefined ? name : `UNKNOWN_${number}`;
}

/** Names of response codes that the encoder does not have. */
const extendedRcodes: Readonly<Record<number, string>> = { 16: 'BADVERS', 23: 'BADCOOKIE' };

/** By number. */
export const rcodes: readonly string[] = [
	...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'],
	...['YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'],
];

export function rcodeName(number: number): string {
	return rcodes[number] ?? extendedRcodes[number] ?? `RCODE${number}`;
}
