/** Every YAML block and every link of README.md and docs/ is read here, so that it stays true. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { builtInProbes } from '../probes/index.ts';
import { builtInNotifiers } from '../src/alerts/notifiers/index.ts';
import { ruleContextOf } from '../src/alerts/rule-context.ts';
import { configFileKeys, loadConfig } from '../src/config/config.ts';
import { notifierKeys } from '../src/config/notifier-config.ts';
import { commonKeys } from '../src/config/sink-config.ts';
import { webKeys } from '../src/config/web-setting.ts';
import { factTableOf } from '../src/model/probe.ts';
import type { AnySink } from '../src/model/sink.ts';
import { readMute } from '../src/reading/mute.ts';
import { readOrder } from '../src/reading/order.ts';
import { readTelegrafFile } from '../src/reading/order-telegraf.ts';
import { readRule } from '../src/reading/rule.ts';
import { builtInSinks } from '../src/sinks/index.ts';
import { readErrorMessage } from '../src/store/error-file.ts';
import { readLastFacts } from '../src/store/last-facts.ts';
import { readLastResult } from '../src/store/last-result.ts';
import { block, blocks, pages, read, root, scratch, useScratch } from './support/documents.ts';

useScratch();

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
			if (/^(?:match|sink):/.test(text)) {
				expect(readRule('readme', text, ruleContextOf(factTableOf(builtInProbes)))).toHaveProperty('rule');
				return 'rule';
			}
			if (text.startsWith('orders:')) {
				expect(readMute('readme', text, 0)).toHaveProperty('mute');
				return 'mute';
			}
			const file = join(scratch, 'config.yaml');
			const shown = { probes: builtInProbes, sinks: shownSinks, notifiers: builtInNotifiers };
			writeFileSync(file, text);
			expect(() => loadConfig({ ...shown, file, flags: {} })).not.toThrow();
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
			'docs/alerts.md': ['rule', 'rule', 'mute', 'config'],
			'docs/canaries.md': ['config'],
			'docs/developing.md': ['config', 'config'],
			'docs/metrics.md': ['config'],
			'docs/operating.md': ['config'],
			'docs/orders.md': ['order', 'error'],
			'docs/pages.md': ['config'],
			'docs/pops.md': ['config', 'config', 'order', 'config', 'config'],
			'docs/results.md': ['last_result', 'last_facts'],
			'docs/sinks.md': ['config'],
			'docs/sinks/elasticsearch.md': ['config', 'config'],
			'docs/sinks/file.md': ['config', 'config'],
			'docs/sinks/kafka.md': ['config', 'config'],
			'docs/sinks/redis.md': ['config', 'config'],
			'docs/sinks/stdout.md': ['config'],
			'docs/sinks/telegraf.md': ['config', 'telegraf file'],
			...Object.fromEntries(probePages),
			'docs/probes/command.md': ['config', 'order'],
			'docs/probes/http.md': ['order', 'order'],
			'docs/probes/dns.md': ['order', 'order'],
			'docs/probes/tcp.md': ['order', 'order'],
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
		const order = readOrder('readme', blocks('yaml', read('docs/probes/icmp.md'))[0] ?? '', builtInProbes);
		if (!('order' in order)) throw new Error('not an order');
		const icmp = builtInProbes.get('icmp')?.options as unknown as { shape: Record<string, unknown> };
		const keys = Object.keys(icmp.shape).filter((key) => key !== 'tos' && key !== 'ipv6');
		expect(Object.keys(order.order.options).sort()).toEqual(keys.sort());
	});

	test('the second order shows every key that an http order can have, in comments where one excludes another', () => {
		const [, text = ''] = blocks('yaml', read('docs/probes/http.md'));
		expect(readOrder('readme', text, builtInProbes)).toHaveProperty('order');
		const probe = builtInProbes.get('http')?.options as unknown as { shape: Record<string, unknown> };
		for (const key of Object.keys(probe.shape)) expect(text).toMatch(new RegExp(`^ {4}(# )?${key}: `, 'm'));
	});

	test('the example config that is installed is a config, with all that it has in comments too', () => {
		const example = read('pingmachine.example.yaml');
		// Sentences have two marks, so they are comments without one of them too.
		const whole = example.replaceAll(/^( *)# ?/gm, '$1');
		expect(whole).not.toBe(example);
		for (const [name, text] of Object.entries({ example, whole })) {
			const file = join(scratch, `${name}.yaml`);
			writeFileSync(file, text);
			const known = { probes: builtInProbes, sinks: builtInSinks, notifiers: builtInNotifiers };
			const config = loadConfig({ file, flags: {}, ...known });
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
			...notifierKeys,
			...[...builtInSinks.values(), ...builtInNotifiers.values()]
				.flatMap(settingsOf)
				.filter((key) => !['password', 'token', 'api_key'].includes(key)),
		];
		for (const key of keys) expect(example).toMatch(keyLine(key));
	});
});

test('what is shown to be added fits its contract', () => {
	const shown = {
		'probes/knock/index.ts': 'export const knock',
		'src/sinks/lines/index.ts': 'export const lines',
		'src/alerts/notifiers/diary/index.ts': 'export const diary',
		'src/web/pages/order/tags-section.ts': 'export const tagsSection',
	};
	expect(blocks('ts', read('docs/developing.md')).filter((text) => text.includes('export '))).toHaveLength(4);
	const house = join(scratch, 'house');
	/** The folders that have to be real ones; all else leads to what stands there. */
	const folders = new Set(
		Object.keys(shown).flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))),
	);
	for (const folder of folders) {
		mkdirSync(join(house, folder), { recursive: true });
		if (!existsSync(join(root, folder))) continue;
		for (const name of readdirSync(join(root, folder)))
			if (!folders.has(join(folder, name)) && !/^tsconfig.*\.json$|^dist$/.test(name))
				symlinkSync(join(root, folder, name), join(house, folder, name));
	}
	for (const [path, text] of Object.entries(shown)) writeFileSync(join(house, path), block('ts', text));
	const tsconfig = { extends: join(root, 'tsconfig.json'), include: Object.keys(shown) };
	writeFileSync(join(house, 'tsconfig.json'), JSON.stringify(tsconfig));
	const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', house], { encoding: 'utf8' });
	expect(tsc).toMatchObject({ status: 0, stdout: '' });
});

test('the table of folders has every folder of the sources', () => {
	const table = read('docs/developing.md');
	for (const { name } of readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
		entry.isDirectory(),
	))
		expect(table).toMatch(new RegExp(`^\\| .*\`src/${name}/\`.* \\|`, 'm'));
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
	for (const page of [...pages, 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md']) {
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
