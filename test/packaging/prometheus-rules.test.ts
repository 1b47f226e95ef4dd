/** The rules that are shipped: promtool runs their cases, and Alertmanager takes the example. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';

const folder = new URL('../../packaging/prometheus/', import.meta.url).pathname;
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

function run(program: string, ...args: readonly string[]) {
	const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
	return { status, output: `${stdout}${stderr}` };
}

interface Rules {
	readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[];
}

test('promtool takes the rules, and each case of them', () => {
	expect(
		run('promtool', 'check', 'rules', `${folder}rules/alerts.yml`, `${folder}rules/recording.yml`),
	).toEqual(expect.objectContaining({ status: 0 }));
	expect(
		run('promtool', 'test', 'rules', `${folder}tests/rules.test.yml`, `${folder}tests/latency.test.yml`),
	).toEqual(expect.objectContaining({ status: 0 }));
});

test('every alert has a case, and a case that is wrong is told', () => {
	const cases = read('tests/rules.test.yml');
	const all = cases + read('tests/latency.test.yml');
	const rules = load(read('rules/alerts.yml')) as Rules;
	for (const { alert } of rules.groups.flatMap((group) => group.rules)) expect(all).toContain(alert);
	const place = mkdtempSync(join(tmpdir(), 'pingmachine-rules-'));
	const wrong = cases.replace('loses 20%', 'loses 21%').replaceAll('../rules/', `${folder}rules/`);
	writeFileSync(join(place, 'wrong.yml'), wrong);
	expect(run('promtool', 'test', 'rules', join(place, 'wrong.yml'))).toMatchObject({
		status: 1,
		output: expect.stringContaining('loses 21%'),
	});
	rmSync(place, { recursive: true });
});

test('amtool takes the example for Alertmanager', () => {
	expect(run('amtool', 'check-config', `${folder}alertmanager.example.yml`)).toMatchObject({ status: 0 });
});

test('what compose mounts is there, and Prometheus loads the rules from where they are mounted', () => {
	const compose = readFileSync(join(folder, '../container/compose.yaml'), 'utf8');
	for (const path of [
		'../prometheus/rules',
		'../prometheus/alertmanager.example.yml',
		'../grafana/provisioning',
	])
		expect(compose).toContain(path);
	const config = load(readFileSync(join(folder, '../container/prometheus.yml'), 'utf8')) as {
		rule_files: string[];
	};
	expect(config.rule_files).toEqual(['/etc/prometheus/rules/*.yml']);
});
