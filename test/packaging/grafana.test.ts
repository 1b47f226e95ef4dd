/** The dashboards are those of their source, and each of their queries finds something in a real Prometheus. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { dashboardFiles } from '../../scripts/grafana/dashboards.ts';
import { changePop } from '../../src/memory/ask-pops.ts';
import { Daemon } from '../support/daemon.ts';
import { answerTo, DnsResponder } from '../support/dns-responder.ts';
import { Prometheus } from '../support/prometheus.ts';
import { patient, startWebDaemon } from '../support/web-daemon.ts';
import { WebServers } from '../support/web-servers.ts';

const packaging = new URL('../../packaging/', import.meta.url).pathname;
const folder = join(packaging, 'grafana/dashboards');

interface Panel {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly description?: string;
	readonly datasource?: { readonly uid: string };
	readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
	readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
	readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}

interface Dashboard {
	readonly uid: string;
	readonly title: string;
	readonly description: string;
	readonly panels: readonly Panel[];
	readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
	readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const dashboards = readdirSync(folder)
	.sort()
	.map((name) => ({ name, made: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dashboard }));

function expressionsOf({ panels, annotations }: Dashboard): string[] {
	const ofPanels = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
	return [...ofPanels, ...annotations.list.map(({ expr }) => expr)];
}

test('npm run dashboards was run after the last change of the source', () => {
	expect(dashboards.map(({ name }) => name)).toEqual([...dashboardFiles.keys()].sort());
	for (const [name, text] of dashboardFiles)
		expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text);
});

describe.each(dashboards)('$name', ({ name, made }) => {
	const panels = made.panels.filter(({ type }) => type !== 'row');

	test('has the form that Grafana and its readers expect', () => {
		expect(`${made.uid}.json`).toBe(name);
		expect(made.title).toMatch(/^pingmachine \/ \S/);
		expect(made.description).toMatch(/\.$/);
		const ids = made.panels.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const panel of panels) {
			expect(panel.title, panel.title).not.toBe('');
			expect(panel.description, panel.title).toMatch(/\.$/);
			expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy();
			expect(panel.datasource?.uid, panel.title).toBe('$datasource');
			expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
			for (const { datasource } of panel.targets ?? []) expect(datasource.uid).toBe('$datasource');
		}
	});

	test('no panel lies on another, or beside the page', () => {
		const taken = new Map<string, string>();
		for (const { title, gridPos } of made.panels) {
			expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
			for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
				for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
					expect(taken.get(`${x},${y}`), `under ${title}`).toBeUndefined();
					taken.set(`${x},${y}`, title);
				}
		}
	});

	test('every variable is there, and every rate fits the interval of scrapes', () => {
		const known = new Set([...made.templating.list.map((one) => one.name), '__rate_interval', '__range']);
		const queries = [...expressionsOf(made), ...made.templating.list.map((one) => one.definition ?? '')];
		for (const expr of queries) {
			for (const [, variable = ''] of expr.matchAll(/\$(\w+)/g)) expect(known, expr).toContain(variable);
			for (const [, span] of expr.matchAll(/\[([^\]]+)\]/g))
				expect(['$__rate_interval', '$__range'], expr).toContain(span);
			if (expr.includes('pingmachine_') && expr.includes('{'))
				expect(expr).toContain('instance=~"$instance"');
		}
	});
});

/** The same metrics for a Prometheus that knows no native histograms: what it asks for is not handed on. */
async function withoutNative(host: string) {
	const server = createServer((_asked, answer) => {
		const headers = { accept: 'text/plain' };
		request(`http://${host}/metrics`, { headers }, (got) => got.pipe(answer))
			// The daemon ends before Prometheus has asked for the last time.
			.on('error', () => answer.destroy())
			.end();
	});
	await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
	const { port } = server.address() as AddressInfo;
	return { host: `127.0.0.1:${port}`, [Symbol.dispose]: () => server.close() };
}

/** Orders so that every panel has something to show, measured every two seconds. */
async function orderAll(daemon: Daemon, web: WebServers, dns: DnsResponder): Promise<void> {
	const order = (id: string, probe: string, options: object, more: object = {}) =>
		daemon.order(id, JSON.stringify({ user: 'me', step: 2, pings: 2, probe, [probe]: options, ...more }));
	const tags = { site: 'zrh', lat: '47.4', lon: '8.5' };
	order('up', 'icmp', { host: '127.0.0.1', interval: 100 }, { tags, title: 'Up' });
	order('down', 'httping', { url: 'http://127.0.0.1:1/' }, { pings: 1 });
	const secure = await web.https((_question, answer) => answer.end('fine'));
	const url = `https://localhost:${secure.split(':')[1]}/`;
	order('web', 'http', { url, tls_verify: false }, { pings: 1 });
	order('names', 'dns', { server: '127.0.0.1', port: dns.ports.plain, name: 'a.example' }, { pings: 1 });
	order('way', 'traceroute', { host: '127.0.0.1' }, { pings: 1 });
	daemon.order('wrong', 'user: me');
	daemon.put('alerts/down', readFileSync(join(packaging, 'alerts/down.yaml'), 'utf8'));
}

test('no query of a dashboard or a recording rule is empty', async () => {
	await using daemon = new Daemon();
	const web = new WebServers();
	await using dns = await DnsResponder.open((question) => [
		{ bytes: answerTo(question, [{ type: 'A', name: 'a.example', ttl: 60, data: '192.0.2.1' }]) },
	]);
	await orderAll(daemon, web, dns);
	const sinks = [{ type: 'file', path: daemon.path('out.jsonl') }];
	const { address } = await startWebDaemon(daemon, {}, {}, { sinks, hub: { listen: '127.0.0.1:0' } });
	const place = [46.2, 6.1] as const;
	await changePop(daemon.baseDir, { verb: 'add', name: 'gva', labels: {}, place });
	const { host } = new URL(address);
	using classic = await withoutNative(host);
	await using prometheus = await Prometheus.start(
		[
			{ job_name: 'pingmachine', static_configs: [{ targets: [host] }] },
			// As points of presence that are scraped themselves.
			{ job_name: 'classic', static_configs: [{ targets: [classic.host], labels: { pop: 'gva' } }] },
		],
		{ ruleFiles: [join(packaging, 'prometheus/rules/*.yml')] },
	);
	const recording = load(readFileSync(join(packaging, 'prometheus/rules/recording.yml'), 'utf8')) as {
		groups: { rules: { expr: string }[] }[];
	};
	const order: Record<string, string> = { 'pingmachine-order.json': 'up', 'pingmachine-pops.json': 'up' };
	const filled = (name: string, expr: string) =>
		expr
			.replaceAll('$__rate_interval', '30s')
			.replaceAll('$__range', '60s')
			// Of one order only where that is chosen; the alert is of another.
			.replaceAll(
				'order="$order"',
				expr.startsWith('pingmachine_alerts') ? '' : `order="${order[name] ?? ''}"`,
			)
			.replaceAll(/\$(order|instance)/g, '.*')
			.replaceAll('$pop', 'gva');
	const queries = [
		...dashboards.flatMap(({ name, made }) => expressionsOf(made).map((expr) => filled(name, expr))),
		...recording.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
	];
	expect(queries.length).toBeGreaterThan(80);
	const unanswered = new Set(queries);
	await expect
		.poll(
			async () => {
				for (const query of unanswered)
					if ((await prometheus.query(`count(${query})`)).length > 0) unanswered.delete(query);
				return [...unanswered];
			},
			{ ...patient, interval: 1000 },
		)
		.toEqual([]);
	await web.close();
});
