/** bench: CPU of commands that are run again and again: --version, order ls, status, completion; beside an empty Node.js */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loopbackOrder, quantile } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';

const { values } = parseArgs({
	options: { runs: { type: 'string', default: '7' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const cli = new URL('../src/cli.js', import.meta.url).pathname;

const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
try {
	mkdirSync(join(baseDir, 'orders', 'me'), { recursive: true });
	for (let i = 0; i < 10; i++)
		writeFileSync(join(baseDir, 'orders', 'me', `order${i}`), loopbackOrder(i, 60, 5));
	const here = ['--basedir', baseDir];
	const commands: Readonly<Record<string, readonly string[]>> = {
		'Node.js alone': ['-e', '0'],
		'--version': [cli, '--version'],
		'order ls': [cli, 'order', 'ls', ...here],
		status: [cli, 'status', ...here],
		'completion bash': [cli, 'completion', 'bash'],
		'completion of an order': [cli, 'complete', 'orders', baseDir, 'me/', ''],
	};
	const seconds = Object.keys(commands).map((name) => ({ name, cpu: [] as number[] }));
	// All of them in turns, so that what disturbs one disturbs the others too.
	for (let run = 0; run < runs; run++) {
		for (const { name, cpu } of seconds) cpu.push(cpuSecondsOf(commands[name] ?? []));
	}
	const medians = seconds.map(({ name, cpu }) => [name, quantile(cpu, 0.5)] as const);
	if (values.json) console.log(JSON.stringify(Object.fromEntries(medians)));
	else for (const [name, cpu] of medians) console.log(`${name.padEnd(20)} ${cpu.toFixed(3)} s CPU`);
	keepFigures('commands', Object.fromEntries(medians.slice(1).map(([name, cpu]) => [`${name}: CPU s`, cpu])));
} finally {
	rmSync(baseDir, { recursive: true, force: true });
}

/** Of the process and all its threads: bash tells what its children took. */
function cpuSecondsOf(args: readonly string[]): number {
	const script = '"$@" > /dev/null || exit 1; times';
	const ran = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...args], { encoding: 'utf8' });
	if (ran.status !== 0) throw new Error(`${args.join(' ')} failed: ${ran.stderr}`);
	const [, children = ''] = ran.stdout.trim().split('\n');
	return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
		(sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
		0,
	);
}
