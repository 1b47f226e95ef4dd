/** A fact needs no more than a probe that declares it: everything else follows from the declaration. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';

const probe = `export default ({ z }) => ({
	name: 'tide',
	options: z.strictObject({ host: z.string() }),
	target: 'host',
	settings: z.strictObject({}),
	lanes: 1,
	facts: [
		{ name: 'height', kind: 'gauge', unit: 'metres', help: 'how high the water is', per: 'measurement' },
		{ name: 'wave', kind: 'seconds', help: 'how long a wave takes', per: 'ping' },
		{ name: 'harbour', kind: 'text', help: 'where it is', per: 'measurement' },
	],
	batchMax: () => 10,
	needMs: () => 100,
	async measure({ targets, slot, pings }) {
		const samples = Array.from({ length: pings }, (_, i) => ({ sentAtSeconds: slot.startSeconds + i / 10, rttSeconds: 0.01 }));
		const facts = { height: 2.5, wave: [3, 4.5, 0.0000005], harbour: 'Vitte', undeclared: 1 };
		return new Map(targets.map((target) => [target, { samples, facts }]));
	},
});
`;

test('a fact of a probe module is in last_facts, explain and sinks, by its declaration alone', async () => {
	await using daemon = new Daemon();
	const [config, path] = [daemon.path('config.yaml'), daemon.path('tide.js')];
	const [influx, json] = [daemon.path('influx'), daemon.path('json')];
	writeFileSync(path, probe);
	const sinks = [
		{ type: 'file', name: 'influx', path: influx, format: 'influx', facts: true, batch: { wait: 0 } },
		{ type: 'file', name: 'json', path: json, format: 'json', facts: ['height'], batch: { wait: 0 } },
	];
	writeFileSync(config, JSON.stringify({ probes: [path], sinks }));
	await daemon.start(['--config', config]);
	daemon.order(
		'sea',
		'{user: me, step: 3, pings: 3, probe: tide, tide: {host: here}, measurement_name: sea}',
	);
	await daemon.resultOf('sea');

	expect(load(daemon.read('output/sea/last_facts'))).toMatchObject({
		height: 2.5,
		wave: [3, 4.5, 5e-7],
		harbour: 'Vitte',
		jitter: 0,
		mos: 4.409,
	});
	expect(daemon.read('output/sea/last_facts')).not.toContain('undeclared');
	const { time } = load(daemon.read('output/sea/last_facts')) as { time: number };
	expect(time % 3).toBe(0);

	const args = ['--basedir', daemon.baseDir, '--config', config];
	const told = spawnSync(process.execPath, [cli, 'explain', 'sea', ...args, '--json'], { encoding: 'utf8' });
	expect(JSON.parse(told.stdout).facts).toMatchObject({
		height: { value: 2.5, kind: 'gauge', unit: 'metres', help: 'how high the water is', per: 'measurement' },
		wave: { value: [3, 4.5, 5e-7], one: 3, unit: 'seconds', per: 'ping' },
	});
	const page = spawnSync(process.execPath, [cli, 'explain', 'sea', ...args], { encoding: 'utf8' });
	expect(page.stdout).toContain('2.5 metres (how high the water is)');

	await daemon.until('lines in the files', () => existsSync(influx) && existsSync(json));
	const [summary, first] = readFileSync(influx, 'utf8').split('\n');
	expect(summary).toMatch(/^sea height=2.5,jitter=0,loss=0.000000,max_rtt=0.010000,.*,mos=4.409,wave=3 \d+$/);
	expect(first).toMatch(/^sea individual_rtt=0.01,wave=3 \d+$/);
	expect(JSON.parse(readFileSync(json, 'utf8').split('\n')[0] ?? '')).toMatchObject({
		kind: 'measured',
		facts: { height: 2.5 },
	});
});
