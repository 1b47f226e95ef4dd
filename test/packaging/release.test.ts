/** scripts/release, in a repository of its own, with an npm that only writes down what it is asked for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const script = new URL('../../scripts/release', import.meta.url).pathname;
/** Made once; each test has a copy. */
const made = mkdtempSync(join(tmpdir(), 'pingmachine-release-'));
let scratch: string;
let repository: string;

beforeAll(() => {
	repository = made;
	for (const folder of ['scripts', 'dist/scripts']) mkdirSync(join(made, folder), { recursive: true });
	cpSync(script, join(made, 'scripts/release'));
	put('.gitignore', 'packages/\ndist/\n');
	put('dist/scripts/sbom.js', 'console.log("{}")\n');
	put('package.json', '{"name": "pingmachine", "version": "2.1.0-dev"}');
	put('package-lock.json', '{"version": "2.1.0-dev", "packages": {"": {"version": "2.1.0-dev"}}}');
	put(
		'CHANGELOG.md',
		'# Changelog\n\n## 2.1.0 (not released yet)\n\n- Something new.\n\n## 2.0.0 (2026-01-01)\n\n- Old.\n',
	);
	git('init', '--quiet', '--initial-branch=main', '--template=');
	git('config', 'user.email', 'me@example.net');
	git('config', 'user.name', 'me');
	commit();
	git('tag', 'v2.0.0');
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(() => {
	scratch = mkdtempSync(join(tmpdir(), 'pingmachine-release-'));
	repository = join(scratch, 'repository');
	cpSync(made, repository, { recursive: true });
	mkdirSync(join(scratch, 'bin'));
	npm('exit 0');
});
afterEach(() => rmSync(scratch, { recursive: true }));

const put = (path: string, text: string) => writeFileSync(join(repository, path), text);
const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const git = (...args: string[]) =>
	execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const commit = () => {
	git('add', '--all');
	git('commit', '--quiet', '--message', 'Begin');
};
const called = () =>
	existsSync(join(scratch, 'called')) ? readFileSync(join(scratch, 'called'), 'utf8').trim().split('\n') : [];

/** @param then what npm does after it has written down what it is asked for */
function npm(then: string): void {
	writeFileSync(join(scratch, 'bin/npm'), `#!/bin/sh\necho "$*" >> "${scratch}/called"\n${then}\n`, {
		mode: 0o755,
	});
}

function release(...args: string[]) {
	const env = { ...process.env, PATH: `${join(scratch, 'bin')}:${process.env['PATH']}` };
	const { status, stdout, stderr } = spawnSync(join(repository, 'scripts/release'), args, {
		env,
		encoding: 'utf8',
	});
	return { status, stdout, stderr };
}

test('the checklist is walked to its end: version, day, commit, packages, tag', () => {
	expect(release('2.1.0')).toMatchObject({
		status: 0,
		stderr: '',
		stdout: expect.stringContaining('[8/8] the tag'),
	});
	expect(called()).toEqual([
		'run --silent build',
		'run --silent reference',
		'run --silent dashboards',
		'test',
		'run --silent test:long',
		'pack --silent --pack-destination packages',
		'run --silent package:deb -- --arch amd64',
		'run --silent package:deb -- --arch arm64',
	]);
	expect(JSON.parse(read('package.json')).version).toBe('2.1.0');
	expect(JSON.parse(read('package-lock.json'))).toEqual({
		version: '2.1.0',
		packages: { '': { version: '2.1.0' } },
	});
	expect(read('CHANGELOG.md')).toMatch(
		/^## 2\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n- Something new\.\n\n## 2\.0\.0 \(2026-01-01\)$/m,
	);
	expect(git('log', '--format=%s', '-1', 'v2.1.0')).toBe('Release 2.1.0');
	expect(git('status', '--porcelain')).toBe('');
	expect(read('packages/SHA256SUMS')).toMatch(/^[0-9a-f]{64} {2}pingmachine-2\.1\.0\.cdx\.json$/m);
});

test('--dry-run checks the same, runs nothing and changes nothing', () => {
	const { status, stdout } = release('2.1.0', '--dry-run');
	expect(status).toBe(0);
	for (const words of [
		'would run: npm test',
		'would run: write_version 2.1.0',
		'would run: make_packages',
		'would run: git tag',
	])
		expect(stdout).toContain(words);
	expect(called()).toEqual([]);
	expect(git('status', '--porcelain')).toBe('');
	expect(git('tag')).toBe('v2.0.0');
	expect(read('package.json')).toContain('2.1.0-dev');
});

describe('it ends at the first point that is not as it should be', () => {
	test.each<[string, () => void, readonly string[], RegExp]>([
		['no version', () => {}, ['2.1'], /2\.1 is no version/],
		['an old version', () => {}, ['1.9.9'], /1\.9\.9 does not come after v2\.0\.0/],
		['one that is out', () => git('tag', 'v2.1.0'), ['2.1.0'], /v2\.1\.0 is there already/],
		['one before package.json', () => {}, ['2.0.1'], /2\.0\.1 does not come after 2\.1\.0-dev/],
		['changes', () => put('new', ''), ['2.1.0'], /there are changes: \?\? new/],
		['another heading', () => {}, ['2.2.0'], /Write "## 2\.2\.0 \(not released yet\)"/],
		[
			'nothing new',
			() => {
				put('CHANGELOG.md', '## 2.1.0 (not released yet)\n\n## 2.0.0\n\n- Old.\n');
				commit();
			},
			['2.1.0'],
			/no line on 2\.1\.0/,
		],
		[
			'tables that are old',
			() => npm('case "$*" in *reference) echo new > table ;; esac'),
			['2.1.0'],
			/these were old: \?\? table/,
		],
	])('%s', (_, prepare, args, words) => {
		prepare();
		const { status, stderr } = release(...args);
		expect(stderr).toMatch(words);
		expect(status).toBe(1);
		expect(read('package.json')).toContain('2.1.0-dev');
	});

	test('tests that fail: nothing is committed', () => {
		npm('[ "$*" != test ]');
		expect(release('2.1.0').status).toBe(1);
		expect(git('log', '--format=%s')).toBe('Begin');
	});

	test('packages that cannot be made: there is no tag, and it says how to go back', () => {
		npm('case "$*" in *arm64) exit 1 ;; esac');
		expect(release('2.1.0')).toMatchObject({
			status: 1,
			stderr: expect.stringContaining('git reset --hard HEAD~1'),
		});
		expect(git('tag')).toBe('v2.0.0');
	});

	test('words that it does not know', () => {
		expect(release('2.1.0', '--dry')).toMatchObject({
			status: 2,
			stderr: expect.stringContaining('unknown option --dry'),
		});
		expect(release().status).toBe(2);
		expect(release('--help')).toMatchObject({ status: 0, stderr: '' });
	});
});

test('a candidate comes before what it is a candidate of', () => {
	expect(release('2.1.0-rc.1', '--dry-run')).toMatchObject({ status: 0 });
	git('tag', 'v2.1.0-rc.1');
	expect(release('2.1.0', '--dry-run')).toMatchObject({ status: 0 });
	git('tag', 'v2.1.0');
	expect(release('2.1.0-rc.2', '--dry-run').stderr).toMatch(/does not come after|is there already/);
});
