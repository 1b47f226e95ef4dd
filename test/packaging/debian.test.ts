import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { readOrder } from '../../src/reading/order.ts';
import { isMapping } from '../../src/reading/yaml-mapping.ts';
import { builtInSinks } from '../../src/sinks/index.ts';

const root = new URL('../..', import.meta.url).pathname;
const packaging = join(root, 'packaging');
const read = (path: string) => readFileSync(join(packaging, path), 'utf8');

describe('Debian packages', () => {
	test.each(['postinst', 'prerm', 'postrm'])('%s is a script that a shell can read', (name) => {
		expect(spawnSync('sh', ['-n', join(packaging, 'debian', name)], { encoding: 'utf8' })).toMatchObject({
			status: 0,
			stderr: '',
		});
	});

	test('the two differ in where Node.js comes from', () => {
		const [plain, bundled] = [read('debian/pingmachine.control'), read('debian/pingmachine-bundled.control')];
		expect(plain).toMatch(/^Depends: .*\bnodejs \(>= 20\.19\)/m);
		expect(bundled).not.toMatch(/nodejs/);
		expect(bundled).toMatch(/^Conflicts: pingmachine$/m);
		for (const control of [plain, bundled]) expect(control).toMatch(/^Depends: .*\bfping\b.*\brrdtool\b/m);
	});

	test('wrong words of the scripts that make and try them are refused', () => {
		for (const [script, args] of [
			['package-deb', ['--arch', 'sparc']],
			['package-deb', ['--only', 'nothing']],
			['try-package', ['trixie']],
			['try-package', ['sid', 'x.deb']],
			['try-image', ['--keap']],
			['release', ['--dry-run']],
		] as const) {
			const { status, stderr } = spawnSync(join(root, 'scripts', script), args, { encoding: 'utf8' });
			expect([status, stderr]).toEqual([
				expect.toSatisfy((code) => code === 1 || code === 2),
				expect.stringMatching(/\S/),
			]);
		}
	});
});

test('the bill of materials names every package that is needed to run, and no other', () => {
	const document = JSON.parse(
		execFileSync(process.execPath, [join(root, 'dist/scripts/sbom.js')], { encoding: 'utf8' }),
	);
	expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
	const names = (document.components as { name: string }[]).map(({ name }) => name);
	const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
	for (const name of Object.keys(devDependencies)) expect(names).not.toContain(name);
});

test('every package that is bundled has its licence in the copyright file', () => {
	const text = execFileSync(process.execPath, [join(root, 'dist/scripts/licences.js'), root], {
		encoding: 'utf8',
		maxBuffer: 2 ** 26,
	});
	expect(text).toMatch(
		/^Format: https:\/\/www\.debian\.org\/doc\/packaging-manuals\/copyright-format\/1\.0\/\n/,
	);
	const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	for (const name of Object.keys(dependencies))
		expect(text).toContain(`Files: usr/lib/pingmachine/node_modules/${name}/*\n`);
	expect(text).not.toMatch(/^License: unknown/m);
	// What is in dist/quick is theirs, too.
	expect(text).toContain('Files: usr/lib/pingmachine/dist/quick/*\n');
	const notices = readFileSync(join(root, 'dist/quick/LICENCES'), 'utf8');
	for (const name of ['zod', 'commander', 'js-yaml', 'winston', 'logform', 'dns-packet'])
		expect(notices).toMatch(
			new RegExp(`^${name} [\\d.]+\\n\\n(?:.*\\n)*?.*(?:MIT|Permission is hereby granted)`, 'm'),
		);
});

describe('containers', () => {
	const yamlFiles = ['container', 'kubernetes', 'ansible'].flatMap((folder) =>
		readdirSync(join(packaging, folder), { recursive: true, encoding: 'utf8' })
			.filter((name) => /\.ya?ml$/.test(name))
			.map((name) => join(folder, name)),
	);

	test.each(yamlFiles)('%s is YAML', (file) => {
		expect(load(read(file).replaceAll('!override', ''))).toBeTruthy();
	});

	test('compose: no password by default, and nothing listens on all addresses unless one says so', () => {
		const text = read('container/compose.yaml');
		expect(text).not.toMatch(/^\s*\w*password\w*: +[^$\s{/]/im);
		for (const [, port] of text.matchAll(/ports: \[(.*?)\]/g)) expect(port).toMatch(/^'127\.0\.0\.1:/);
		const composed = load(text) as { services: Record<string, unknown> };
		expect(Object.keys(composed.services)).toEqual(
			expect.arrayContaining([
				'pingmachine',
				'prometheus',
				'alertmanager',
				'grafana',
				'kafka',
				'redis',
				'opensearch',
				'telegraf',
				'influxdb',
				...['hub', 'join-1', 'join-2', 'pop-1', 'pop-2'],
			]),
		);
	});

	// test/long/compose.test.ts starts them.
	test('compose: the variables of each pingmachine are keys of the config, and hub-orders/ has orders', () => {
		const composed = load(read('container/compose.yaml')) as {
			services: Record<string, { image: string; environment?: Record<string, string> }>;
		};
		for (const [name, { image, environment = {} }] of Object.entries(composed.services)) {
			if (!image.startsWith('pingmachine:')) continue;
			const entries = Object.entries(environment).map(([key, value]) => [
				key,
				value.replaceAll(/\$\{\w+:-(.*?)\}/g, '$1'),
			]);
			const known = { flags: {}, probes: builtInProbes, sinks: builtInSinks };
			const config = loadConfig({ ...known, environment: Object.fromEntries(entries) });
			if (name === 'hub') expect(config.hub?.kafka?.brokers).toEqual(['kafka:9092']);
			if (name.startsWith('pop-')) expect(config.pop?.joinFile).toBe('/run/join/pop.join');
		}
		for (const name of readdirSync(join(packaging, 'container/hub-orders'))) {
			const order = readOrder(name, read(`container/hub-orders/${name}`), builtInProbes);
			expect(order).toMatchObject({ order: { where: expect.anything() } });
		}
	});

	test('the orders of the Kubernetes base are right', () => {
		for (const name of readdirSync(join(packaging, 'kubernetes/orders')))
			expect(readOrder(name, read(`kubernetes/orders/${name}`), builtInProbes)).toHaveProperty('order');
		const daemonSet = load(read('kubernetes/daemonset.yaml'));
		expect(isMapping(daemonSet) && daemonSet['kind']).toBe('DaemonSet');
	});

	test('what the image copies and starts is there', () => {
		const text = read('container/Dockerfile');
		for (const [, file] of text.matchAll(/\/build\/(\S+\.(?:json|md)|LICENSE|docs)/g))
			expect(readdirSync(root)).toContain(file);
		expect(text).toMatch(/^USER pingmachine$/m);
		expect(text).toMatch(/^ENTRYPOINT \["tini", "--", "pingmachine", "container"\]$/m);
	});
});
