/** Orders, rules and histories of other programs' files; the configs are those that Debian's smokeping ships. */
import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { importBlackbox } from '../../../src/commands/import/blackbox.ts';
import type { Imported } from '../../../src/commands/import/imported.ts';
import { importMeshping, importPingy } from '../../../src/commands/import/lists.ts';
import { importSmokeping } from '../../../src/commands/import/smokeping.ts';
import { type ImportOptions, writeImported } from '../../../src/commands/import/write.ts';

let base = '';

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-import-'));
	mkdirSync(join(base, 'orders'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const put = (name: string, text: string) => {
	const path = join(base, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
};

function imported(what: Imported, options: Partial<ImportOptions> = {}) {
	let [out, errors] = ['', ''];
	const exitCode = writeImported(what, { basedir: base, ...options }, builtInProbes, {
		stdout: { write: (text) => (out += text) },
		stderr: { write: (text) => (errors += text) },
	});
	return { exitCode, out, errors };
}

const order = (id: string) => load(readFileSync(join(base, 'orders', id), 'utf8')) as Record<string, unknown>;
const findings = (text: string) => text.trim().split('\n');

describe('smokeping', () => {
	const shipped = new URL('../../../.debian/smokeping', import.meta.url).pathname;
	const examples = `${shipped}/usr/share/doc/smokeping/examples`;
	const names = readdirSync(examples).filter((name) => name.startsWith('config.'));

	/** Where its own config says /etc, it is unpacked elsewhere. */
	function installed(): string {
		const etc = `${shipped}/etc/smokeping`;
		for (const name of readdirSync(etc, { recursive: true, encoding: 'utf8' })) {
			if (statSync(join(etc, name)).isDirectory()) continue;
			put(`etc/${name}`, readFileSync(join(etc, name), 'utf8').replaceAll('/etc/smokeping/', `${base}/etc/`));
		}
		return join(base, 'etc/config');
	}

	test.each(['/etc/smokeping/config', ...names])('%s', (name) => {
		const file = name.startsWith('/') ? installed() : join(examples, name);
		const { out, errors } = imported(importSmokeping(file, null));
		expect(out).toMatch(/^added /m);
		expect(out).toContain('rule someloss.yaml');
		// Nothing was made into an order that is none.
		for (const line of findings(errors))
			expect(line).toMatch(
				/has no counterpart|only the connection|only http and https|notifiers: of the config/,
			);
		expect(readFileSync(join(base, 'alerts/someloss.yaml'), 'utf8')).toContain(
			"loss: '>0%,*12*,>0%,*12*,>0%'",
		);
	});

	test('values are handed down, probes have instances, and a target may have others below it', () => {
		imported(importSmokeping(`${examples}/config.fping-instances`, null), { prefix: 'old' });
		expect(order('old/network/myhost1/large')).toEqual({
			...{ user: 'smokeping', step: 300, pings: 20, probe: 'icmp', expires: 'never' },
			...{ icmp: { host: 'myhost1.example', size: 5000 }, title: 'Large packetsize (5000 bytes)' },
		});
		imported(importSmokeping(`${examples}/config.multiple-probes`, null));
		expect(order('services/DNS/dns1')).toMatchObject({
			...{ step: 180, pings: 5, probe: 'dns', dns: { name: 'name.example', server: 'dns1.example' } },
		});
		imported(importSmokeping(`${examples}/config.echoping`, null));
		expect(order('MyServers/www-server/self')).toMatchObject({ icmp: { host: 'www-server.example' } });
		expect(order('MyServers/cache/http')).toMatchObject({
			http: { url: 'http://www.somehost.example/', proxy: 'www-cache.example:8080' },
		});
	});

	const config = (targets: string, more = '') =>
		put(
			'config',
			`*** General ***\ndatadir = ${base}/rrds\n*** Probes ***\n+ FPing\n${more}*** Targets ***\n${targets}`,
		);
	const target = 'probe = FPing\n+ a\nhost = 127.0.0.1\n';

	test('includes, definitions and lines that go on', () => {
		put('more/targets', 'probe = FPing\n@define HOST 192.0.2.7\n+ a\ntitle = one \\\n   two\nhost = HOST\n');
		imported(importSmokeping(config('@include more/targets\n'), null));
		expect(order('a')).toMatchObject({ icmp: { host: '192.0.2.7' }, title: 'one two' });
	});

	test('what has no counterpart is told, and the rest is imported', () => {
		const more =
			'*** Alerts ***\n+odd\ntype = matcher\npattern = Avgratio(historic=>10)\n+slow\ntype = matcher\npattern = CheckLatency(l=>50,x=>3)\n';
		const targets = `${target}alerts = slow,odd,none\n+ b\nhost = /a /c\n+ c\nhost = DYNAMIC\n+ d\nprobe = Qstat\nhost = h\n+ routes\n++ events\nhost = 127.0.0.1\n`;
		const { exitCode, errors, out } = imported(importSmokeping(config(targets, more), null));
		expect([exitCode, ...findings(errors)]).toEqual([
			1,
			expect.stringMatching(/^alert odd: the matcher Avgratio/),
			'alert none: is named by targets and not defined',
			...[/^b: shows several targets/, /^c: .*DYNAMIC/].map((line) => expect.stringMatching(line)),
			expect.stringMatching(/^d: the probe Qstat/),
			expect.stringMatching(/^routes\/events: the order id .*events/),
		]);
		expect(out).toContain('1 orders, 1 rules and 0 histories imported, 6 without a counterpart or at fault');
		expect(order('a')).toMatchObject({ alerts: ['slow'] });
		expect(load(readFileSync(join(base, 'alerts/slow.yaml'), 'utf8'))).toMatchObject({
			median: { over: '50ms', for: '3 slots' },
		});
	});

	test.each([
		['@include config', /files are included/],
		['+ a', /config:1: stands before|^.*a has no part above it/],
		['x = 1', /config:1: stands before the first/],
		['*** Targets ***\n+++ a', /config:2: \+\+\+ a has no part above it/],
		['@include /none/such', /\/none\/such: cannot be read/],
		['@include /dev/zero', /is not a regular file/],
	])('%s is told with its place', (text, fault) => {
		expect(() => importSmokeping(put('config', text))).toThrow(fault);
	});

	const sources = ['uptime:GAUGE:600:0:U', 'loss:GAUGE:600:0:20', 'median:GAUGE:600:0:180'];

	function history(file: string, pings = 20) {
		mkdirSync(dirname(file), { recursive: true });
		const rows = ['AVERAGE:0.5:1:1008', 'AVERAGE:0.5:12:4320', 'MIN:0.5:12:4320', 'MAX:0.5:12:4320'];
		const all = [...sources, ...Array.from({ length: pings }, (_, at) => `ping${at + 1}:GAUGE:600:0:180`)];
		const start = 1_795_000_200;
		execFileSync('rrdtool', [
			...['create', file, '--start', String(start), '--step', '300'],
			...[...all.map((one) => `DS:${one}`), ...rows.map((one) => `RRA:${one}`)],
		]);
		const updates = Array.from({ length: 100 }, (_, at) => {
			const pingsOf = Array.from({ length: pings }, (_ping, ping) => (at + ping) / 1000);
			return `${start + 300 * (at + 1)}:U:${at % 3}:${at / 500}:${pingsOf.join(':')}`;
		});
		execFileSync('rrdtool', ['update', file, ...updates]);
		return { start, end: start + 300 * 100 };
	}

	test('main.rrd has all that the RRD had, in every archive, and goes on', () => {
		const { start, end } = history(join(base, 'rrds/a.rrd'));
		const { out, errors } = imported(importSmokeping(config(target)));
		expect(errors).toBe('');
		expect(out).toContain('1 orders, 0 rules and 1 histories imported');
		const made = join(base, 'output/a/main.rrd');
		for (const [kind, resolution] of [
			['AVERAGE', 300],
			['AVERAGE', 3600],
			['MIN', 3600],
			['MAX', 3600],
		] as const) {
			const fetched = (file: string) =>
				execFileSync(
					'rrdtool',
					['fetch', file, kind, '-s', String(start), '-e', String(end), '-r', String(resolution)],
					{
						encoding: 'utf8',
					},
				);
			const lines = (file: string) => fetched(file).trim().split('\n').slice(2);
			const expected = lines(join(base, 'rrds/a.rrd')).map((line) => line.replace(/: \S+/, ':'));
			expect(lines(made)).toEqual(expected);
			expect(expected.join()).toMatch(/e-0/);
		}
		const update = `${end + 300}:1:0.5${':0.5'.repeat(20)}`;
		execFileSync('rrdtool', ['update', made, update]);
		const newest = (file: string) =>
			execFileSync('rrdtool', ['fetch', file, 'AVERAGE', '-s', String(end), '-e', String(end + 300)], {
				encoding: 'utf8',
			});
		const row = new RegExp(`^${end + 300}: (.*)$`, 'm');
		expect(row.exec(newest(made))?.[1]).toMatch(/^1\.0+e\+00 5\.0+e-01/);
	});

	test('an RRD of another shape, a damaged one and a missing one are told; what was measured stays', () => {
		history(join(base, 'rrds/a.rrd'), 5);
		const file = config(target);
		expect(imported(importSmokeping(file)).errors).toMatch(/a: history: .*is not of 20 pings in 300 s/);
		put('rrds/a.rrd', 'RRD\0nonsense');
		expect(imported(importSmokeping(file)).errors).toMatch(/a: history: .*a\.rrd/);
		rmSync(join(base, 'rrds/a.rrd'));
		expect(imported(importSmokeping(file)).errors).toMatch(/a: history: .*is not there/);
		history(join(base, 'rrds/a.rrd'));
		put('output/a/main.rrd', 'mine');
		expect(imported(importSmokeping(file)).errors).toMatch(/main\.rrd: is there already, and stays/);
		expect(readFileSync(join(base, 'output/a/main.rrd'), 'utf8')).toBe('mine');
	});

	test('a dry run writes nothing; another content stays without --force', () => {
		history(join(base, 'rrds/a.rrd'));
		const file = config(target);
		const { out } = imported(importSmokeping(file), { dryRun: true });
		expect(out).toBe(
			'order a\n1 orders, 0 rules and 1 histories would be imported, 0 without a counterpart or at fault\n',
		);
		expect(readdirSync(join(base, 'orders'))).toEqual([]);
		expect(existsSync(join(base, 'output'))).toBe(false);
		put('orders/a', 'user: me');
		expect(imported(importSmokeping(file, null)).errors).toMatch(/^a: there is another order of that name/);
		expect(readFileSync(join(base, 'orders/a'), 'utf8')).toBe('user: me');
		imported(importSmokeping(file, null), { force: true });
		expect(order('a')).toMatchObject({ user: 'smokeping' });
	});
});

test('pingy', () => {
	expect(imported(importPingy('192.0.2.7\n# no\n2001:db8::7\n192.0.2.7\n', 60))).toMatchObject({
		exitCode: 0,
		errors: '',
	});
	expect(order('192.0.2.7')).toEqual({
		...{ user: 'pingy', step: 60, pings: 1, probe: 'icmp', icmp: { host: '192.0.2.7' }, expires: 'never' },
	});
	expect(imported(importPingy('')).errors).toMatch(/there are no targets/);
	expect(imported(importPingy('not a host!\n')).exitCode).toBe(1);
});

test('meshping', () => {
	const metrics =
		'# HELP meshping_sent Sent pings\nmeshping_sent{name="r 1",target="192.0.2.7"} 5\nmeshping_sent{target="192.0.2.8"} 5\n';
	expect(imported(importMeshping(metrics), { prefix: 'mesh' })).toMatchObject({ exitCode: 0, errors: '' });
	expect(order('mesh/r_1@192.0.2.7')).toMatchObject({ step: 30, pings: 1, icmp: { host: '192.0.2.7' } });
	expect(order('mesh/192.0.2.8')).toMatchObject({ icmp: { host: '192.0.2.8' } });
	imported(importMeshping('gw@192.0.2.9\n'));
	expect(order('gw')).toMatchObject({ icmp: { host: '192.0.2.9' } });
	expect(imported(importMeshping('# HELP other x\nother 1\n')).errors).toMatch(/no meshping_sent/);
});

describe('blackbox', () => {
	const modules = `modules:
    ping: {prober: icmp, icmp: {payload_size: 100}}
    web: {prober: http, timeout: 5s, http: {valid_status_codes: [200], fail_if_body_not_matches_regexp: [ok], tls_config: {insecure_skip_verify: true}, basic_auth: {username: a}}}
    mail: {prober: tcp, tcp: {query_response: [{expect: '^220'}, {send: QUIT}]}}
    names: {prober: dns, dns: {query_name: a.example, query_type: SOA, transport_protocol: tcp, valid_rcodes: [NOERROR]}}
    rpc: {prober: grpc}
    unused: {prober: icmp}
`;
	const job = (name: string, module: string, targets: string) =>
		`    - {job_name: ${name}, metrics_path: /probe, params: {module: [${module}]}, static_configs: [{targets: [${targets}], labels: {site: zrh}}]}\n`;
	const prometheus = `global: {scrape_interval: 1m}\nscrape_configs:\n    - {job_name: node, static_configs: [{targets: [a]}]}\n${job('p', 'ping', '192.0.2.7')}${job('w', 'web', '"https://a.example/"')}${job('m', 'mail', '"a.example:25"')}${job('n', 'names', '"192.0.2.53:53"')}${job('r', 'rpc', 'x')}${job('q', 'none', 'x')}`;
	const files = [
		{ name: 'blackbox.yml', text: modules },
		{ name: 'prometheus.yml', text: prometheus },
	];

	test('modules and the targets of Prometheus become orders', () => {
		const { errors } = imported(importBlackbox(files));
		expect(order('p/192.0.2.7')).toMatchObject({
			...{ step: 60, pings: 5, icmp: { host: '192.0.2.7', size: 100 }, tags: { site: 'zrh' } },
		});
		expect(order('w/https:__a.example_')).toMatchObject({
			http: { url: 'https://a.example/', status: [200], match: ['ok'], tls_verify: false, redirects: true },
		});
		expect(order('m/a.example:25')).toMatchObject({ tcp: { host: 'a.example', port: 25, expect: '^220' } });
		expect(order('n/192.0.2.53:53')).toMatchObject({
			dns: {
				server: '192.0.2.53',
				port: 53,
				name: 'a.example',
				type: 'SOA',
				transport: 'tcp',
				rcode: ['NOERROR'],
			},
		});
		expect(findings(errors).sort()).toEqual([
			'm: tcp.query_response: only the first step has a counterpart',
			'module unused: nothing is asked of it',
			'q: there is no module none in these files',
			'r: the prober grpc has no counterpart',
			'w: http.basic_auth has no counterpart',
		]);
	});

	test('without the config of Prometheus, and with what is no YAML, it says so', () => {
		expect(imported(importBlackbox(files.slice(0, 1))).errors).toMatch(/Name it too/);
		expect(() => importBlackbox([{ name: 'x.yml', text: 'a: [' }])).toThrow(/^x\.yml: is not YAML/);
		expect(() => importBlackbox([{ name: 'x.yml', text: '- a' }])).toThrow(/^x\.yml: is not a mapping/);
	});
});
