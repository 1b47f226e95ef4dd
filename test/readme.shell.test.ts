/** Every command of README.md and docs/ is run here, so that it stays true. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../probes/index.ts';
import { loadConfig } from '../src/config/config.ts';
import type { Environment } from '../src/config/environment.ts';
import { builtInSinks } from '../src/sinks/index.ts';
import { all, block, blocks, cli, pages, read, root, scratch, useScratch } from './support/documents.ts';

useScratch();

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
	scripts: Record<string, string>;
	bin: Record<string, string>;
};

describe('shell blocks', () => {
	test('there are no others than those tried here', () => {
		const firstLines = Object.fromEntries(
			pages
				.map((page) => [page, blocks('sh', read(page)).map((text) => text.split('\n')[0])] as const)
				.filter(([, lines]) => lines.length > 0),
		);
		expect(firstLines).toEqual({
			'README.md': ['npm run demo', 'npm test', 'scripts/setup'],
			'docs/alerts.md': ["pingmachine alerts test loss 'me/**' --since -8d"],
			'docs/metrics.md': ['pingmachine web token grafana --scope read --file /etc/pingmachine/tokens'],
			'docs/operating.md': [
				'pingmachine run --basedir /var/lib/pingmachine --config /etc/pingmachine/pingmachine.yaml',
				// test/long/packages.test.ts makes and installs it.
				'npm run package:deb',
				'export PINGMACHINE_LOG_LEVEL=debug PINGMACHINE_WEB_LISTEN=127.0.0.1:9922 PINGMACHINE_WEB_COMPAT=meshping,canary',
				'pingmachine measure icmp 127.0.0.1 --pings 3 --interval 0.2',
				"pingmachine status --check 'me/**'",
				'pingmachine explain me/localhost',
			],
			'docs/orders.md': ['pingmachine order add 192.0.2.7 google.com@8.8.8.8 example.com'],
			// test/packaging/recipes.test.ts runs them.
			'docs/recipes.md': expect.arrayContaining([expect.stringMatching(/^nmap /)]),
			'docs/results.md': ['pingmachine graph me/localhost --period 30h --out night.png'],
		});
	});

	test('npm run demo shows every kind of order, on no terminal too, and leaves nothing behind', () => {
		const output = execFileSync('npm', ['run', '--silent', 'demo'], { cwd: root, encoding: 'utf8' });
		const row = (id: string) => output.split('\n').find((line) => line.startsWith(`${id} `)) ?? '';
		expect(row('office/ipv4')).toMatch(/127\.0\.0\.1 +\d+\.\d{3} ms +0 of 5 /);
		expect(row('office/ipv6')).toMatch(/::1 +\d+\.\d{3} ms +0 of 5 /);
		expect(row('lab/silent')).toMatch(/no answer +5 of 5 /);
		expect(row('lab/wrong')).toMatch(/rejected/);
		for (const id of ['lab/lossy', 'lab/changing'])
			expect(row(id)).toMatch(/demo\.example +(\d+\.\d{3} ms|no answer)/);
		expect(output).toMatch(/^lab\/wrong: fping\.hots: .*host/m);
		expect(output).toMatch(/^web +http:\/\/127\.0\.0\.1:\d+ /m);
		const baseDir = /results {2}(\S+)\/output/.exec(output)?.[1] ?? '';
		expect(baseDir).not.toBe('');
		expect(existsSync(baseDir)).toBe(false);
	});

	test('npm test and npm run bench are what they are said to be', () => {
		expect(packageJson.scripts['test']).toBe('scripts/test');
		const list = execFileSync('npm', ['run', '--silent', 'bench'], { cwd: root, encoding: 'utf8' });
		for (const name of ['pickup', 'scale', 'rrd-update', 'icmp', 'icmp-accuracy', 'graph-picture'])
			expect(list).toMatch(new RegExp(`^ {2}${name} `, 'm'));
	});

	test('variables of the environment are keys of the config', () => {
		const script = `${block('sh', 'PINGMACHINE_SINKS')}\nexec "${process.execPath}" -p 'JSON.stringify(process.env)'`;
		const environment = JSON.parse(execFileSync('bash', ['-c', script], { encoding: 'utf8' })) as Environment;
		const config = loadConfig({ flags: {}, environment, probes: builtInProbes, sinks: builtInSinks });
		expect(config).toMatchObject({ logLevel: 'debug', web: { compat: ['meshping', 'canary'] }, sinks: [{}] });
	});

	test('measuring once prints what is shown', () => {
		const [shown = ''] = blocks('text').filter((text) => text.includes('xmt/rcv'));
		const form = (text: string) => text.slice(text.indexOf('\n')).replace(/\d+\.\d+/g, 'N');
		const [plain, json] = block('sh', 'pingmachine measure')
			.trim()
			.split('\n')
			.map((line) => {
				const words = [cli, ...line.split(' ').slice(1), '--basedir', join(scratch, 'none')];
				return execFileSync(process.execPath, words, { encoding: 'utf8' });
			});
		expect(form(plain ?? '')).toBe(form(shown));
		expect(JSON.parse(json ?? '')).toMatchObject({ probe: 'fping', received: 2 });
	});

	test('a first order in one minute', () => {
		const script = block('sh', 'my_first_order');
		const run = spawnSync('bash', ['-e', '-m', '-c', `${script}\necho "base=$BASE"`], {
			cwd: root,
			encoding: 'utf8',
		});
		expect(run.stderr).toContain('new order: me/localhost (user: me, fping: 127.0.0.1)');
		expect(run.stdout).toMatch(
			/^time: \d+0\nupdated: \d+\nstep: 10\npings: 5\nloss: 0\nmin: \d\.\d{6}e-\d\d\n/m,
		);
		expect(run.stdout).toMatch(/ loss median ping1 ping2 ping3 ping4 ping5\n\n\d+: 0 /);
		const base = /base=(\S+)/.exec(run.stdout)?.[1] ?? join(scratch, 'nothing');
		// Orders, graphs and exports, with what has just been measured. Nothing runs that would measure the orders.
		writeFileSync(join(scratch, 'hosts.txt'), '127.0.0.1 here\n# a comment\n::1\n');
		const outputs = `${block('sh', 'order add 192.0.2.7')}${block('sh', 'graph me/')}`
			.trim()
			.split('\n')
			.map((line) => {
				const args = line.replace('pingmachine ', '');
				const command = `"${process.execPath}" "${cli}" ${args} --basedir "${base}"`;
				return execFileSync('bash', ['-c', command], { cwd: scratch, encoding: 'utf8' });
			});
		expect(outputs[3]).toMatch(/core\/here/);
		expect(existsSync(join(base, 'orders/me/router'))).toBe(true);
		expect(existsSync(join(base, 'orders/core/here'))).toBe(false);
		expect(readFileSync(join(scratch, 'night.png')).subarray(1, 4).toString()).toBe('PNG');
		expect(readFileSync(join(scratch, 'overview.html'), 'utf8')).toContain('me/localhost');
		expect(outputs.at(-1)).toMatch(/"loss":0/);
		const [page, json] = block('sh', 'pingmachine explain')
			.trim()
			.split('\n')
			.map((line) => {
				const args = line.split(' ').slice(1);
				const command = [cli, ...args, '--basedir', base];
				return spawnSync(process.execPath, command, { encoding: 'utf8' });
			});
		expect(page).toMatchObject({ status: 0, stderr: expect.stringMatching(/^no answer .* it does not run/) });
		expect(page?.stdout).toMatch(
			/^me\/localhost {2}\w+\n(?: {2}no result for .*?\n)? {2}loss 0%.*\nORDER\n.* host +127\.0\.0\.1\n/s,
		);
		expect(JSON.parse(json?.stdout ?? '').order.task).toBe('my_first_order');
		cpSync(join(root, 'packaging/alerts/loss.yaml'), join(base, 'alerts/loss.yaml'));
		const [tried, suggested] = block('sh', 'alerts test')
			.trim()
			.split('\n')
			.map((line) => {
				const command = `"${process.execPath}" "${cli}" ${line.replace('pingmachine ', '')} --basedir "${base}"`;
				return execFileSync('bash', ['-c', command], { encoding: 'utf8' });
			});
		expect(tried).toMatch(/^me\/localhost: 0 raises, 0 clears; looked back to /);
		expect(suggested).toMatch(/^1 order, .*\n\nloss {2}50 %: 0 % /s);
		for (const line of block('sh', 'status --check').trim().split('\n')) {
			const command = `"${process.execPath}" "${cli}" ${line.replace('pingmachine ', '')} --basedir "${base}"`;
			expect(spawnSync('bash', ['-c', command], { encoding: 'utf8' })).toMatchObject({
				status: 2,
				stdout: expect.stringMatching(/^PINGMACHINE CRITICAL - .*no daemon: it does not run/),
			});
		}
		rmSync(base, { recursive: true });
	});

	test('the table that is shown is the one that pingmachine status prints, with flags that it knows', () => {
		const words = (text: string) =>
			text
				.split('\n')
				.find((line) => line.startsWith('  ORDER '))
				?.trim()
				.split(/\s+/);
		const golden = readFileSync(join(root, 'test/golden/status-200.txt'), 'utf8');
		expect(words(block('text', 'pingmachine status'))).toEqual(words(golden));
		const help = execFileSync(process.execPath, [cli, 'status', '--help'], { encoding: 'utf8' });
		for (const flag of [
			'--basedir',
			'--failing',
			'--user',
			'--probe',
			'--sort',
			'--watch',
			'--totals',
			'--json',
		]) {
			expect(read('docs/operating.md')).toContain(flag);
			expect(help).toContain(flag);
		}
	});

	test('the flags are those that pingmachine run knows', () => {
		const help = execFileSync(process.execPath, [join(root, 'dist/src/cli.js'), 'run', '--help'], {
			encoding: 'utf8',
		});
		const known = [...help.matchAll(/^ {2}(--[a-z-]+) </gm)].map((match) => match[1]);
		const described = [...all.matchAll(/^\| `(--[a-z-]+) [A-Z:]+` \|/gm)].map((match) => match[1]);
		expect(described).toEqual(known);
		for (const flag of block('sh', 'pingmachine run').matchAll(/--[a-z-]+/g))
			expect(known).toContain(flag[0]);
	});

	test('the program and the service that are installed have the names that are given', () => {
		// test/end-to-end/service.test.ts runs scripts/install.
		const install = readFileSync(join(root, 'scripts/install'), 'utf8');
		expect(install).toContain('/usr/local/bin/pingmachine');
		expect(read('docs/operating.md')).toContain('`sudo scripts/install`');
		expect(packageJson.bin).toHaveProperty('pingmachine');
		expect(block('sh', 'npm run package:deb')).toContain('./packages/pingmachine_*.deb');
		expect(packageJson.scripts['package:deb']).toBe('scripts/package-deb');
		expect(readFileSync(join(root, 'scripts/package-deb'), 'utf8')).toMatch(
			/packages\/\$\{name\}_\$\{version\}_\$arch\.deb/,
		);
	});
});
