import { expect, test } from 'vitest';
import { RunRecord } from '../../src/engine/run-record.ts';
import type { Job, RunOptions } from '../../src/model/probe.ts';
import { probeTools } from '../support/probe-tools.ts';

const job: Job = {
	slot: { startSeconds: 1_795_240_000, stepSeconds: 10 },
	stepSeconds: 10,
	pings: 5,
	options: {},
	targets: ['http://one', 'http://two'],
	windowMs: 10_000,
};
const options: RunOptions = {
	signal: new AbortController().signal,
	endWith: 'SIGTERM',
	debianPackage: 'coreutils',
};

function watched() {
	const record = new RunRecord(job, 1_795_240_000_500);
	return { record, tools: record.watched(probeTools({}), job) };
}

const commandsOf = (record: RunRecord, target = 'http://one') => record.answerFor(target).commands;

test('programs that were started are remembered, run, and give what they print', async () => {
	const { record, tools } = watched();
	const { stdout } = await tools.runCommand('cat', ['-'], { ...options, input: 'a\nb\nc' });
	expect(stdout).toBe('a\nb\nc');
	expect(commandsOf(record)).toEqual([{ program: 'cat', args: ['-'], is_cut: false, input_lines: 3 }]);
	expect(record.answerFor('http://one')).toMatchObject({ started: 1_795_240_000.5, took: null, window: 10 });
	record.over(1234.5678);
	expect(record.answerFor('http://one')).toMatchObject({ took: 1.235, targets: 2 });
});

test('a program that cannot be started is remembered too', async () => {
	const { record, tools } = watched();
	await expect(tools.runCommand('no-such-program', ['http://one'], options)).rejects.toThrow('not installed');
	expect(commandsOf(record)).toMatchObject([{ program: 'no-such-program' }]);
});

test('secrets are not remembered, the longer one first where one is part of the other', async () => {
	const { record, tools } = watched();
	const secrets = ['pass', 'password', ''];
	await tools.runCommand('true', ['http://one', '--auth', 'me:password', 'pass'], { ...options, secrets });
	expect(commandsOf(record)[0]?.args).toEqual(['http://one', '--auth', 'me:***', '***']);
});

const argsFor = (record: RunRecord, target: string) =>
	commandsOf(record, target).map(({ args: [first] }) => first);

test('an order is told what ran for its target, then what got its targets on standard input', async () => {
	const { record, tools } = watched();
	await tools.runCommand('cat', ['-'], { ...options, input: 'http://one\nhttp://two\n' });
	await tools.runCommand('true', ['http://one'], options);
	await tools.runCommand('true', ['http://two'], options);
	expect(argsFor(record, 'http://one')).toEqual(['http://one', '-']);
	expect(argsFor(record, 'http://two')).toEqual(['http://two', '-']);
	expect(record.answerFor('http://one').commands_left_out).toBe(0);
});

test('what may be of another order is not shown, but counted', async () => {
	const { record, tools } = watched();
	await tools.runCommand('true', ['http://one'], options);
	await tools.runCommand('true', ['http://elsewhere'], options);
	expect(argsFor(record, 'http://one')).toEqual(['http://one']);
	expect(record.answerFor('http://one').commands_left_out).toBe(1);
	expect(record.answerFor('http://two')).toMatchObject({ commands: [], commands_left_out: 2 });
});

test('where there is one target only, all was for it', async () => {
	const one = { ...job, targets: ['http://me:secret@one'] };
	const record = new RunRecord(one, 1_795_240_000_500);
	const { runCommand } = record.watched(probeTools({}), one);
	await runCommand('true', ['http://one'], options);
	expect(argsFor(record, 'http://me:secret@one')).toEqual(['http://one']);
});

test('long command lines are cut, and too many are counted', async () => {
	const { record, tools } = watched();
	const shared = { ...options, input: 'http://one\n' };
	await tools.runCommand('cat', ['-x', 'y'.repeat(5000), 'z'], shared);
	const [first] = commandsOf(record);
	expect(first).toMatchObject({ is_cut: true });
	expect(first?.args.map((arg) => arg.length)).toEqual([2, 3997]);
	for (let number = 0; number < 40; number++) await tools.runCommand('cat', [String(number)], shared);
	expect(commandsOf(record)).toHaveLength(32);
	expect(record.answerFor('http://one').commands_left_out).toBe(9);
});

test('notes of the probe are remembered, up to a number', () => {
	const { record, tools } = watched();
	for (let number = 0; number < 20; number++) tools.note(`note ${number}`);
	expect(record.answerFor('http://one').notes).toHaveLength(8);
	expect(record.answerFor('http://one').notes[0]).toBe('note 0');
});
