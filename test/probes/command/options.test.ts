import { describe, expect, test } from 'vitest';
import { argvOf, programOf } from '../../../probes/command/argv.ts';
import { type CommandSettings, commandSettings } from '../../../probes/command/settings.ts';
import { builtInProbes } from '../../../probes/index.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';

function settingsOf(programs: Record<string, unknown>): CommandSettings {
	const read = readStrict(commandSettings(), { programs }, 'probes.command');
	if (!('value' in read)) throw new Error(JSON.stringify(read.findings));
	return read.value;
}

function faultsOf(settings: Record<string, unknown>): string {
	const read = readStrict(commandSettings(), settings, 'probes.command');
	return 'findings' in read ? read.findings.map(({ key, message }) => `${key}: ${message}`).join('\n') : '';
}

function orderOf(section: string) {
	return readOrder('x', `user: me\nstep: 60\npings: 5\nprobe: command\ncommand: ${section}\n`, builtInProbes);
}

describe('the list of programs', () => {
	test('is argv alone, or with more', () => {
		expect(
			settingsOf({
				a: ['/bin/a', '{target}', 5],
				b: { argv: ['b', '--port={port}'], nagios: true, args: { port: 22 }, timeout: 3 },
			}),
		).toEqual({
			programs: {
				a: { argv: ['/bin/a', '{target}', '5'], nagios: false, args: {}, timeout: 10 },
				b: { argv: ['b', '--port={port}'], nagios: true, args: { port: '22' }, timeout: 3 },
			},
			processes: 50,
		});
	});

	test.each([
		[[], /programs\.a\.argv: is empty/],
		['/bin/a {target}', /programs\.a: must be a mapping/],
		[['{target}'], /must begin with a program, and not with what an order says/],
		[['./a'], /must begin with the name of a program or its path from the root/],
		[['-a'], /must begin with the name of a program/],
		[['sh', '-c', 'ping {target}'], /would let orders say what a shell runs. Write "\$1" in the script/],
		[['/bin/bash', '-ec', 'ping {target}'], /would let orders say what a shell runs/],
		[[['a']], /argv\[0\]: must be text or a number/],
		[{ argv: ['a'], nagios: 'maybe' }, /nagios/],
		[{ argv: ['a', '{target}'], args: { port: 1 } }, /args: has "port", and argv has no \{port\}/],
		[{ argv: ['a', '{target}'], args: { target: 'x' } }, /args: has "target"/],
		[{ argv: ['a'], timeout: 0 }, /timeout/],
		[{ arg: ['a'] }, /argv/],
	])('%j is wrong', (program, message) => {
		expect(faultsOf({ programs: { a: program } })).toMatch(message);
	});

	test('a shell may have what an order says as an argument', () => {
		expect(faultsOf({ programs: { a: ['sh', '-c', 'ping "$1"', '-', '{target}'] } })).toBe('');
	});

	test('has names that can be told', () => {
		expect(faultsOf({ programs: { 'a b': ['a'] } })).toMatch(/must be named by letters/);
		expect(faultsOf({ processes: 0 })).toMatch(/processes/);
	});
});

describe('an order', () => {
	test('says which program, what target, and its arguments', () => {
		const read = orderOf('{program: a, target: 192.0.2.7, args: {port: 22, warn: 5%}}');
		expect(read).toMatchObject({
			order: { target: '192.0.2.7', options: { program: 'a', args: { port: '22', warn: '5%' } } },
		});
	});

	test.each([
		['{target: x}', 'command.program'],
		['{program: a}', 'command.target'],
		['{program: a, target: ""}', 'command.target'],
		['{program: a, target: -rf}', 'command.target'],
		['{program: a, target: "a\\nb"}', 'command.target'],
		[`{program: a, target: ${'x'.repeat(1001)}}`, 'command.target'],
		['{program: a, target: x, args: {port: --help}}', 'command.args.port'],
		['{program: a, target: x, args: [1]}', 'command.args'],
		['{program: a, target: x, args: {port: [1]}}', 'command.args.port'],
		['{program: a, target: x, argv: [sh]}', 'command.argv'],
	])('%s is wrong', (section, key) => {
		expect(orderOf(section)).toMatchObject({ findings: [expect.objectContaining({ key })] });
	});
});

describe('what is run', () => {
	const settings = settingsOf({
		check: {
			argv: ['/bin/check', '-H', '{target}', '--port={port}', '{port}', '{other_}'],
			args: { port: 22 },
		},
		plain: ['/bin/plain'],
	});
	const order = (more: object) => ({ program: 'check', target: 'x', ...more });

	test('has what the order says in it, whatever it is', () => {
		const found = programOf(order({ args: { other_: '{target}$1 $& `id`' } }), settings);
		if (!('program' in found)) throw new Error(found.fault);
		expect(argvOf(found.program, "a b'$&{port}", { other_: '{target}$1 $& `id`' })).toEqual([
			...['/bin/check', '-H', "a b'$&{port}", '--port=22', '22', '{target}$1 $& `id`'],
		]);
	});

	test.each([
		[{ program: 'chekc' }, /^command.program: unknown program "chekc". Did you mean check\?/],
		[{ program: '__proto__' }, /^command.program: unknown program/],
		[{ args: {} }, /^command.args: check needs other_. Add args: \{other_: ...\}/],
		[{ args: { prot: 1, other_: 1 } }, /^command.args: unknown argument "prot". Did you mean port\?/],
		[{ args: { target: 'y', other_: 'z' } }, /^command.args: unknown argument "target"/],
	])('%j names the fault', (more, message) => {
		expect(programOf(order(more), settings)).toEqual({ fault: expect.stringMatching(message) });
	});

	test('nothing, where the config lists nothing', () => {
		expect(programOf(order({}), settingsOf({}))).toEqual({
			fault:
				'command.program: there is no program in probes: command: programs: of the config file. Add check there',
		});
	});
});
