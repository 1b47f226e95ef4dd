import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { type Config, ConfigError, configFileKeys, loadConfig } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/environment.ts';
import { keyTreeOf, namesIn, pathIn } from '../../src/config/key-tree.ts';
import { builtInSinks } from '../../src/sinks/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-environment-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config');

function load(environment: Environment, text?: string, flags = {}): Config {
	if (text !== undefined) writeFileSync(file, text);
	const sources = { flags, environment, probes: builtInProbes, sinks: builtInSinks };
	return loadConfig(text === undefined ? sources : { ...sources, file });
}

function faults(environment: Environment, text?: string): readonly string[] {
	try {
		load(environment, text);
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.lines;
		throw error;
	}
}

test('each key of the config has a variable', () => {
	const tree = keyTreeOf(configFileKeys);
	for (const name of namesIn(tree)) expect(pathIn(tree, name)?.path.join('_')).toBe(name);
	expect(namesIn(tree)).toEqual(
		expect.arrayContaining([
			'log_level',
			'web_listen',
			'web_tls_cert_file',
			'histograms_keep_hours',
			'sinks',
		]),
	);
});

test.each([
	['PINGMACHINE_LOG_LEVEL', 'debug', (config: Config) => config.logLevel, 'debug'],
	['PINGMACHINE_MAX_AGE', '7200', (config: Config) => config.maxAgeSeconds, 7200],
	['PINGMACHINE_MAX_AGE', 'never', (config: Config) => config.maxAgeSeconds, null],
	['PINGMACHINE_USER', '1000', (config: Config) => config.user, '1000'],
	[
		'PINGMACHINE_WEB_LISTEN',
		'[::1]:9922',
		(config: Config) => config.web?.listen,
		[{ host: '::1', port: 9922 }],
	],
	[
		'PINGMACHINE_WEB_LISTEN',
		'["[::1]:9922", 127.0.0.1:9923]',
		(config: Config) => config.web?.listen.length,
		2,
	],
	[
		'PINGMACHINE_WEB_COMPAT',
		'meshping, canary',
		(config: Config) => config.web?.compat,
		['meshping', 'canary'],
	],
	['PINGMACHINE_WEB_SERIES_MAX', '1000', (config: Config) => config.web?.seriesMax, 1000],
	['PINGMACHINE_HISTOGRAMS_KEEP_HOURS', '30d', (config: Config) => config.histograms.hoursSeconds, 2_592_000],
	[
		'PINGMACHINE_PROBES_FPING_COMMAND',
		'/opt/fping',
		(config: Config) => config.probes['fping'],
		{ command: '/opt/fping' },
	],
	['PINGMACHINE_LIMITS_USERS_TMON_ORDERS', '7', (config: Config) => config.limits.users['tmon']?.orders, 7],
	[
		'PINGMACHINE_SINKS',
		'[{type: telegraf, url: udp://127.0.0.1:8094}]',
		(config: Config) => config.sinks.length,
		1,
	],
])('%s=%s', (name, value, of, expected) => {
	expect(of(load({ [name]: value }))).toEqual(expected);
});

test('a variable wins over the file, an option over both, and an empty one is none', () => {
	const text = 'log_level: warn\nmax_age: 60\n';
	expect(load({ PINGMACHINE_LOG_LEVEL: 'debug', PINGMACHINE_MAX_AGE: '' }, text)).toMatchObject({
		logLevel: 'debug',
		maxAgeSeconds: 60,
	});
	expect(load({ PINGMACHINE_LOG_LEVEL: 'debug' }, text, { logLevel: 'error' }).logLevel).toBe('error');
	// What stands beside it in the file stays.
	const web = load({ PINGMACHINE_WEB_SERIES_MAX: '9' }, 'web: {listen: 127.0.0.1:1}\n').web;
	expect(web).toMatchObject({ seriesMax: 9, listen: [{ port: 1 }] });
});

/** A reference to a variable, as it stands in a file. */
const ref = (name: string) => `$\{${name}}`;

test('names in any text of the file stand for variables', () => {
	const text = [
		`log_level: ${ref('LEVEL')}`,
		`max_age: '${ref('AGE')}'`,
		`basedir: /srv/${ref('SITE')}/${ref('PLACE:-here')}`,
		`probes: {fping: {command: "/opt/$${ref('x')}/fping"}}`,
		`limits: {orders: "${ref('ORDERS')}"}`,
	].join('\n');
	const config = load({ LEVEL: 'debug', AGE: '90', SITE: 'zrh', ORDERS: '12' }, text);
	expect(config).toMatchObject({ logLevel: 'debug', maxAgeSeconds: 90, baseDir: '/srv/zrh/here' });
	expect(config.probes['fping']).toEqual({ command: `/opt/${ref('x')}/fping` });
	expect(config.limits.others.orders).toBe(12);
});

test.each([
	[{ PINGMACHINE_LOG_LEVEL: 'loud' }, '', /^PINGMACHINE_LOG_LEVEL: log_level: .*"loud"/],
	[
		{ PINGMACHINE_LOG_LEVL: 'debug' },
		'',
		'PINGMACHINE_LOG_LEVL: stands for no key of the config. Did you mean PINGMACHINE_LOG_LEVEL?',
	],
	[{ PINGMACHINE_WEB_PUBLIC: 'health,nothing' }, '', /^PINGMACHINE_WEB_PUBLIC: web\.public\[1\]: /],
	[
		{ PINGMACHINE_PROBES_FPING_COMMAND: '/opt/fping' },
		'probes: [{httping: {}}]',
		'PINGMACHINE_PROBES_FPING_COMMAND: cannot be put below probes:, which is no mapping in the file. Say it there',
	],
	[
		{},
		`user: "${ref('NOBODY_HAS_THIS')}"`,
		`${file}: user: there is no NOBODY_HAS_THIS in the environment. Set it, or write $\${ for a plain \${`,
	],
	[{ LEVEL: 'loud' }, `log_level: ${ref('LEVEL')}`, /^LEVEL: log_level: /],
])('%j with %j is refused, and the variable is named', (environment, text, line) => {
	expect(faults(environment as Environment, text)).toEqual([
		typeof line === 'string' ? line : expect.stringMatching(line),
	]);
});

test('what is no key of the config, but ours, is passed over', () => {
	const ours = {
		PINGMACHINE_BASEDIR: '/x',
		PINGMACHINE_TEST_PLACE: '/y',
		PINGMACHINE_TESTS: 'long',
		PATH: '/bin',
	};
	expect(faults(ours)).toEqual([]);
});

test('whatever the values are, what is wrong is said in words', () => {
	const name = fc.constantFrom(
		...namesIn(keyTreeOf(configFileKeys)).map((key) => `PINGMACHINE_${key.toUpperCase()}`),
	);
	fc.assert(
		fc.property(name, fc.string({ unit: 'binary' }), (name, value) => {
			for (const line of faults({ [name]: value }))
				expect(line).toMatch(/^[A-Z_]* ?:? ?[\x20-\x7e\u00a0-\uffff]{10,}$/);
		}),
	);
});
