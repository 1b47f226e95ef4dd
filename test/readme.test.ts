/** Every command and every YAML block of README.md and docs/ is run or read here, so that it stays true. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { builtInProbes } from '../probes/index.ts';
import { configFileKeys, loadConfig } from '../src/config/config.ts';
import { commonKeys } from '../src/config/sink-config.ts';
import { webKeys } from '../src/config/web-setting.ts';
import type { AnySink } from '../src/model/sink.ts';
import { readOrder } from '../src/reading/order.ts';
import { readTelegrafFile } from '../src/reading/order-telegraf.ts';
import { builtInSinks } from '../src/sinks/index.ts';
import { readErrorMessage } from '../src/store/error-file.ts';
import { readLastFacts } from '../src/store/last-facts.ts';
import { readLastResult } from '../src/store/last-result.ts';

const root = new URL('..', import.meta.url).pathname;
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const pages = [
	'README.md',
	...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`)
		.sort(),
];
const all = pages.map(read).join('\n');
const cli = join(root, 'dist/src/cli.js');
const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-readme-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function blocks(language: string, text = all): string[] {
	return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
		(match) => match[1] ?? '',
	);
}

/** The one block that contains a text. */
function block(language: string, containing: string): string {
	const found = blocks(language).filter((text) => text.includes(containing));
	expect(found, `${language} blocks with ${containing}`).toHaveLength(1);
	return found[0] ?? '';
}

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
			'docs/metrics.md': ['pingmachine web token grafana --scope read --file /etc/pingmachine/tokens'],
			'docs/operating.md': [
				'pingmachine run --basedir /var/lib/pingmachine --config /etc/pingmachine/pingmachine.yaml',
				'sudo scripts/install',
				'pingmachine measure icmp 127.0.0.1 --pings 3 --interval 0.2',
				"pingmachine status --check 'me/**'",
				'pingmachine explain me/localhost',
			],
			'docs/orders.md': ['pingmachine order add 192.0.2.7 google.com@8.8.8.8 example.com'],
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
		const outputs = `${block('sh', 'order add')}${block('sh', 'graph me/')}`
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
		expect(install).toContain('systemctl enable --now pingmachine');
		expect(block('sh', 'sudo scripts/install')).toContain('systemctl enable --now pingmachine');
		expect(packageJson.bin).toHaveProperty('pingmachine');
	});
});

describe('YAML blocks', () => {
	test('orders are orders, results results, errors errors, and the config a config', async () => {
		const slow = join(scratch, 'slow.mjs');
		writeFileSync(slow, block('js', "name: 'slow'"));
		const own = (await import(slow)).default({ z }) as AnySink;
		const shownSinks = new Map([...builtInSinks, [own.name, own]]);
		const kindOf = (text: string) => {
			if (text.startsWith('time:') && text.includes('message:')) {
				expect(readErrorMessage(text)).toMatch(/^fping\.hots: /);
				return 'error';
			}
			if (text.startsWith('time:') && text.includes('jitter:')) {
				expect(readLastFacts(text)?.facts).toHaveProperty('jitter');
				return 'last_facts';
			}
			if (text.startsWith('time:')) {
				expect(readLastResult(text)).not.toHaveProperty('reason');
				return 'last_result';
			}
			if (text.startsWith('user:')) {
				expect(readOrder('readme', text, builtInProbes)).toHaveProperty('order');
				return 'order';
			}
			if (text.startsWith('measurement_name:')) {
				expect(readTelegrafFile(text)).toHaveProperty('telegraf');
				return 'telegraf file';
			}
			const file = join(scratch, 'config.yaml');
			writeFileSync(file, text);
			expect(() => loadConfig({ file, flags: {}, probes: builtInProbes, sinks: shownSinks })).not.toThrow();
			return 'config';
		};
		const kinds = Object.fromEntries(
			pages
				.map((page) => [page, blocks('yaml', read(page)).map(kindOf)] as const)
				.filter(([, list]) => list.length > 0),
		);
		const probePages = [...builtInProbes.keys()].map((name) => [`docs/probes/${name}.md`, ['order']]);
		expect(kinds).toEqual({
			'README.md': ['last_result'],
			'docs/developing.md': ['config', 'config'],
			'docs/metrics.md': ['config'],
			'docs/operating.md': ['config'],
			'docs/orders.md': ['order', 'error'],
			'docs/results.md': ['last_result', 'last_facts'],
			'docs/sinks.md': ['config'],
			'docs/sinks/file.md': ['config', 'config'],
			'docs/sinks/redis.md': ['config', 'config'],
			'docs/sinks/stdout.md': ['config'],
			'docs/sinks/telegraf.md': ['config', 'telegraf file'],
			...Object.fromEntries(probePages),
		});
	});

	test.each([
		['fping', 'look up an IPv6 address'],
		['httping', 'user_agent'],
	])('the order shows every key that an order for %s can have', (name, key) => {
		const order = readOrder('readme', block('yaml', key), builtInProbes);
		if (!('order' in order)) throw new Error('not an order');
		const probe = builtInProbes.get(name)?.options as unknown as { shape: Record<string, unknown> };
		expect(Object.keys(order.order.options).sort()).toEqual(Object.keys(probe.shape).sort());
	});

	test('the sink shows every key that all sinks have in common, with the number that holds if it is left out', () => {
		const text = block('yaml', 'max_hours');
		const file = join(scratch, 'sinks.yaml');
		const sinksOf = (config: string) => {
			writeFileSync(file, config);
			return loadConfig({ file, flags: {}, probes: builtInProbes, sinks: builtInSinks }).sinks;
		};
		const [, shown] = sinksOf(text);
		const [plain] = sinksOf('sinks: [{type: telegraf, url: "http://a.example"}]');
		expect(shown?.limits).toEqual(plain?.limits);
		for (const key of ['type', ...commonKeys]) expect(text).toMatch(new RegExp(`^ +(- )?${key}:`, 'm'));
	});

	test('the section on Telegraf names every key that such a sink has', () => {
		const section = read('docs/sinks/telegraf.md');
		const telegraf = builtInSinks.get('telegraf')?.settings as unknown as { shape: Record<string, unknown> };
		for (const key of Object.keys(telegraf.shape)) expect(section).toMatch(new RegExp(`\\b${key}\\b`));
	});

	test('the order shows every key that an icmp order can have, but for those that say the same', () => {
		const order = readOrder('readme', block('yaml', '\nicmp:'), builtInProbes);
		if (!('order' in order)) throw new Error('not an order');
		const icmp = builtInProbes.get('icmp')?.options as unknown as { shape: Record<string, unknown> };
		const keys = Object.keys(icmp.shape).filter((key) => key !== 'tos' && key !== 'ipv6');
		expect(Object.keys(order.order.options).sort()).toEqual(keys.sort());
	});

	test('the example config that is installed is a config, with all that it has in comments too', () => {
		const example = read('pingmachine.example.yaml');
		// Sentences have two marks, so they are comments without one of them too.
		const whole = example.replaceAll(/^( *)# ?/gm, '$1');
		expect(whole).not.toBe(example);
		for (const [name, text] of Object.entries({ example, whole })) {
			const file = join(scratch, `${name}.yaml`);
			writeFileSync(file, text);
			const config = loadConfig({ file, flags: {}, probes: builtInProbes, sinks: builtInSinks });
			expect(config.baseDir).toBe('/var/lib/pingmachine');
		}
		const keyLine = (key: string) => new RegExp(`^[# -]*${key}:`, 'm');
		const settingsOf = (plugIn: { readonly settings: unknown }) =>
			Object.keys((plugIn.settings as { readonly shape: Record<string, unknown> }).shape);
		const keys = [
			...Object.keys(configFileKeys.shape),
			...commonKeys,
			...webKeys,
			...[...builtInProbes.values()].flatMap(settingsOf),
			// A password in the file itself is for those who have read the page.
			...[...builtInSinks.values()]
				.flatMap(settingsOf)
				.filter((key) => key !== 'password' && key !== 'token'),
		];
		for (const key of keys) expect(example).toMatch(keyLine(key));
	});
});

test('the probe that is shown fits the contract', () => {
	const house = join(scratch, 'house');
	mkdirSync(join(house, 'probes/tcp'), { recursive: true });
	for (const name of ['src', 'node_modules', 'package.json'])
		symlinkSync(join(root, name), join(house, name));
	writeFileSync(join(house, 'probes/tcp/index.ts'), block('ts', 'export const'));
	const tsconfig = { extends: join(root, 'tsconfig.json'), include: ['probes'] };
	writeFileSync(join(house, 'tsconfig.json'), JSON.stringify(tsconfig));
	const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', house], { encoding: 'utf8' });
	expect(tsc).toMatchObject({ status: 0, stdout: '' });
});

test('README is short, and names every page', () => {
	expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200);
	for (const page of pages.slice(1)) expect(read('README.md')).toContain(`](${page})`);
});

test('every link to a file or a heading leads there', () => {
	const anchors = (text: string) =>
		[...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
			heading
				.toLowerCase()
				.replaceAll(/[^\w -]/g, '')
				.replaceAll(' ', '-'),
		);
	for (const page of [...pages, 'SECURITY.md', 'CHANGELOG.md']) {
		const text = read(page).replaceAll(/^```.*?^```/gms, '');
		for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
			if (/^https?:/.test(link)) continue;
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? page : join(dirname(page), path);
			expect(existsSync(join(root, target)), `${page}: ${link}`).toBe(true);
			if (anchor !== undefined) expect(anchors(read(target)), `${page}: ${link}`).toContain(anchor);
		}
	}
});
