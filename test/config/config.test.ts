import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { changedKeys } from '../../src/config/changed-keys.ts';
import { ConfigError, loadConfig } from '../../src/config/config.ts';
import type { ConfigFlags } from '../../src/config/flags.ts';
import { testSinks } from '../support/test-sink-table.ts';
import { configs, defaultLimits, defaults, everything, probes } from './support/expected-configs.ts';
import { faults } from './support/expected-faults.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/config/', import.meta.url));

const sinks = testSinks;

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
