/** The examples that --help gives for each command do what it says: they are run as they stand, in a shell. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { commandLine } from '../../src/commands/command-line.ts';
import { mpcliProgram } from '../../src/commands/mpcli/index.ts';
import { commandTree } from '../../src/commands/shared/command-tree.ts';
import { everyCommand } from '../../src/commands/shared/completion-offers.ts';
import { makeOrder } from '../commands/graph/rrds.ts';

const programs = {
	pingmachine: new URL('../../dist/src/cli.js', import.meta.url).pathname,
	mpcli: new URL('../../dist/src/commands/mpcli/bin.js', import.meta.url).pathname,
};

/** Holds bin/, `base` and `etc` in place of /var/lib/pingmachine and /etc/pingmachine, and what the examples name. */
const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-examples-'));
const order = 'user: me\nstep: 60\npings: 5\nprobe: icmp\nicmp: {host: 127.0.0.1}\n';

beforeAll(() => {
	for (const [name, path] of Object.entries(programs))
		put(`bin/${name}`, `#!/bin/sh\nexec "${process.execPath}" "${path}" "$@"\n`, 0o755);
	put('bin/influx', '#!/bin/sh\ncat >/dev/null\n', 0o755);
	put('bin/generate-order', `#!/bin/sh\ncat "${scratch}/my-order"\n`, 0o755);
	put('my-order', order);
	put('router.yaml', order);
	put('hosts.txt', '127.0.0.1 here\n');
	put('targets.txt', '127.0.0.1\n');
	put('metrics.txt', 'meshping_sent{name="here",target="127.0.0.1"} 5\n');
	put('blackbox.yml', 'modules: {ping: {prober: icmp}}\n');
	put(
		'prometheus.yml',
		'scrape_configs: [{job_name: a, params: {module: [ping]}, static_configs: [{targets: [127.0.0.1]}]}]\n',
	);
	put('etc/pingmachine.yaml', 'max_age: 3660\n');
	cpSync(new URL('../../.debian/smokeping/etc/smokeping', import.meta.url), join(scratch, 'smokeping'), {
		recursive: true,
	});
	// Its config includes files by their whole paths.
	spawnSync('sh', ['-c', `find smokeping -type f -exec sed -i 's|/etc/|${scratch}/|' {} +`], {
		cwd: scratch,
	});
	put('base/alerts/loss.yaml', 'loss: {over: 20%}\n');
	put('slower.yaml', 'median: {over: 80ms}\n');
	const nowSeconds = Math.floor(Date.now() / 1000);
	const firstSeconds = nowSeconds - (nowSeconds % 60) - 1200;
	for (const id of ['me/localhost', 'me/localhost/@zrh', 'office/printer', 'office/printer/@zrh']) {
		const slots = Array.from({ length: 20 }, () => [0.01, 0.02, 0.03]);
		makeOrder(join(scratch, 'base'), { id, stepSeconds: 60, pings: 5, firstSeconds, slots });
		const result = 'step: 60\npings: 5\nloss: 0\nmin: 1.0e-02\nmedian: 2.0e-02\nmax: 3.0e-02\n';
		put(`base/output/${id}/last_result`, `time: ${nowSeconds - 60}\nupdated: ${nowSeconds}\n${result}`);
	}
});
afterAll(() => rmSync(scratch, { recursive: true }));

function put(path: string, content: string, mode = 0o644): void {
	mkdirSync(dirname(join(scratch, path)), { recursive: true });
	writeFileSync(join(scratch, path), content, { mode });
}

/** Each example finds the orders that it names, and `order add` none. */
function renew(example: string): void {
	rmSync(join(scratch, 'etc/tokens'), { force: true });
	rmSync(join(scratch, 'base/orders'), { recursive: true, force: true });
	mkdirSync(join(scratch, 'base/orders'), { recursive: true });
	const ids = example.includes('order add') ? [] : ['me/localhost', 'me/router', 'office/printer'];
	// Without a hub such an order is none.
	const where = /@zrh|--pop/.test(example) ? 'where: {pops: [zrh], here: true}\n' : '';
	for (const id of ids) put(`base/orders/${id}`, order + where);
}

/** What follows `measure`, each with its options, has its examples in common. */
const ends = everyCommand(commandTree(commandLine()))
	.filter(
		({ path, commands, parameters }) => path.length > 1 && commands.length === 0 && !isHelp(path, parameters),
	)
	.map(({ path }) => path.join(' '))
	.filter((command) => !command.startsWith('pingmachine measure '));

/** What the program prints. Asked here: starting it for each would cost as much as all the examples. */
function helpOf(name: string, words: readonly string[]): string {
	let printed = '';
	let command = name === 'mpcli' ? mpcliProgram(builtInProbes) : commandLine();
	for (const word of words)
		command = command.commands.find((each) => each.name() === word) ?? expect.fail(`there is no ${word}`);
	command.configureOutput({ writeOut: (text) => (printed += text) }).outputHelp();
	return printed;
}

function isHelp(path: readonly string[], parameters: readonly unknown[]): boolean {
	return path.at(-1) === 'help' && parameters.length === 1;
}

/** They stay until somebody ends them, or send pings to where tests must not. Other tests run such commands. */
const notHere =
	/^pingmachine (run|web|container)( --|$)|--watch|--keep-alive|^pingmachine measure|^pingmachine sink setup|^pingmachine (pops?|replay)\b|send-test|^pingmachine alerts ack|pingmachine container$/;

/** No daemon runs here: these say so, and so does what cannot be imported. */
function expectedCode(example: string): number {
	if (example.includes('status --check')) return 2;
	// Debian's own config tells somebody by mail, which has no counterpart.
	return example.includes('--sinks') || example.includes('import smokeping') ? 1 : 0;
}

test.each([...ends, 'pingmachine web', 'pingmachine measure', 'pingmachine man', 'mpcli'])(
	'%s --help has two examples, and they work',
	(command) => {
		const [program = '', ...words] = command.split(' ');
		const examples = (helpOf(program, words).split('\nExamples:\n')[1] ?? '')
			.split('\n')
			.filter((line) => line.startsWith('  '));
		expect(examples.length, 'how many examples').toBeGreaterThanOrEqual(2);
		for (const example of examples.map((line) => line.trim())) {
			if (notHere.test(example)) continue;
			// What one example of mpcli adds, the next one deletes.
			if (program !== 'mpcli' || example.includes(' -a ')) renew(example);
			const script = example
				.replaceAll('/var/lib/pingmachine', `${scratch}/base`)
				.replaceAll('/etc/smokeping', `${scratch}/smokeping`)
				.replaceAll('/etc/pingmachine', `${scratch}/etc`);
			const shell = script.endsWith('| source') ? ['fish', '-c'] : ['bash', '-o', 'pipefail', '-c'];
			const run = spawnSync(shell[0] ?? '', [...shell.slice(1), script], {
				cwd: scratch,
				encoding: 'utf8',
				env: {
					...process.env,
					HOME: scratch,
					PATH: `${scratch}/bin:${process.env['PATH']}`,
					PINGMACHINE_BASEDIR: `${scratch}/base`,
				},
			});
			expect([example, run.status, run.stderr]).toEqual([example, expectedCode(example), expect.any(String)]);
		}
	},
);
