import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type ReplayOptions, replay as replayHere } from '../../../src/commands/replay/run.ts';
import { cli } from '../../support/daemon.ts';
import { asAdmin, sharedKafka } from '../../support/kafka/shared.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-replay-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = 1_700_000_100;

function result(id: string, slot: number, rtt: number | null = 0.01, step = 60) {
	const order = { id, user: 'me', probe: 'icmp', target: '192.0.2.1', tags: {} };
	const samples = [{ sent: slot + 1, rtt }];
	return { v: 1, order, slot, step, pings: 1, kind: 'measured', samples, updated: slot + 5 };
}

function replay(...args: string[]) {
	const config = ['--config', join(folder, 'config.yaml')];
	const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'replay', ...args, ...config], {
		encoding: 'utf8',
	});
	return { status, stdout, stderr };
}

test('results come again into a new tree and into a sink, each slot once, also when it is run again', async () => {
	const kafka = await sharedKafka();
	const prefix = `p${randomUUID()}`;
	const topic = `${prefix}.results.zrh`;
	await asAdmin(kafka.bootstrap, (admin) =>
		admin.createTopics({ topics: [topic, `${prefix}.results.fra`], partitions: 1, replicas: -1 }),
	);
	const write = (to: string, ...values: unknown[]) =>
		execFileSync('kcat', ['-P', '-b', kafka.bootstrap, '-t', to], {
			input: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n'),
		});
	const slots = Array.from({ length: 10 }, (_, index) => first - (first % 60) + 60 * index);
	write(topic, ...slots.map((slot) => result('core/a', slot)), result('core/a', slots[4] ?? 0), 'broken');
	write(
		topic,
		result('@hub/core/a', slots[9] ?? 0),
		result('../evil', first),
		result('office/b', slots[2] ?? 0),
	);
	// There it had another step for a while.
	write(`${prefix}.results.fra`, result('core/a', slots[0] ?? 0), result('core/a', slots[5] ?? 0, null, 300));
	const lines = join(folder, 'lines');
	writeFileSync(
		join(folder, 'config.yaml'),
		`hub: {kafka: {brokers: ['${kafka.bootstrap}'], prefix: ${prefix}}}\nsinks: [{type: file, name: lines, path: ${lines}}]\n`,
	);
	const span = ['--from', String(slots[1]), '--to', String((slots[9] ?? 0) + 1), '--orders', 'core/**'];
	const tree = join(folder, 'new', 'tree');
	const into = replay(...span, '--into', tree);
	expect(into.stderr).toBe('');
	expect(into.stdout).toContain('10 results of 2 orders and places into');
	expect(into.stdout).toContain(
		'2 were there already, 3 are of other orders or times, 2 were not understood',
	);
	const rowsOf = () =>
		execFileSync('rrdtool', [
			...['fetch', join(tree, 'output/core/a/@zrh/main.rrd'), 'AVERAGE', '-r', '60'],
			...['-s', String(slots[0]), '-e', String(slots[9])],
		])
			.toString()
			.split('\n')
			.filter((row) => /^\d+: 0\.0/.test(row))
			.map((row) => Number.parseInt(row, 10) - 60);
	expect(rowsOf()).toEqual(slots.slice(1));
	expect(readFileSync(join(tree, 'output/core/a/@fra/last_result'), 'utf8')).toMatch(
		/step: 300\npings: 1\nloss: 1/,
	);
	expect(existsSync(join(tree, 'output/office'))).toBe(false);

	const again = replay(...span, '--into', tree);
	expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('0 results of 2')]);
	expect(rowsOf()).toEqual(slots.slice(1));

	const sunk = replay(...span.slice(0, 4), '--orders', 'core/a/@zrh', '--sink', 'lines');
	expect([sunk.stderr, sunk.status]).toEqual(['', 0]);
	const told = readFileSync(lines, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(told.map(({ slot, pop, order }) => [slot, pop, order.id])).toEqual(
		slots.slice(1).map((slot) => [slot, 'zrh', 'core/a']),
	);
});

test('what cannot be done is said with the remedy', async () => {
	writeFileSync(
		join(folder, 'config.yaml'),
		"hub: {kafka: {brokers: ['127.0.0.1:1']}}\nsinks: [{type: stdout}]\n",
	);
	const said = async (more: Partial<ReplayOptions>) => {
		let text = '';
		const stream = {
			write: (some: string) => {
				text += some;
			},
		};
		const options = { from: '-1h', to: 'now', orders: '**', config: join(folder, 'config.yaml'), ...more };
		expect(await replayHere(options, builtInProbes, { stdout: stream, stderr: stream })).toBe(1);
		return text;
	};
	expect(await said({ into: join(folder, 'a') })).toContain('connection refused. Start the broker');
	expect(await said({ topic: ['t'], into: folder })).toContain('there are other files. Name a new folder');
	expect(await said({ topic: ['t'], sink: 'nobody' })).toContain('there are: stdout');
	expect(await said({ from: 'now', to: '-1h', into: 'x' })).toContain('--to: must be later');
	expect(await said({ from: 'soon', into: 'x' })).toContain('--from: must be seconds');
	expect(await said({})).toContain('--into DIR or --sink NAME');
});
