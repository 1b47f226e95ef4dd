import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { registerExplain } from '../../../src/commands/explain/index.ts';
import { errorText } from '../../../src/store/error-file.ts';
import {
	baseDir,
	measured,
	noDaemon,
	now,
	orderText,
	result,
	rttsOf,
	run,
	serve,
	slot,
	socket,
	tree,
	useExplain,
	write,
} from './explain-rig.ts';

useExplain();

/** Written anew by UPDATE_GOLDEN=1. */
function expectGolden(name: string, text: string): void {
	const path = fileURLToPath(new URL(`../../golden/explain-${name}.txt`, import.meta.url));
	if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
	expect(text).toBe(readFileSync(path, 'utf8'));
}

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
		objective: null,
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
