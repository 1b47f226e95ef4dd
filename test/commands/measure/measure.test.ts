import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cli, Daemon } from '../../support/daemon.ts';
import { waitFor } from '../../support/influxd.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function measure(args: string, baseDir = join(folder, 'none')) {
	const words = [cli, 'measure', ...args.split(' '), '--basedir', baseDir];
	const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
	return { code: status, out: stdout, err: stderr };
}

const answered =
	/ {2}ping 1 {2}\d+\.\d{3} ms\n {2}ping 2 {2}\d+\.\d{3} ms\n127\.0\.0\.1 : xmt\/rcv\/%loss = 2\/2\/0%\n {2}min\/median\/max\/jitter = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms, MOS = 4\.41\n$/;

/** A probe that loses as many of the pings as it is told. */
const lossy = `export default ({ z }) => ({
	name: 'lossy', target: 'host', lanes: 1,
	options: z.strictObject({ host: z.string(), lost_pings: z.coerce.number(), odd: z.boolean().optional() }),
	settings: z.strictObject({}), batchMax: () => 10, needMs: () => 100,
	measure: async ({ targets, pings, options, windowMs }) => new Map(targets.map((target) => [target, {
		samples: Array.from({ length: pings }, (_, i) => ({
			sentAtSeconds: 1.8e9 + i, rttSeconds: i < options.lost_pings ? null : windowMs / 1e6 + Number(options.odd ?? 5),
		})),
	}])),
});`;

function lossyConfig(): string {
	writeFileSync(join(folder, 'lossy.mjs'), lossy);
	const file = join(folder, 'config.yaml');
	writeFileSync(file, `probes: [${join(folder, 'lossy.mjs')}]\n`);
	return file;
}

test('the examples of the help are measured here when there is no daemon', () => {
	const { stdout } = spawnSync(process.execPath, [cli, 'measure', '--help'], { encoding: 'utf8' });
	const examples = [...stdout.matchAll(/^ {2}pingmachine measure (.*)$/gm)].map(([, args = '']) => args);
	expect(examples).toHaveLength(2);
	const [pings, json] = examples.map((args) => measure(args));
	expect(pings).toMatchObject({ code: 0, err: '' });
	expect(pings?.out).toMatch(
		/^icmp 127\.0\.0\.1, 3 pings every 0\.2 s, here \(no daemon: it does not run\)\n/,
	);
	expect(pings?.out).toMatch(/\/%loss = 3\/3\/0%\n/);
	expect(json).toMatchObject({ code: 0, err: '' });
	const told = JSON.parse(json?.out ?? '');
	expect(told).toMatchObject({ probe: 'fping', target: '127.0.0.1', by: 'here', kind: 'measured' });
	expect(told).toMatchObject({ sent: 2, received: 2, loss: 0, mos: expect.any(Number) });
	expect(told.samples).toHaveLength(2);
	expect(existsSync(join(folder, 'none'))).toBe(false);
});

test('how many were lost is the exit code; options are those of the section, the interval of every probe is kept', () => {
	const config = lossyConfig();
	const run = (more: string) => measure(`lossy x --pings 4 --config ${config} ${more}`);
	// (4 * 0.5 s + 3 s) / 0.8 is the window.
	expect(run('--lost-pings 0 --interval 0.5 --no-odd')).toMatchObject({
		code: 0,
		out: expect.stringContaining('min/median/max/jitter = 6.25/6.25/6.25/0.000 ms'),
	});
	expect(run('--lost-pings 1 --odd')).toMatchObject({ code: 1, out: expect.stringContaining('4/3/25%') });
	expect(run('--lost-pings 4')).toMatchObject({ code: 2, out: expect.stringContaining('4/0/100%') });
	expect(run('--lost-pings x')).toMatchObject({
		code: 3,
		err: expect.stringMatching(/^lossy\.lost_pings: /),
	});
});

test.each([
	['icmp no-such-name.invalid --pings 1', 'name or service not known: no-such-name.invalid'],
	['icmp 127.0.0.1 --ttl 900', 'icmp.ttl: '],
	['icmp 127.0.0.1 --pings 0', 'pings: must be a whole number, at least 1'],
	['icmp 127.0.0.1 --interval 0', '--interval: must be seconds'],
	['icmp 127.0.0.1 --tll 3', '(Did you mean --ttl?)'],
	['icpm 127.0.0.1', '(Did you mean icmp?)'],
	['icmp', "missing required argument 'host'"],
])('%s could not be measured', (args, words) => {
	expect(measure(args)).toMatchObject({ code: 3, err: expect.stringContaining(words) });
});

test('the daemon measures by an order for once, which is archived', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const { code, out, err } = measure('fping 127.0.0.1 --pings 2 --interval 0.1', daemon.baseDir);
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(out).toContain(`fping 127.0.0.1, 2 pings every 0.1 s, by the daemon in ${daemon.baseDir}\n`);
	expect(out).toMatch(answered);
	expect(readdirSync(daemon.path('orders/measure'))).toEqual([]);
	const [name = ''] = readdirSync(daemon.path('archive/measure'));
	expect(daemon.read('archive/measure', name, 'order')).toContain('once: true\n');
	expect(daemon.read('archive/measure', name, 'last_result')).toContain('\nloss: 0\n');
	expect(measure('fping 127.0.0.1 --pings 2 --interval 0.1 --here', daemon.baseDir).out).toContain(
		'here (as asked)',
	);
	const json = measure('icmp no-such-name.invalid --pings 1 --json', daemon.baseDir);
	expect(json).toMatchObject({ code: 3, err: '' });
	expect(JSON.parse(json.out)).toMatchObject({ by: 'daemon', kind: 'failed', code: 'name_unknown' });

	// Who may not ask the daemon measures with his own rights, and says why.
	chmodSync(daemon.baseDir, 0o755);
	const words = [cli, 'measure', 'ssh', '127.0.0.1', '--pings', '1', '--basedir', daemon.baseDir];
	const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, ...words];
	const stranger = spawnSync('setpriv', asNobody, { encoding: 'utf8' });
	expect(stranger.stdout).toMatch(
		/^ssh 127\.0\.0\.1, 1 ping every 1 s, here \(no daemon: permission denied\. /,
	);
	expect(stranger).toMatchObject({ status: 2, stderr: '' });

	// It does not know this probe.
	const refused = measure(`lossy x --lost-pings 0 --config ${lossyConfig()}`, daemon.baseDir);
	expect(refused).toMatchObject({ code: 3, err: expect.stringMatching(/^the daemon refused it: probe: /) });
	expect(readdirSync(daemon.path('orders/measure'))).toEqual([]);
}, 120_000);

test.each([
	['by the daemon', true],
	['here', false],
])('%s pings are told as they come, and what is known at Ctrl-C is summed up', async (_, withDaemon) => {
	await using daemon = new Daemon();
	if (withDaemon) await daemon.start();
	else mkdirSync(daemon.path('orders'));
	const args = ['measure', 'icmp', '127.0.0.1', '--pings', '900', '--interval', '0.1'];
	const child = spawn(process.execPath, [cli, ...args, '--basedir', daemon.baseDir]);
	let out = '';
	child.stdout.on('data', (text) => {
		out += text;
	});
	await waitFor(
		() => out.includes('  ping   2  '),
		() => out,
	);
	child.kill('SIGINT');
	const [code] = await once(child, 'close');
	expect(code).toBe(0);
	const [, sent] = /xmt\/rcv\/%loss = (\d+)\/\d+\/0%/.exec(out) ?? [];
	expect(Number(sent)).toBeGreaterThanOrEqual(2);
	expect(Number(sent)).toBeLessThan(900);
	if (withDaemon) expect(readdirSync(daemon.path('orders/measure'))).toEqual([]);
	else expect(readdirSync(daemon.path('orders'))).toEqual([]);
});
