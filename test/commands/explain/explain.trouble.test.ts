/** Ids that are not there, and files that cannot be read. */
import { spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { baseDir, orderText, result, run, tree, useExplain, write } from './explain-rig.ts';

useExplain();

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
