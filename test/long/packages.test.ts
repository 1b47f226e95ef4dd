/** The Debian packages, in minimal roots of Debian 13 and, with Node.js inside, of Debian 12. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
let debs: readonly string[];

beforeAll(() => {
	execFileSync('npm', ['run', '--silent', 'package:deb'], { cwd: root, stdio: 'ignore' });
	debs = readdirSync(join(root, 'packages')).filter((name) => name.endsWith('.deb'));
}, 1_800_000);

test.each([
	['trixie', 'pingmachine_'],
	['bookworm', 'pingmachine-bundled_'],
])('%s: install, measure, upgrade, remove, purge %s', (suite, prefix) => {
	const deb = debs.find((name) => name.startsWith(prefix)) ?? prefix;
	const tried = spawnSync(join(root, 'scripts/try-package'), [suite, join('packages', deb)], {
		cwd: root,
		encoding: 'utf8',
	});
	expect(tried.stderr).toMatch(/^try-package: good: /m);
	expect(tried.status).toBe(0);
});

test('the same commit makes the same bytes', () => {
	const deb = join(root, 'packages', debs.find((name) => name.startsWith('pingmachine_')) ?? '');
	const before = readFileSync(deb);
	execFileSync('npm', ['run', '--silent', 'package:deb', '--', '--only', 'pingmachine'], {
		cwd: root,
		stdio: 'ignore',
	});
	expect(readFileSync(deb).equals(before)).toBe(true);
});
