import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { changedKeys } from '../../src/config/changed-keys.ts';
import { type Config, ConfigError, type ConfigFlags, loadConfig } from '../../src/config/config.ts';
import { usualLimits } from '../../src/model/user-limits.ts';
import { testSinks } from '../support/test-sink-table.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/config/', import.meta.url));
const probes = builtInProbes;
const sinks = testSinks;

const defaultLimits = {
	queueMax: 50_000,
	batchMax: 1000,
	batchWaitMs: 1000,
	timeoutMs: 10_000,
	spoolMaxBytes: 1_024_000_000,
	spoolMaxAgeMs: 259_200_000,
};

const known = [...probes.keys()].join(', ');
const withoutSettings = Object.fromEntries(
	[...probes.values()].map(({ name, settings }) => [name, settings.parse({})]),
);

const defaults: Config = {
	baseDir: '/var/lib/pingmachine',
	maxAgeSeconds: 3660,
	user: null,
	logLevel: 'info',
	logFormat: 'auto',
	namesKeepSeconds: 86_400,
	histograms: { hoursSeconds: 7_776_000, daysSeconds: 94_608_000 },
	slotsKeepSeconds: 691_200,
	limits: { others: usualLimits, users: {} },
	archive: { maxAgeSeconds: null, maxBytes: null },
	rrdTemplate: 'smokeping',
	defaults: {},
	targets: [],
	probes: withoutSettings,
	probeModules: [],
	sinkModules: [],
	web: null,
	sinks: [],
};

const everything: Config = {
	baseDir: '/srv/pingmachine',
	maxAgeSeconds: 7200,
	user: 'pingmachine',
	logLevel: 'debug',
	logFormat: 'json',
	namesKeepSeconds: 172_800,
	histograms: { hoursSeconds: 2_592_000, daysSeconds: 31_536_000 },
	slotsKeepSeconds: 3_024_000,
	limits: {
		others: { ...usualLimits, orders: 1000, diskBytes: 50e9 },
		users: {
			tmon: { ...usualLimits, orders: Number.POSITIVE_INFINITY, diskBytes: 50e9, pingsPerSecond: 500 },
			'1000': {
				...usualLimits,
				orders: 1000,
				diskBytes: Number.POSITIVE_INFINITY,
				batches: 5,
				textBytes: 1e6,
			},
		},
	},
	archive: { maxAgeSeconds: 7_776_000, maxBytes: 20_000_000_000 },
	rrdTemplate: 'short',
	defaults: { stepSeconds: 300, expires: 'never' },
	targets: [
		{
			file: '/etc/hosts.txt',
			prefix: 'core',
			stepSeconds: 30,
			pings: 3,
			eachAddress: false,
			everySeconds: 300,
		},
		{
			...{ file: 'https://inventory.example.net/hosts', prefix: 'far', probe: 'fping', user: 'us' },
			...{ eachAddress: true, everySeconds: 60 },
		},
	],
	probes: { ...withoutSettings, fping: { command: '/usr/local/bin/fping' } },
	probeModules: [],
	sinkModules: [],
	web: {
		listen: [{ host: '::', port: 9922 }],
		tls: { certFile: '/etc/pingmachine/web.crt', keyFile: '/etc/pingmachine/web.key' },
		tokensFile: '/etc/pingmachine/tokens',
		public: ['health', 'metrics'],
		compat: ['meshping'],
		labels: ['site'],
		buckets: [0.01, 0.1, 1],
		seriesMax: 500_000,
		hosts: ['ping.example.net'],
	},
	sinks: [
		{
			name: 'archive',
			type: 'http',
			settings: { url: 'http://influx.example/write', token: 'abc' },
			filter: { ids: ['core/**'], users: ['tmon', 'me'], probes: ['fping'] },
			limits: {
				queueMax: 20_000,
				batchMax: 500,
				batchWaitMs: 2500,
				timeoutMs: 5000,
				spoolMaxBytes: 100_000_000,
				spoolMaxAgeMs: 86_400_000,
			},
		},
		{
			name: 'telegraf-udp-127.0.0.1-8094',
			type: 'telegraf',
			settings: { url: 'udp://127.0.0.1:8094' },
			filter: { ids: null, users: null, probes: null },
			limits: defaultLimits,
		},
	],
};

/** What each file in fixtures/config/valid comes to. */
const configs: Readonly<Record<string, Config>> = {
	empty: defaults,
	'only-comments': defaults,
	everything,
	'without-values': defaults,
	'probe-without-settings': defaults,
	'probes-list': {
		...defaults,
		probes: { ...withoutSettings, fping: { command: 'fping' } },
		probeModules: ['/opt/mine.js', '/opt/yours.mjs'],
	},
	'sinks-without-values': defaults,
	'user-number': { ...defaults, user: '1001' },
};

/** What is said of each file in fixtures/config/invalid, after its name. */
const faults: Readonly<Record<string, readonly string[]>> = {
	'archive-limits': [
		': archive_max_age: must be a whole number of seconds, at least 1, not "40m"',
		': archive_max_size: must be a size such as 500MB or 20GB, not "20 gigabytes"',
	],
	'basedir-list': [': basedir: must be text, not a list'],
	'basedir-relative': [
		': basedir: must be a path from the root, such as /var/lib/pingmachine, not "var/pingmachine"',
	],
	'key-misspelt': [': max_agee: unknown option. Did you mean max_age?'],
	'key-other-spelling': [': logLevel: unknown option. Did you mean log_level?'],
	'key-unknown': [
		': colour: unknown option. Known: basedir, max_age, user, log_level, log_format, archive_max_age, archive_max_size, names_keep, histograms_keep, slots_keep, limits, web, defaults, targets, rrd, probes, sinks',
	],
	'log-format-unknown': [': log_format: must be one of auto, text, json, journal, not "xml"'],
	'log-level-unknown': [
		': log_level: must be one of error, warn, info, debug, not "wran". Did you mean warn?',
	],
	'max-age-fraction': [': max_age: must be a whole number of seconds, at least 1, not 0.5'],
	'max-age-with-unit': [': max_age: must be a whole number of seconds, at least 1, not "1m"'],
	'max-age-zero': [': max_age: must be a whole number of seconds, at least 1, not 0'],
	'not-utf8': [': is not valid UTF-8. Save it as UTF-8'],
	'probe-setting-misspelt': [': probes.fping.comand: unknown option. Did you mean command?'],
	'probe-setting-wrong': [
		': probes.fping.command: must be the name of a program or its path from the root, such as /usr/bin/fping',
	],
	'probe-text': [': probes.fping: must be a mapping, not "/usr/bin/fping"'],
	'probe-unknown': [`: probes: unknown probe "fpnig". Did you mean fping? Known: ${known}`],
	'probes-list': [
		': probes[0]: must be the path of a module from the root, such as /etc/pingmachine/probes/mine.js, or settings such as fping: {command: /usr/bin/fping}, not "fping"',
		': probes[2]: fping is written twice. Keep one of them',
		': probes[4]: /opt/mine.js is written twice. Keep one of them',
		': probes[5]: must be the path of a module from the root, such as /etc/pingmachine/probes/mine.js, or settings such as fping: {command: /usr/bin/fping}, not "mine.js"',
		': probes.fping.comand: unknown option. Did you mean command?',
	],
	'probes-text': [
		': probes: must be settings by the name of the probe, or a list of them and of paths of modules, not "fping"',
	],
	'root-list': [
		': must be a mapping of keys to values, not a list. Write each as key: value, on a line of its own',
	],
	'several-faults': [
		': max_age: must be a whole number of seconds, at least 1, not -1',
		': log_level: must be one of error, warn, info, debug, not "loud"',
		': usr: unknown option. Did you mean user?',
		`: probes: unknown probe "carrier-pigeon". Known: ${known}`,
	],
	'rrd-template-unknown': [
		': rrd.template: must be one of smokeping, short, norrd, not "shrot". Did you mean short?',
	],
	'sink-common-key-misspelt': [
		': sinks[0].btach: unknown option. Did you mean batch?',
		': sinks[0].colour: unknown option. Known: url, token, type, name, orders, users, probes, facts, queue, batch, timeout, spool',
	],
	'sink-key-misspelt': [': sinks[1].ulr: unknown option. Did you mean url?'],
	'sink-name-twice': [': sinks[1].name: another sink is called one. Give it another name'],
	'sink-spool-of-datagrams': [
		': sinks[0].spool: udp://127.0.0.1:8094 does not say what it has taken, so there is nothing to keep for it. Remove spool:',
	],
	'sink-text': [': sinks[0]: must be a mapping, not "telegraf". Write type: and what that sink needs'],
	'sink-type-missing': [': sinks[0].type: is missing. Write type: and one of telegraf, http'],
	'sink-type-unknown': [
		': sinks[0].type: unknown sink "telegarf". Did you mean telegraf? Known: telegraf, http',
	],
	'sink-values-wrong': [
		': sinks[0].name: must have 1 to 64 letters, digits, dots, - and _, a letter or digit first',
		': sinks[0].orders: must have at least 1 entries',
		': sinks[0].queue: must be at least 1, not 0',
		': sinks[0].batch.size: must be a number, not "many"',
		': sinks[0].timeout: must be at least 0.1, not 0',
		': sinks[0].batch.wiat: unknown option. Did you mean wait?',
		': sinks[0].url: must begin with udp://, tcp:// or http://',
	],
	'sinks-mapping': [': sinks: must be a list, not a mapping'],
	'user-empty': [': user: is empty. Write a value, or leave it out'],
	'user-list': [': user: must be text or a number, not a list'],
	'targets-one-folder': [
		': targets[1].prefix: is that of another list. Write a folder for each: what is not in its list is removed',
	],
	'targets-probe': [
		`: defaults.probe: unknown probe "fpign". Did you mean fping? Known: ${known}`,
		`: targets[0].probe: unknown probe "icmpp". Did you mean icmp? Known: ${known}`,
	],
	'targets-wrong': [
		': defaults.step: must be a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, or whole seconds, at least 1, not 0',
		': targets[0].file: must be a path from the root, or a URL with https:// or redis://, not "hosts.txt"',
		': targets[1].prefix: is an absolute path. Write the path below orders/, such as me/router',
		': targets[1].every: must be a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, or seconds, at least 1, not "soon"',
		': targets[2].file: is missing. Write file: below targets[2]:, indented',
		': targets[2].steps: unknown option. Did you mean step?',
	],
	'yaml-duplicate-key': [':3: the key max_age is written twice. Keep one of them'],
	'yaml-tab': [':2: not valid YAML: a tab in the indentation. Indent with spaces'],
};

/** What is wrong, line by line. */
function faultsOf(flags: ConfigFlags, file?: string): readonly string[] {
	try {
		loadConfig({ file, flags, probes, sinks });
	} catch (error) {
		if (error instanceof ConfigError) return error.lines;
		throw error;
	}
	return [];
}

test('without file and flags the defaults hold', () => {
	expect(loadConfig({ flags: {}, probes, sinks })).toEqual(defaults);
});

test.each(Object.entries(configs))('valid file %s', (name, config) => {
	expect(loadConfig({ file: `${fixtures}valid/${name}.yaml`, flags: {}, probes, sinks })).toEqual(config);
});

test.each(Object.entries(faults))('invalid file %s', (name, expected) => {
	const file = `${fixtures}invalid/${name}.yaml`;
	expect(faultsOf({}, file)).toEqual(expected.map((fault) => file + fault));
});

test('every file has its row and every row its file', () => {
	for (const [folder, rows] of [
		['valid', configs],
		['invalid', faults],
	] as const) {
		const names = Object.keys(rows).map((name) => `${name}.yaml`);
		expect(names.sort()).toEqual(readdirSync(fixtures + folder).sort());
	}
});

test('flags win over the file', () => {
	const file = `${fixtures}valid/everything.yaml`;
	const flags = { basedir: '/a', maxAge: '60', user: 'me', logLevel: 'warn', logFormat: 'text' };
	expect(loadConfig({ file, flags, probes, sinks })).toEqual({
		...everything,
		baseDir: '/a',
		maxAgeSeconds: 60,
		user: 'me',
		logLevel: 'warn',
		logFormat: 'text',
	});
	const { logLevel } = loadConfig({ file, flags: { logLevel: 'error', user: undefined }, probes, sinks });
	expect(logLevel).toBe('error');
	expect(loadConfig({ file, flags: { user: undefined }, probes, sinks })).toEqual(everything);
});

test('orders need never expire', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	try {
		const file = join(folder, 'config.yaml');
		writeFileSync(file, 'max_age: never\n');
		expect(loadConfig({ file, flags: {}, probes, sinks }).maxAgeSeconds).toBeNull();
		expect(loadConfig({ file, flags: { maxAge: '60' }, probes, sinks }).maxAgeSeconds).toBe(60);
		expect(loadConfig({ flags: { maxAge: 'never' }, probes, sinks }).maxAgeSeconds).toBeNull();
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('a base directory on the command line may be relative', () => {
	expect(loadConfig({ flags: { basedir: 'here' }, probes, sinks }).baseDir).toBe(join(process.cwd(), 'here'));
});

test('everything that is wrong with the flags is said, and with the file too', () => {
	const flags = { basedir: '', maxAge: '1m', user: '', logLevel: 'loud', logFormat: 'jsn' };
	const file = `${fixtures}invalid/log-format-unknown.yaml`;
	expect(faultsOf(flags, file)).toEqual([
		'--basedir: is empty. Write a value, or leave it out',
		'--max-age: must be a whole number of seconds, at least 1, not "1m"',
		'--user: is empty. Write a value, or leave it out',
		'--log-level: must be one of error, warn, info, debug, not "loud"',
		'--log-format: must be one of auto, text, json, journal, not "jsn". Did you mean json?',
		`${file}: log_format: must be one of auto, text, json, journal, not "xml"`,
	]);
	expect(faultsOf({ maxAge: '0' })).toEqual([
		'--max-age: must be a whole number of seconds, at least 1, not 0',
	]);
	expect(faultsOf({ maxAge: '-5' })).toEqual([
		'--max-age: must be a whole number of seconds, at least 1, not "-5"',
	]);
});

test('a file that cannot be read is said to be so', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	try {
		const file = join(folder, 'config.yaml');
		expect(faultsOf({}, file)).toEqual([`${file}: there is no such file. Write it, or leave out --config`]);
		expect(faultsOf({}, folder)).toEqual([`${folder}: this is a folder. Name a file in it`]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('an error is one line for the log', () => {
	const file = `${fixtures}invalid/several-faults.yaml`;
	expect(() => loadConfig({ file, flags: {}, probes, sinks })).toThrow(faultsOf({}, file).join(' | '));
});

test('a change is applied at once or needs a restart', () => {
	expect(changedKeys(defaults, defaults)).toEqual({ applied: [], needRestart: [] });
	expect(changedKeys(defaults, everything)).toEqual({
		applied: [
			'max_age',
			'log_level',
			'names_keep',
			'histograms_keep',
			'slots_keep',
			'limits',
			'archive_max_age and archive_max_size',
			'defaults',
			'targets',
			'web',
			'sinks',
			'probes.fping',
		],
		needRestart: ['basedir', 'user', 'log_format', 'rrd.template'],
	});
	expect(changedKeys(everything, { ...everything, user: null })).toEqual({
		applied: [],
		needRestart: ['user'],
	});
});

test('--telegraf adds a sink to those of the file', () => {
	const sinksOf = (telegraf: string, file?: string) =>
		loadConfig({ file, flags: { telegraf }, probes, sinks }).sinks;
	const [added] = sinksOf('[::1]:8094');
	expect(added).toEqual({
		name: 'telegraf-udp-1-8094-57355709',
		type: 'telegraf',
		settings: { url: 'udp://[::1]:8094' },
		filter: { ids: null, users: null, probes: null },
		limits: defaultLimits,
	});
	const all = sinksOf('127.0.0.1:8094', `${fixtures}valid/everything.yaml`);
	expect(all.map(({ name }) => name)).toEqual([
		'archive',
		'telegraf-udp-127.0.0.1-8094',
		'telegraf-udp-127.0.0.1-8094-2',
	]);
	expect(sinksOf('telegraf.example:8094')).toHaveLength(1);
});

test.each([
	'127.0.0.1',
	'::1:8094',
	'host:0',
	'host:70000',
	'udp://host:8094',
	'',
	'a b:1',
	'user:pw@host:1',
])('--telegraf %s is not a host and a port', (telegraf) => {
	expect(faultsOf({ telegraf })).toEqual([
		// What may be a password is not said again.
		`--telegraf: must be a host and a port, such as 127.0.0.1:8094 or [::1]:8094, not "${telegraf.replace('user:pw', '***')}"`,
	]);
});
