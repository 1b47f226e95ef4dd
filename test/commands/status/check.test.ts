import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answering } from '../../../src/memory/question-handler.ts';
import type { DaemonAnswer } from '../../../src/model/answers.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { type LastResult, lastResultText } from '../../../src/store/last-result.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';

let baseDir: string;
let ends: (() => void)[] = [];
beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
	chmodSync(baseDir, 0o755);
});
afterEach(() => {
	for (const end of ends) end();
	ends = [];
	rmSync(baseDir, { recursive: true });
});

/** In whole seconds. */
const now = () => Math.floor(Date.now() / 1000);

function write(path: string, content: string): void {
	mkdirSync(dirname(join(baseDir, path)), { recursive: true });
	writeFileSync(join(baseDir, path), content);
}

/** An order that was measured a moment ago, in steps that no test outlasts. */
function order(id: string, result: Partial<LastResult> = {}, keys = ''): void {
	write(`orders/${id}`, `user: me\nstep: 3600\npings: 5\nprobe: fping\nfping: {host: 127.0.0.1}\n${keys}`);
	const usual = { time: now() - 60, updated: now(), step: 3600, pings: 5, loss: 0 };
	const rtts = { min: 0.0123, median: 0.0145, max: 0.12 };
	write(`output/${id}/last_result`, lastResultText({ ...usual, ...rtts, ...result }));
}

const allLost = { loss: 5, min: null, median: null, max: null };

/** Has a daemon answer so. */
async function daemon(changes: Partial<DaemonAnswer> = {}): Promise<void> {
	const told = { ...cannedDaemon(now() - 100), ...changes };
	const server = createServer(answering(cannedQuestions(told, {})));
	server.listen(join(baseDir, 'pingmachine.sock'));
	await once(server, 'listening');
	ends.push(() => server.close());
}

const bin = fileURLToPath(new URL('../../../dist/src/commands/status/bin.js', import.meta.url));

async function check(args: readonly string[] = [], before: readonly string[] = []) {
	const [program = '', ...words] = [
		...before,
		process.execPath,
		bin,
		'--basedir',
		baseDir,
		'--check',
		...args,
	];
	const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
	const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
	if (child.exitCode === null) await once(child, 'exit');
	return { code: child.exitCode, out, err };
}

const working: DaemonAnswer['sinks'][number] = {
	...{ name: 'influx', destination: 'http://influx.example', confirms: true, state: 'working', since: 0 },
	...{ queued: 0, spooled: 0, spooled_bytes: 0, sent: 1, failed: 0, retried: 0, lag: 2, last_error: null },
	dropped: { queue_full: 0, spool_full: 0, too_old: 0, refused: 0, unsent: 0, damaged: 0, overload: 0 },
};

test('all is well: one line with perfdata', async () => {
	await daemon({ sinks: [working] });
	order('office/a');
	order("office/it's=|");
	const { code, out, err } = await check();
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(out).toBe(
		"PINGMACHINE OK - 2 orders, no loss | 'orders'=2;;;0 'down'=0;;0;0 'failing'=0;;0;0 'rejected'=0;;0;0 " +
			"'expiring'=0;0;;0 'sink influx lag'=2s;60;;0 'office/a loss'=0%;0;99.99;0;100 'office/a median'=0.0145s;;;0 " +
			"'office/it''s__ loss'=0%;0;99.99;0;100 'office/it''s__ median'=0.0145s;;;0\n",
	);
	expect((await check(['office/a'])).out).toMatch(
		/^PINGMACHINE OK - office\/a: no loss, median 14\.5 ms \| /,
	);
});

test('the examples of the help do what they say', async () => {
	await daemon();
	order('office/a', { loss: 2 });
	order('office/b');
	order('lab/a', allLost);
	const cli = join(dirname(bin), '../../cli.js');
	const run = async (line: string) => {
		const command = line.replace(/^pingmachine/, `"${process.execPath}" "${cli}"`);
		const env = { ...process.env, PINGMACHINE_BASEDIR: baseDir };
		const child = spawn('bash', ['-c', command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
		const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
		return { out, code };
	};
	const help = (await run('pingmachine status --help')).out;
	const examples = help.slice(help.indexOf('Examples:')).match(/pingmachine status.*/g) ?? [];
	const told: Record<string, string> = {};
	for (const line of examples.filter((one) => !one.includes('--watch') && !one.includes('| jq'))) {
		const { out, code } = await run(line);
		const [shown = ''] = /PINGMACHINE [^|]*|\d orders: .*|no sinks.*/.exec(out) ?? [];
		told[line] = `${code} ${shown.trim()}`;
	}
	expect(told).toEqual({
		"pingmachine status --check 'office/**'": '1 PINGMACHINE WARNING - 2 orders: 1 with loss (office/a)',
		'pingmachine status': '0 3 orders: 2 measuring, 1 down, 0 failing, 0 rejected',
		"pingmachine status 'office/**' --pop '*'": '1 ',
		"pingmachine status 'office/*' --sort loss": '0 2 orders: 2 measuring, 0 failing, 0 rejected',
		'pingmachine status --sinks': '0 no sinks are configured: see sinks: in the config file',
	});
});

test.each<readonly [string, number, string, () => void]>([
	['some loss', 1, '1 order: 1 with loss (a)', () => order('a', { loss: 2 })],
	['soon expiring', 1, '1 order: 1 expiring (a)', () => order('a', {}, 'expires: 1y\n')],
	['all pings lost', 2, '1 order: 1 down (a)', () => order('a', allLost)],
	['rejected', 2, '1 order: 1 rejected (a: user: is missing', () => write('orders/a', 'step: 5\n')],
	[
		'failing',
		2,
		'1 order: 1 failing (a: no such name)',
		() => {
			order('a');
			write('output/a/error', errorText(now(), 'no such name'));
		},
	],
	[
		'no new result',
		2,
		'1 order: 1 without a new result for two steps (a)',
		() => order('a', { time: now() - 10_900, updated: now() - 7300 }),
	],
	[
		'several, the worst first',
		2,
		'3 orders: 1 down (b), 2 with loss (a, c)',
		() => {
			order('a', { loss: 1 });
			order('b', allLost);
			order('c', { loss: 1 });
		},
	],
])('%s', async (what, code, words, make) => {
	await daemon();
	make();
	if (what === 'soon expiring') {
		const { utimesSync } = await import('node:fs');
		const refreshed = now() - 364.9 * 86_400;
		utimesSync(join(baseDir, 'orders/a'), refreshed, refreshed);
	}
	const checked = await check();
	expect(checked.out).toContain(` - ${words}`);
	expect(checked.out.split('\n')).toHaveLength(2);
	expect(checked.code).toBe(code);
	expect(checked.out).toMatch(code === 1 ? /^PINGMACHINE WARNING - / : /^PINGMACHINE CRITICAL - /);
});

test('a sink that fails or lags is a warning; the daemon alone is well', async () => {
	const failing = { ...working, state: 'failing' } as const;
	await daemon({ sinks: [failing, { ...working, name: 'slow', lag: 61 }] });
	order('a');
	expect(await check()).toMatchObject({
		code: 1,
		out: expect.stringMatching(/ - 1 order: the sink influx fails, the sink slow is 61 s behind \| /),
	});
	expect(await check(['--daemon'])).toMatchObject({
		code: 0,
		out: expect.stringMatching(
			/^PINGMACHINE OK - daemon 2\.0\.0, pid 4211, measures 1 order \| 'orders'=1;;;0 /,
		),
	});
});

test('without a daemon it is critical, and so is one that does not write', async () => {
	order('a');
	const silent = 'PINGMACHINE CRITICAL - no daemon: it does not run\n';
	expect(await check(['--daemon'])).toEqual({ code: 2, out: silent, err: '' });
	expect(await check()).toMatchObject({
		code: 2,
		out: expect.stringContaining('no daemon: it does not run'),
	});
	await daemon({ store: { waiting: 9, lag: 100, results_not_written: 0, rows_not_written: 0 } });
	for (const args of [[], ['--daemon']]) {
		expect(await check(args)).toMatchObject({
			code: 2,
			out: expect.stringContaining('results have been waiting to be written for 100 s'),
		});
	}
});

test('what cannot be told is unknown', async () => {
	await daemon();
	order('office/a');
	for (const [args, words] of [
		[['office/b'], 'there is no order office/b'],
		[['--json'], '--json does not go with --check. Leave one of them out'],
		[['--daemon', 'office/a'], '--daemon judges no orders. Leave it out, or name no orders'],
		[['--max-age', 'x'], '--max-age: must be a whole number'],
		[['--basedir', '/does/not/exist'], 'cannot read /does/not/exist/orders: there is no such folder'],
	] as const) {
		const { code, out } = await check(args);
		expect({ code, out }).toMatchObject({ code: 3, out: expect.stringContaining(`UNKNOWN - ${words}`) });
	}
	expect(await check(['--chek'])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('--chek') });
});

test('who may not ask the daemon or read an order does not know', async () => {
	await daemon();
	order('a');
	chmodSync(join(baseDir, 'pingmachine.sock'), 0o600);
	const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
	expect(await check([], asNobody)).toMatchObject({
		code: 3,
		out: expect.stringContaining('UNKNOWN - 1 order: the daemon could not be asked: permission denied'),
	});
	order('b', allLost);
	expect(await check([], asNobody)).toMatchObject({
		code: 2,
		out: expect.stringContaining('CRITICAL - 2 orders: 1 down (b), the daemon could not be asked'),
	});
});
