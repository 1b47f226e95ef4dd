import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type ExplainOptions, explain, registerExplain } from '../../../src/commands/explain/index.ts';
import { openQuestionSocket, type QuestionSocket } from '../../../src/memory/question-socket.ts';
import type { OrderAnswer } from '../../../src/model/answers.ts';
import { measured as measuredOutcome } from '../../../src/model/outcome.ts';
import { type OutcomeJson, outcomeToJson } from '../../../src/outcomes/outcome-json.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { lastResultText } from '../../../src/store/last-result.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';
import { makeOrder } from '../graph/rrds.ts';

/** A multiple of 300 s and some seconds. Since the epoch. */
const now = 4_102_444_800 + 77;
const slot = now - 77 - 300;

let baseDir: string;
let socket: QuestionSocket | null;
beforeEach(() => {
	process.env['TZ'] = 'UTC';
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
	mkdirSync(join(baseDir, 'output'));
	socket = null;
});
afterEach(() => {
	socket?.close();
	rmSync(baseDir, { recursive: true });
});

function write(path: string, text: string, ageSeconds = 20): void {
	mkdirSync(dirname(join(baseDir, path)), { recursive: true });
	writeFileSync(join(baseDir, path), text);
	utimesSync(join(baseDir, path), now - ageSeconds, now - ageSeconds);
}

async function run(word: string, options: ExplainOptions = {}, columns = 80, colours = false) {
	let out = '';
	let err = '';
	const exitCode = await explain(
		word,
		{ basedir: baseDir, ...options },
		{
			probes: builtInProbes,
			nowMs: () => now * 1000,
			columns,
			colours,
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text) },
		},
	);
	return { exitCode, out: out.replaceAll(baseDir, 'BASEDIR'), err: err.replaceAll(baseDir, 'BASEDIR') };
}

const noDaemon =
	'no answer from a daemon in BASEDIR: it does not run. Only it knows the batch, the runs, the counters and the sending order\n';

async function serve(orders: Readonly<Record<string, OrderAnswer>>): Promise<void> {
	socket = await openQuestionSocket(baseDir, cannedQuestions(cannedDaemon(now - 86_400), orders));
}

/** Written anew by UPDATE_GOLDEN=1. */
function expectGolden(name: string, text: string): void {
	const path = fileURLToPath(new URL(`../../golden/explain-${name}.txt`, import.meta.url));
	if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
	expect(text).toBe(readFileSync(path, 'utf8'));
}

// ---- A tree ----

const orderText = `user: tmon
task: tun_eth0_4061
step: 300
pings: 20
probe: fping
fping:
    host: Router.example.net
    source_ip: 192.0.2.7
measurement_name: tunnel
tags:
    tunnel_id: 12458
    interface: eth2
`;

function result(loss = 0): string {
	const rtts = { min: 0.0123, median: 0.0145, max: 0.12 };
	return lastResultText({ time: slot, updated: slot + 250, step: 300, pings: 20, loss, ...rtts });
}

/** Twenty RTTs in the order in which they were sent, some of them lost. */
const rttsOf = (seed: number) =>
	Array.from({ length: 20 }, (_, ping) =>
		(ping * 7 + seed) % 11 === 0 ? null : (12_300 + ((ping * 7919 + seed * 104_729) % 9000)) / 1e6,
	);

function tree(id = 'office/router'): void {
	write(`orders/${id}`, orderText, 1200);
	const slots = Array.from({ length: 12 }, (_, index) => rttsOf(11 - index).filter((rtt) => rtt !== null));
	const rrd = makeOrder(baseDir, { id, stepSeconds: 300, pings: 20, firstSeconds: slot - 11 * 300, slots });
	utimesSync(rrd, now - 50, now - 50);
	write(`output/${id}/last_result`, result(2), 50);
}

function measurement(ago: number): OutcomeJson {
	const time = slot - ago * 300;
	const samples = rttsOf(ago).map((rttSeconds, ping) => ({
		sentAtSeconds: time + 3.0004 + ping * 11.85,
		rttSeconds,
	}));
	const order = { id: 'office/router', user: 'me', probe: 'icmp', target: '192.0.2.1', tags: {} };
	return outcomeToJson(measuredOutcome(order, { startSeconds: time, stepSeconds: 300 }, 20, samples));
}

function measured(measurements: number): OrderAnswer {
	return {
		state: 'measured',
		expires: now - 1200 + 3660,
		memory: {
			since: now - 80_000,
			slots: { measured: 260, failed: 3, skipped: 1, overrun: 2, late: 1 },
			last_failure: {
				time: now - 30_077,
				code: 'name_unknown',
				reason: 'name or service not known: router.example.net',
			},
			last_skip: { time: now - 90_077, code: 'clock', reason: 'the machine slept or its clock was set' },
			last_loss: { time: slot, code: null, reason: 'connection refused (2 of 20)' },
			last_facts: {
				time: slot,
				facts: { ttl: 58, duplicates: 1, late: 0, timestamps: 'kernel', jitter: 0.000_312, mos: 4.404 },
			},
			fact_sums: { duplicates: 3, late: 1 },
			next_due: now + 226.4,
			batch: {
				targets: 998,
				targets_max: 1000,
				orders: {
					count: 1000,
					ids: Array.from({ length: 10 }, (_, index) => `office/router-${index}`),
				},
				same_target: { count: 2, ids: ['lab/same', 'evil/\x1b[2J'] },
			},
			last_run: {
				started: now - 73.2,
				took: null,
				window: 300,
				targets: 998,
				commands: [
					{
						program: '/usr/bin/fping',
						args: ['-q', '-p', '11850', '-C', '20', '-i', '1', '-t', '3000', '-S', '192.0.2.7', "it's"],
						is_cut: false,
						input_lines: 998,
					},
					{ program: 'httping', args: ['https://me:***@example.net/'], is_cut: true, input_lines: 0 },
				],
				commands_left_out: 1,
				notes: ['in this process, from \x1b[31m192.0.2.7'],
			},
			outcomes: Array.from({ length: measurements }, (_, ago) => measurement(ago)),
		},
	};
}

// ---- The page ----

describe('the page at 80 columns', () => {
	test('of an order that is measured, with the daemon', async () => {
		tree();
		await serve({ 'office/router': measured(10) });
		const { exitCode, out, err } = await run('office/router');
		expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
		expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
		expectGolden('measured', out);
	});

	test('of the same without a daemon', async () => {
		tree();
		const { exitCode, out, err } = await run('office/router');
		expect({ exitCode, err }).toEqual({ exitCode: 0, err: noDaemon });
		expectGolden('no-daemon', out);
	});

	test('of an order that is rejected', async () => {
		write('orders/lab/wrong', 'user: me\nstep: 10x\npings: 5\nprobe: fping\nfping:\n    hots: x\n', 500);
		write('output/lab/wrong/error', errorText(now - 499, 'step: ...'), 499);
		await serve({ 'lab/wrong': { state: 'rejected', expires: null, memory: null } });
		const { exitCode, out, err } = await run('lab/wrong');
		expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
		expectGolden('rejected', out);
	});
});

test('what the daemon does not remember yet comes from main.rrd, sorted', async () => {
	tree();
	await serve({ 'office/router': measured(3) });
	const { out } = await run('office/router');
	expect(out).toContain('in sending order, older ones sorted');
	expect(out.match(/ {2}sorted {2}/g)).toHaveLength(7);
	const told = JSON.parse((await run('office/router', { json: true })).out);
	const times = told.measurements.map(({ time }: { time: number }) => (slot - time) / 300);
	expect(times).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	const kinds = told.measurements.map((one: object) => ('samples' in one ? 'sent' : 'sorted'));
	expect(kinds).toEqual(['sent', 'sent', 'sent', ...Array.from({ length: 7 }, () => 'sorted')]);
	const rtts = rttsOf(3)
		.filter((rtt) => rtt !== null)
		.sort((a, b) => a - b);
	expect(told.measurements[3]).toMatchObject({ pings: 20, loss: 20 - rtts.length });
	for (const [index, rtt] of told.measurements[3].sorted_rtts.entries())
		expect(rtt).toBeCloseTo(rtts[index] ?? 0, 12);
});

test('what was not picked up, is half written or expires is told', async () => {
	write('orders/a', 'user: me\nstep: 10\npings: 5\nprobe: fping\nfping: {host: ::1}\n', 0);
	await serve({});
	expect((await run('a')).out).toMatch(/^a {2}waiting\n {2}the daemon has not picked it up yet/);
	socket?.close();
	await serve({ a: { state: 'expiring', expires: null, memory: null } });
	expect((await run('a')).out).toMatch(/^a {2}waiting\n {2}it was not refreshed in time/);
	socket?.close();
	await serve({ a: { state: 'unsettled', expires: null, memory: null } });
	expect((await run('a')).out).toMatch(/^a {2}waiting\n {2}the file may be half written/);
});

test('an archived order is told with what archived it and when', async () => {
	write('archive/old/removed/last_result', result());
	write('archive/old/expired/last_result', result());
	write('archive/old/expired/order', orderText);
	const removed = await run('old/removed');
	expect(removed.out).toMatch(/^old\/removed {2}archived\n/);
	expect(removed.out).toMatch(/\nARCHIVED\n {2}Its file was deleted, \d{4}-/);
	expect(removed.out).not.toContain('ORDER');
	const expired = await run('old/expired');
	expect(expired.out).toMatch(/\nARCHIVED\n {2}It was not refreshed for too long, \d{4}-/);
	expect(expired.out).toContain('router.example.net');
	const { archived, state, order } = JSON.parse((await run('old/expired', { json: true })).out);
	expect({ state, why: archived.why, user: order.user }).toEqual({
		state: 'archived',
		why: 'expired',
		user: 'tmon',
	});
	expect(Math.abs(archived.time - Date.now() / 1000)).toBeLessThan(60);
});

test('defaults are filled in and marked, what has no value is named', async () => {
	tree();
	const { order } = JSON.parse((await run('office/router', { json: true })).out);
	expect(order).toEqual({
		user: 'tmon',
		task: 'tun_eth0_4061',
		title: null,
		note: null,
		link: null,
		step: 300,
		pings: 20,
		probe: 'fping',
		target: 'router.example.net',
		options: { host: 'router.example.net', source_ip: '192.0.2.7' },
		not_set: ['interface', 'interval', 'ipv6'],
		once: false,
		rrd_template: 'smokeping',
		measurement_name: 'tunnel',
		tags: { interface: 'eth2', tunnel_id: '12458' },
		defaults: ['rrd_template'],
	});
});

test('a long key is kept apart from its value, and a list is told without brackets', async () => {
	const section = 'httping:\n    url: http://a.example/\n    http_codes_as_failure: [401, 403]\n';
	write('orders/web', `user: me\nstep: 10\npings: 5\nprobe: httping\n${section}`);
	expect((await run('web')).out).toContain('\n    http_codes_as_failure  401, 403\n');
});

test('where no command of the run is known to be of the order, it is said how many there were', async () => {
	tree();
	const { memory, ...answer } = measured(10);
	if (memory?.last_run == null) throw new Error('no run');
	const lastRun = { ...memory.last_run, commands: [], commands_left_out: 10 };
	await serve({ 'office/router': { ...answer, memory: { ...memory, last_run: lastRun } } });
	const { out } = await run('office/router');
	expect(out).toContain('\n  10 commands of the run, none known to be for this target\n');
	expect(out).not.toContain('$ ');
});

test('--config says where the base directory is and how old orders may become', async () => {
	tree();
	write('config.yaml', `basedir: ${baseDir}\nmax_age: 7200\n`);
	const options = { basedir: undefined, config: join(baseDir, 'config.yaml'), json: true };
	const { exitCode, out } = await run('office/router', options);
	expect(exitCode).toBe(0);
	expect(JSON.parse(out).expires).toBe(now - 1200 + 7200);
	write('config.yaml', 'max_aeg: 7200\n');
	const wrong = await run('office/router', options);
	expect(wrong).toMatchObject({ exitCode: 1, out: '' });
	expect(wrong.err).toMatch(/^BASEDIR\/config\.yaml: max_aeg: unknown .*max_age\?\n$/);
});

describe('ids', () => {
	test('the beginning of an id is enough, in orders/, output/ and archive/', async () => {
		tree();
		write('orders/new/one', orderText);
		write('archive/old/one/last_result', result());
		for (const [word, id] of [
			['off', 'office/router'],
			['new', 'new/one'],
			['old/', 'old/one'],
		]) {
			expect((await run(word ?? '')).out).toMatch(new RegExp(`^${id} `));
		}
	});

	test.each([
		['office/ruoter', 'office/ruoter: there is no such order. Did you mean office/router?\n'],
		['zzz', 'zzz: there is no such order. There are 3 in BASEDIR\n'],
		['office', 'office: more than one order begins so: office/router, office/router2\n'],
		['', 'the id is empty. Name an order\n'],
		['../orders/office/router', '../orders/office/router: there is no such order. There are 3 in BASEDIR\n'],
		['a\nb', 'a\\x0ab: there is no such order. There are 3 in BASEDIR\n'],
	])('%j is one line and exit code 1', async (word, err) => {
		tree();
		write('orders/office/router2', orderText);
		write('orders/x', orderText);
		write('orders/.hidden', orderText);
		expect(await run(word)).toEqual({ exitCode: 1, out: '', err });
	});

	test('no base directory is one line and exit code 1', async () => {
		expect(await run('a', { basedir: `${baseDir}/nope` })).toEqual({
			exitCode: 1,
			out: '',
			err: 'BASEDIR/nope: has no output/ and no archive/. Name the base directory of the daemon with --basedir\n',
		});
	});
});

describe('files that cannot be read', () => {
	test('a broken last_result, a broken main.rrd: a line each, exit code 2, and the rest is told', async () => {
		tree();
		write('output/office/router/last_result', 'time: 1\nmedian: x\n');
		write('output/office/router/main.rrd', 'RRD');
		const { exitCode, out, err } = await run('office/router');
		expect(exitCode).toBe(2);
		expect(err).toMatch(
			/^cannot read BASEDIR\/output\/office\/router\/last_result: updated is missing\n.*main\.rrd.*\nno answer .*\n$/,
		);
		expect(out).toContain('last_result cannot be read: updated is missing');
		expect(out).toContain('MEASUREMENTS  none yet');
		expect(out).toContain('user            tmon');
	});

	test('as another user: permission denied, exit code 2, and no stack trace', () => {
		tree();
		chmodSync(baseDir, 0o755);
		chmodSync(join(baseDir, 'output/office/router/last_result'), 0o600);
		chmodSync(join(baseDir, 'output/office/router/main.rrd'), 0o600);
		const cli = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url));
		const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, cli];
		const explainAs = (id: string) => {
			const args = [...asNobody, 'explain', id, '--basedir', baseDir];
			return spawnSync('setpriv', args, { encoding: 'utf8' });
		};
		const { status, stderr, stdout } = explainAs('office/router');
		expect(status).toBe(2);
		expect(stderr.split('\n').filter((line) => line.includes('permission denied'))).toHaveLength(2);
		expect(stderr).not.toMatch(/^\s+at /m);
		expect(stdout).toMatch(/^office\/router {2}unreadable\n/);
		chmodSync(join(baseDir, 'output/office'), 0o700);
		const closed = explainAs('office/router');
		expect(closed.status).toBe(2);
		expect(closed.stderr).not.toMatch(/^\s+at /m);
		chmodSync(join(baseDir, 'orders'), 0o700);
		expect(explainAs('offi')).toMatchObject({
			status: 1,
			stderr: expect.stringMatching(/^.*permission denied.*\n$/),
		});
	});

	test('a link that leads nowhere and a FIFO are told, and not waited for', async () => {
		symlinkSync('nowhere', join(baseDir, 'orders/link'));
		spawnSync('mkfifo', [join(baseDir, 'orders/fifo')]);
		expect((await run('fifo')).out).toMatch(/^fifo {2}rejected\n {2}the file is a FIFO/);
		expect((await run('link')).exitCode).toBe(0);
	});
});

test('nothing that applications wrote reaches the terminal as a control character', async () => {
	const id = 'evil/\x1b[2J\nname';
	tree(id);
	write(
		`orders/${id}`,
		orderText.replace('tun_eth0_4061', '"a\\e]0;title\\ab"').replace('12458', '"\\u202e"'),
	);
	await serve({ [id]: measured(10) });
	for (const options of [{}, { json: true }]) {
		const { out } = await run('evil', options);
		expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
	}
});

test('passwords in an order are not told', async () => {
	const { orderFacts } = await import('../../../src/commands/explain/order.ts');
	const fping = builtInProbes.get('fping');
	if (fping === undefined) throw new Error('no fping');
	const probes = new Map([['fping', { ...fping, shown: () => 'shown' }]]);
	write('orders/a', 'user: me\nstep: 10\npings: 5\nprobe: fping\nfping: {host: secret.example}\n');
	const facts = orderFacts(join(baseDir, 'orders/a'), 'a', { probes, rrdTemplate: 'smokeping' });
	expect(facts).toMatchObject({ target: 'shown', options: { host: 'shown' } });
	expect(JSON.stringify(facts)).not.toContain('secret');
});

test('colours where they are wanted only; narrow and wide terminals are no trouble', async () => {
	tree();
	await serve({ 'office/router': measured(10) });
	expect((await run('office/router', {}, 80, true)).out).toContain('\x1b[1mORDER\x1b[0m');
	for (const columns of [20, 40, 200]) {
		const { exitCode, out } = await run('office/router', {}, columns);
		expect(exitCode).toBe(0);
		expect(out).toContain('MEASUREMENTS');
	}
});

test('the help names every key of the JSON', async () => {
	tree();
	await serve({ 'office/router': measured(10) });
	const told = JSON.parse((await run('office/router', { json: true })).out);
	const program = new Command('pingmachine');
	registerExplain(program, builtInProbes);
	let help = '';
	program.commands[0]?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
	const { memory } = told.daemon;
	const keys = [
		told,
		told.order,
		told.files[0],
		told.daemon,
		memory,
		memory.batch,
		memory.last_run,
		memory.slots,
		told.facts.ttl,
	];
	for (const key of keys.flatMap((part) => Object.keys(part))) expect(help).toContain(key);
	for (const word of ['Exit code', 'NO_COLOR', 'pingmachine.sock', 'sorted_rtts', 'silence'])
		expect(help).toContain(word);
});
