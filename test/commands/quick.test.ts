/** What a build makes of the commands that are started all the time: complete in itself, and the same to its user. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine } from '../../src/commands/command-line.ts';
import { QuickHouse, quickBins } from '../support/quick-house.ts';

const root = new URL('../..', import.meta.url).pathname;
const house = new QuickHouse();
const baseDir = join(house.path, 'base');

beforeAll(() => {
	mkdirSync(join(baseDir, 'orders'), { recursive: true });
	const order = { user: 'me', step: 60, pings: 5, probe: 'mine', mine: { host: 'x' } };
	writeFileSync(join(baseDir, 'orders/a'), JSON.stringify(order));
});
afterAll(() => house[Symbol.dispose]());

function run(file: string, ...args: string[]) {
	const ran = spawnSync(process.execPath, [join(house.path, file), ...args], { encoding: 'utf8' });
	return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

const commands = readdirSync(join(root, 'dist/quick'))
	.filter((name) => /^[a-z]+\.js$/.test(name))
	.map((name) => name.slice(0, -'.js'.length));

test('there are some', () => expect(commands).toEqual(expect.arrayContaining(['order', 'status', 'check'])));

test.each(commands)('%s needs none of the modules that it was made of', (name) => {
	const { status, stdout, stderr } = run('dist/src/cli.js', name, '--help');
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	const same = commandLine().commands.find((command) => command.name() === name);
	// How wide it is depends on who asks.
	expect(stdout.replaceAll(/\s+/g, ' ')).toContain(same?.helpInformation().replaceAll(/\s+/g, ' ').trim());
});

test.each(quickBins)('nor does %s', (bin) => {
	expect(run(bin, '--help')).toMatchObject({
		status: 0,
		stderr: '',
		stdout: expect.stringMatching(/^Usage/),
	});
});

test('a slip ends with the exit code and the words that it has always had', () => {
	expect(run('dist/src/cli.js', 'status', '--jsno')).toMatchObject({
		status: 1,
		stderr: expect.stringMatching(/^error: unknown option '--jsno'\n\(Did you mean --json\?\)/),
	});
	expect(run('dist/src/cli.js', 'order', 'sl', '--help')).toMatchObject({
		status: 1,
		stderr: expect.stringContaining("unknown command 'sl'"),
	});
});

test('probes of the config file are known', () => {
	const config = join(house.path, 'pingmachine.yaml');
	writeFileSync(
		join(house.path, 'mine.js'),
		`export default ({ z }) => ({
	name: 'mine',
	options: z.strictObject({ host: z.string() }),
	target: 'host',
	settings: z.strictObject({}),
	lanes: 1,
	batchMax: () => 10,
	needMs: () => 1000,
	measure: async () => new Map(),
});`,
	);
	writeFileSync(config, JSON.stringify({ probes: [join(house.path, 'mine.js')] }));
	const ls = run('dist/src/cli.js', 'order', 'ls', '--json', '--basedir', baseDir, '--config', config);
	expect(ls).toMatchObject({ status: 0, stderr: '' });
	expect(JSON.parse(ls.stdout)).toMatchObject({ id: 'a', probe: 'mine', target: 'x' });
	const status = run('dist/src/cli.js', 'status', '--json', '--basedir', baseDir, '--config', config);
	expect(JSON.parse(status.stdout)).toMatchObject({ id: 'a', state: 'waiting', probe: 'mine' });
});
