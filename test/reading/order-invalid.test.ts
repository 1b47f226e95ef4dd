import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { describeFinding } from '../../src/model/findings.ts';
import { readOrder } from '../../src/reading/order.ts';

const folder = new URL('../../fixtures/orders/invalid/', import.meta.url);

const known = [...builtInProbes.keys()].join(', ');

/** What is said of each file in fixtures/orders/invalid, one rule a file. */
const findings: Readonly<Record<string, readonly string[]>> = {
	binary: ['line 1: holds a null byte. Save it as plain UTF-8 text'],
	empty: ['there is nothing in it. Write user:, step:, pings:, probe: and its section'],
	'half-written': ['fping: must be a section, not "ho". Write host: below fping:, indented'],
	'host-bad-address': [
		'fping.host: is not an IPv4 address: "192.0.2.256". Write four numbers from 0 to 255, without leading zeros',
	],
	'host-empty': [
		'fping.host: is empty. Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7',
	],
	'host-link-local': [
		'fping.host: is a link-local address. Say on which interface: write fe80::1%eth0, or add interface: eth0',
	],
	'host-list': ['fping.host: must be text, not a list'],
	'host-mapped-address': ['fping.host: is an IPv4 address in the form of IPv6. Write 192.0.2.7'],
	'host-not-ascii': [
		'fping.host: is not a host name or an address: "müller.example". Write it as xn--mller-kva.example',
	],
	'host-number': ['fping.host: must be text, not 192. Put it in quotes'],
	'host-option': [
		'fping.host: is not a host name or an address: "-f/etc/passwd". Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7',
	],
	'host-with-space': [
		'fping.host: is not a host name or an address: "my router". Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7',
	],
	'host-without-value': ['fping.host: is missing. Write host: below fping:, indented'],
	'interface-option': [
		'fping.interface: is not the name of a network interface: "-S". Write one that ip link shows, such as eth0',
	],
	'interface-too-long': [
		'fping.interface: is not the name of a network interface: "tunnel-to-the-other-side". Write one that ip link shows, such as eth0',
	],
	'interval-too-long': [
		'fping.interval: 20 pings every 20000 ms do not fit into a step of 300 s. Write at most 15000',
	],
	'interval-too-short': ['fping.interval: must be at least 10, not 1'],
	'interval-word': ['fping.interval: must be a number, not "often"'],
	'ipv6-for-ipv4': ['fping.ipv6: is true, but the host is an IPv4 address. Leave it out'],
	'ipv6-word': ['fping.ipv6: must be true or false, not "maybe"'],
	'measurement-name-list': ['measurement_name: must be text, not a list'],
	'measurement-name-newline': ['measurement_name: holds the unprintable character \\x0a. Remove it'],
	'only-comments': ['there is nothing in it. Write user:, step:, pings:, probe: and its section'],
	'option-merge-key': [
		'fping.host: is missing. Write host: below fping:, indented',
		'fping.<<: unknown option. Known: host, interface, source_ip, interval, ipv6',
	],
	'option-misspelt': ['fping.hots: unknown option. Did you mean host?'],
	'option-other-spelling': ['fping.sourceIP: unknown option. Did you mean source_ip?'],
	'option-proto': ['fping.__proto__: unknown option. Known: host, interface, source_ip, interval, ipv6'],
	'option-of-config': [
		'fping.command: holds for all orders. Write it into the config file: command: below fping: below probes:',
	],
	'option-unknown': ['fping.colour: unknown option. Known: host, interface, source_ip, interval, ipv6'],
	'pings-fraction': ['pings: must be a whole number, at least 1, not 2.5'],
	'pings-missing': ['pings: is missing. Write how many pings a measurement has, such as pings: 20'],
	'pings-more-than-seconds': [
		'pings: 11 do not fit into a step of 10 s. Write at most 10, or a step of at least 11',
	],
	'pings-negative': ['pings: must be a whole number, at least 1, not -5'],
	'pings-too-many': ['pings: must be at most 1000, not 1001'],
	'pings-word': ['pings: must be a whole number, at least 1, not "twenty"'],
	'pings-zero': ['pings: must be a whole number, at least 1, not 0'],
	'probe-list': [`probe: must be text, not a list. Known: ${known}`],
	'probe-missing': [`probe: is missing. Write one of: ${known}`],
	'probe-misspelt': [`probe: unknown probe "fpnig". Did you mean fping? Known: ${known}`],
	'probe-unknown': [`probe: unknown probe "carrier-pigeon". Known: ${known}`],
	'root-list': [
		'must be a mapping of keys to values, not a list. Write each as key: value, on a line of its own',
	],
	'root-text': [
		'must be a mapping of keys to values, not plain text. Write each as key: value, on a line of its own',
	],
	'rrd-template-list': ['rrd_template: must be text, not a list. Known: smokeping, short, norrd'],
	'rrd-template-unknown': [
		'rrd_template: unknown template "smokpeing". Did you mean smokeping? Known: smokeping, short, norrd',
	],
	'section-endless': [
		'fping: holds more than 65536 characters with its aliases (*name) filled in. Use fewer aliases',
	],
	'section-list': ['fping: must be a section, not a list. Write host: below fping:, indented'],
	'section-missing': ['fping: section is missing. Write fping: with host: below it'],
	'section-misspelt': ['fping: section is missing. Did you mean fping: where you wrote fpign:?'],
	'section-not-indented': ['fping: section is empty. Write host: below fping:, indented'],
	'section-text': ['fping: must be a section, not "192.0.2.7". Write host: below fping:, indented'],
	'section-without-options': ['fping.host: is missing. Write host: below fping:, indented'],
	'sping-host': [
		'sping.host: is not a SCION address: "10.0.0.1". Write ISD-AS,address, such as 1-ff00:0:110,10.0.0.1',
	],
	'sping-ipv6': ['sping.ipv6: is true, but the host has an IPv4 address. Leave it out'],
	'ssh-host-link-local': ['ssh.host: is a link-local address. Say on which interface: write fe80::1%eth0'],
	'ssh-interface': ['ssh.interface: unknown option. Known: host, port, ipv6, interval, key_type'],
	'ssh-key-type': [
		'ssh.key_type: unknown key type "dsa". Write rsa, ecdsa, ed25519, or in full one of: ecdsa-sha2-nistp256, -nistp384, -nistp521',
	],
	'ssh-port': ['ssh.port: must be at most 65535, not 65536'],
	'several-faults': [
		'step: must be a whole number of seconds, at least 1, not "5m"',
		'pings: must be a whole number, at least 1, not 0',
		'fping.interval: must be a number, not "often"',
		'fping.hots: unknown option. Did you mean host?',
		'rrd_template: unknown template "none". Known: smokeping, short, norrd',
	],
	'source-ip-name': [
		'fping.source_ip: is not an IP address: "eth0". Write an address of this machine, such as 192.0.2.7 or 2001:db8::7',
	],
	'source-ip-other-family': [
		'fping.source_ip: is an IPv6 address, but the host is an IPv4 address. Write an IPv4 address',
	],
	'step-fraction': ['step: must be a whole number of seconds, at least 1, not 7.5'],
	'step-infinite': ['step: must be a whole number of seconds, at least 1, not Infinity'],
	'step-list': ['step: must be a whole number of seconds, at least 1, not a list'],
	'step-missing': ['step: is missing. Write the seconds from one measurement to the next, such as step: 300'],
	'step-negative': ['step: must be a whole number of seconds, at least 1, not -300'],
	'step-too-large': ['step: must be at most 604800 seconds (a week), not 604801'],
	'step-with-unit': ['step: must be a whole number of seconds, at least 1, not "5m"'],
	'step-zero': ['step: must be a whole number of seconds, at least 1, not 0'],
	'tags-blown-up': [
		'tags: holds more than 65536 characters with its aliases (*name) filled in. Use fewer aliases',
	],
	'measurement-name-long': ['measurement_name: is 4097 characters long. Write at most 4096'],
	'tags-long-name': [`tags.${'n'.repeat(60)}...: its name is 256 characters long. Write at most 255`],
	'tags-long-together': ['tags: is 20010 characters long with all names and values. Write at most 16384'],
	'tags-long-value': ['tags.site: is 4097 characters long. Write at most 4096'],
	'tags-many': ['tags: has 101 tags. Write at most 100'],
	'tags-list': [
		'tags: must be a mapping of names to values, not a list. Write name: value below it, indented',
	],
	'tags-name-newline': ['tags.inter\\x0aface: its name holds the unprintable character \\x0a. Remove it'],
	'tags-nested': ['tags.interface: must be text, not a mapping'],
	'tags-newline': ['tags.interface: holds the unprintable character \\x0a. Remove it'],
	'tags-unnamed': ['tags: has a tag with an empty name. Give it a name'],
	'task-mapping': ['task: must be text, not a mapping'],
	'telegraf-other-name': ['measurement_name: is not the same as telegraf.measurement_name. Keep one of them'],
	'telegraf-other-tags': ['tags: is not the same as telegraf.tags. Keep one of them'],
	'telegraf-text': [
		'telegraf: must be a mapping, not "tunnel". Write measurement_name: and tags: below it, indented',
	],
	'too-large': ['larger than 65536 bytes. Write one order to each file'],
	'two-documents': ['holds more than one YAML document. Write one, without --- in between'],
	'user-control-character': ['user: holds the unprintable character \\x1b. Remove it'],
	'user-empty': ['user: is empty. Write who orders this, such as user: tmon'],
	'user-list': ['user: must be text, not a list'],
	'user-missing': ['user: is missing. Write who orders this, such as user: tmon'],
	'user-without-value': ['user: is missing. Write who orders this, such as user: tmon'],
	'yaml-alias': [
		'line 2: not valid YAML: * has a meaning of its own at the start of a value. Put the value in quotes',
	],
	'yaml-at-sign': [
		'line 1: not valid YAML: wrong indentation, or a character such as : or @ outside quotes. Indent keys that belong together alike, and put such text in quotes',
	],
	'yaml-colon': [
		'line 2: not valid YAML: wrong indentation, or a character such as : or @ outside quotes. Indent keys that belong together alike, and put such text in quotes',
	],
	'yaml-control-character': ['line 2: not valid YAML: a control character. Save it as plain UTF-8 text'],
	'yaml-deep': ['line 1: not valid YAML: too many lists or mappings inside each other. Write fewer'],
	'yaml-duplicate-key': ['line 4: the key step is written twice. Keep one of them'],
	'yaml-duplicate-option': ['line 4: the key host is written twice. Keep one of them'],
	'yaml-escape': [
		'line 1: not valid YAML: an unknown escape after a backslash. Write \\\\ for a backslash, or use single quotes',
	],
	'yaml-indentation': [
		'line 4: not valid YAML: wrong indentation, or a character such as : or @ outside quotes. Indent keys that belong together alike, and put such text in quotes',
	],
	'yaml-missing-comma': ['line 2: not valid YAML: a comma or a closing bracket is missing. Write it'],
	'yaml-no-space': [
		'line 3: not valid YAML: not a key and its value, here or on the line before. Write key: value, with a space after the colon',
	],
	'yaml-null-byte': ['line 2: holds a null byte. Save it as plain UTF-8 text'],
	'yaml-tab': ['line 6: not valid YAML: a tab in the indentation. Indent with spaces'],
	'yaml-tag': [
		'line 1: not valid YAML: ! has a meaning of its own at the start of a value. Put the value in quotes',
	],
	'yaml-unclosed-bracket': ['line 2: not valid YAML: a quote or bracket is not closed. Close it'],
	'yaml-unclosed-quote': ['line 2: not valid YAML: a quote or bracket is not closed. Close it'],
};

test('every file has its row and every row its file', () => {
	const files = readdirSync(folder).sort();
	expect(
		Object.keys(findings)
			.map((name) => `${name}.yaml`)
			.sort(),
	).toEqual(files);
});

test.each(Object.entries(findings))('%s', (name, expected) => {
	const read = readOrder('app/ping', readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), builtInProbes);
	expect('findings' in read ? read.findings.map(describeFinding) : 'no findings').toEqual(expected);
});
