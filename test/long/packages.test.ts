/** The npm tarball; the Debian packages, in minimal roots of Debian 13 and, with Node.js inside, of Debian 12. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';

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

test('the npm tarball: installed in a fresh folder it measures, and npx runs it', async () => {
	const fresh = mkdtempSync(join(tmpdir(), 'pingmachine-npm-'));
	try {
		execFileSync('npm', ['pack', '--silent', '--pack-destination', fresh], { cwd: root, stdio: 'ignore' });
		const [tarball = ''] = readdirSync(fresh);
		const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
		execFileSync('npm', [
			'install',
			...quiet,
			'--global',
			'--prefix',
			join(fresh, 'here'),
			join(fresh, tarball),
		]);
		const bin = join(fresh, 'here/bin/pingmachine');
		const { version, man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
		expect(execFileSync(bin, ['--version'], { encoding: 'utf8' }).trim()).toBe(version);
		expect(readdirSync(join(fresh, 'here/share/man/man1'))).toHaveLength(man.length);
		for (const program of ['pingmachine-status', 'pingmachine-graph', 'mpcli'])
			execFileSync(join(fresh, 'here/bin', program), ['--help'], { stdio: 'ignore' });
		await using daemon = new Daemon();
		daemon.order('here', 'user: me\nstep: 1\npings: 1\nprobe: icmp\nicmp: {host: 127.0.0.1}\n');
		await daemon.start([], { script: [realpathSync(bin), 'run'] });
		expect(await daemon.resultOf('here')).toMatchObject({ pings: 1, loss: 0 });
		const npx = ['--yes', '--package', join(fresh, tarball), 'pingmachine', 'measure', 'icmp', '127.0.0.1'];
		const base = ['--pings', '1', '--basedir', join(fresh, 'none')];
		expect(execFileSync('npx', [...npx, ...base], { cwd: fresh, encoding: 'utf8' })).toContain(
			'xmt/rcv/%loss = 1/1/0%',
		);
	} finally {
		rmSync(fresh, { recursive: true });
	}
});
