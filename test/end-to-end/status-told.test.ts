/** `status` of all orders by what the daemon tells alone, without what reads files, and when that is not enough. */
import { execFileSync, spawnSync } from 'node:child_process';
import { beforeEach, expect, test, vi } from 'vitest';
import { showTold } from '../../src/commands/status/told.ts';
import { Daemon } from '../support/daemon.ts';

const cli = new URL('../../dist/src/cli.js', import.meta.url).pathname;
const program = new URL('../../dist/src/commands/status/bin.js', import.meta.url).pathname;
const order = (host: string, more = '') =>
	`{user: me, step: 2, pings: 1, probe: icmp, icmp: {${host}}${more}}`;

let shown = '';
beforeEach(() => {
	shown = '';
	vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
		shown += text;
		return true;
	});
	return () => {
		vi.restoreAllMocks();
		process.exitCode = undefined;
	};
});

/** What does not depend on when it was asked for. */
function rowsIn(json: string): unknown[] {
	const rows = json.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
	return rows.map(({ age, expires_in, result, ...others }) => ({
		...{ ...others, hasAge: age !== null, expires: expires_in !== null, hasResult: result !== null },
		unknown: typeof others.unknown,
	}));
}

test('what the daemon tells is shown as the whole command shows it, and nothing else is asked for', async () => {
	await using daemon = new Daemon();
	daemon.order('plain', order('host: 127.0.0.1'));
	daemon.order(
		'deep/er/東京',
		order('host: 127.0.0.2', ', title: é, link: "https://me:secret@example.net/"'),
	);
	daemon.order('for-ever', order('host: 127.0.0.3', ', expires: never'));
	await daemon.start();
	for (const id of ['plain', 'deep/er/東京', 'for-ever']) await daemon.resultOf(id);
	const { baseDir } = daemon;
	expect(await showTold(['--json', `--basedir=${baseDir}`])).toBe('shown');
	const whole = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8' });
	expect(rowsIn(shown)).toEqual(
		rowsIn(whole(cli, 'status', '--json', '--sort', 'order', '--basedir', baseDir)),
	);
	expect(rowsIn(shown)).toHaveLength(3);
	expect(rowsIn(whole(cli, 'status', '--json', '--basedir', baseDir))).toEqual(rowsIn(shown));
	expect(rowsIn(whole(program, '--json', '--basedir', baseDir))).toEqual(rowsIn(shown));
	shown = '';
	expect(await showTold(['--basedir', baseDir])).toBe('shown');
	const frame = (text: string) => text.replace(/[\d.]+/g, '0').replace(/ +/g, ' ');
	expect(frame(shown)).toBe(frame(whole(cli, 'status', '--sort', 'order', '--basedir', baseDir)));
	expect(process.exitCode).toBe(0);
});

test('prints nothing where more is needed: a file of an order, an option, a daemon', async () => {
	await using daemon = new Daemon();
	const { baseDir } = daemon;
	expect(await showTold(['--basedir', baseDir])).toEqual({ early: { silence: 'it does not run' } });
	daemon.order('plain', order('host: 127.0.0.1'));
	daemon.order('wrong', order('hots: 127.0.0.1'));
	await daemon.start();
	await daemon.resultOf('plain');
	await daemon.errorOf('wrong');
	expect(await showTold(['--basedir', baseDir])).toMatchObject({
		early: { answer: { isWhole: true, orders: expect.any(Map) } },
	});
	const refused = [
		['--basedir'],
		['--basedir', '--json'],
		['--failing'],
		['plain'],
		['--help'],
		['--basedir='],
	];
	for (const args of refused) expect(await showTold(args)).toEqual({ early: null });
	expect(shown).toBe('');
	// The whole command goes on with what was told.
	const { status, stdout } = spawnSync(process.execPath, [cli, 'status', '--basedir', baseDir], {
		encoding: 'utf8',
	});
	expect(status).toBe(0);
	expect(stdout).toMatch(/wrong .*rejected: .*hots.*\n/);
	expect(stdout).toContain('2 orders: 1 measuring, 0 failing, 1 rejected');
	// And tells once what is wrong with who reads it.
	const toNowhere = [
		'-c',
		'exec "$0" "$@" >/dev/full',
		process.execPath,
		cli,
		'status',
		'--basedir',
		baseDir,
	];
	const { status: code, stderr } = spawnSync('sh', toNowhere, { encoding: 'utf8' });
	expect(code).toBe(1);
	expect(stderr.match(/cannot write/g)).toHaveLength(1);
});
