import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import type { AddOptions } from '../../../src/commands/order/sources.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { add, done, failed, folder, orders, ping, text, tree, useOrders, write } from './add-rig.ts';

useOrders();

describe('one order', () => {
	test('is written as flags say', async () => {
		const option = ['interval=500', 'fping.ipv6=false'];
		const set = [
			'task=uplink',
			'tags.site=0042',
			'tags.a.b=x: y',
			'rrd_template=norrd',
			'own=1',
			'fping.source_ip=127.0.0.1',
		];
		expect(await add('me/deep/router', { ...ping, host: ['192.0.2.7'], option, set })).toEqual(
			done('added me/deep/router\n'),
		);
		expect(tree()).toEqual(['me', 'me/deep', 'me/deep/router']);
		expect(readOrder('me/deep/router', text('me/deep/router'), builtInProbes)).toMatchObject({
			order: {
				user: 'me',
				task: 'uplink',
				stepSeconds: 60,
				pings: 5,
				options: { host: '192.0.2.7', interval: 500, ipv6: false, source_ip: '127.0.0.1' },
				rrdTemplate: 'norrd',
				tags: { 'a.b': 'x: y', site: '0042' },
			},
		});
	});

	test('may come as a text, which is written as it is', async () => {
		const yaml = '# mine\nuser: me\nstep: 60\npings: 5\nprobe: fping\nfping: {host: 127.0.0.1}';
		expect(await add('a', { file: '-' }, [yaml.slice(0, 9), yaml.slice(9)])).toEqual(done('added a\n'));
		expect(text('a')).toBe(yaml);
		const file = join(folder, 'order.yaml');
		writeFileSync(file, yaml);
		expect(await add('b', { file })).toEqual(done('added b\n'));
		expect(text('b')).toBe(yaml);
	});

	test('is refreshed when it is there already', async () => {
		await add('a', { ...ping, host: ['::1'] });
		const { ino } = statSync(join(orders, 'a'));
		utimesSync(join(orders, 'a'), 1000, 1000);
		expect(await add('a', { ...ping, host: ['::1'] })).toEqual(done('refreshed a\n'));
		expect(statSync(join(orders, 'a')).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
		expect(statSync(join(orders, 'a')).ino).toBe(ino);
	});

	test('replaces another one only with --force', async () => {
		write('a', 'what a user wrote');
		expect(await add('a', { ...ping, host: ['::1'] })).toEqual(
			failed('a: there is another order of that name. Choose another name, or add --force'),
		);
		expect(text('a')).toBe('what a user wrote');
		expect(await add('a', { ...ping, host: ['::1'], force: true })).toEqual(done('replaced a\n'));
		expect(text('a')).toContain('host:');
		expect(tree()).toEqual(['a']);
	});

	test.each([
		[
			'a FIFO',
			(path: string) => execFileSync('mkfifo', [path]),
			/^a: what is there is no order .*FIFO.*Move it away\n$/,
		],
		['a folder', (path: string) => mkdirSync(path), /^a: \/.*\/a is a folder\. Choose another name\n$/],
		[
			'too large',
			(path: string) => writeFileSync(path, 'x'.repeat(70_000)),
			/^a: .*larger than 65536 bytes.*\n$/,
		],
		['a link', (path: string) => symlinkSync('b', path), /^a: .* is a link\. .*remove it first\n$/],
	])('does not replace %s, even with --force', async (_, make, message) => {
		make(join(orders, 'a'));
		const found = await add('a', { ...ping, host: ['::1'], force: true });
		expect(found).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(message) });
		expect(tree()).toEqual(['a']);
	});

	test('is not written when it is wrong', async () => {
		expect(await add('a', { ...ping, step: '5m', host: ['a b'] })).toEqual(
			failed(
				'a: step: must be a whole number of seconds, at least 1, not "5m" | fping.host: is not a host name or an address: "a b". Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7',
			),
		);
		expect((await add('a', { file: '-' }, ['step: 1\n'])).stderr).toMatch(
			/^<stdin>: user: is missing\..*\n$/,
		);
		expect((await add('a', { file: '-' }, [Buffer.from([0xff])])).stderr).toBe(
			'<stdin>: is not valid UTF-8. Save it as UTF-8\n',
		);
		const large = `user: me\nstep: 60\npings: 5\nprobe: fping\nfping: {host: '::1'}\n#${'é'.repeat(40_000)}`;
		expect((await add('a', { file: '-' }, [large])).stderr).toMatch(/^<stdin>: larger than 65536 bytes/);
		expect(tree()).toEqual([]);
	});

	test.each([
		['/etc/x', 'is an absolute path'],
		['../x', 'must not have .. in it'],
		['a/../../x', 'must not have .. in it'],
		['a/./x', 'must not have . in it'],
		['', 'has an empty name'],
		['a//b', 'has an empty name'],
		['a/', 'has an empty name'],
		['.a', 'would be ignored'],
		['.git/a', 'would be ignored'],
		['a~', 'would be ignored'],
		['a.swp/b', 'would be ignored'],
		['a.tmp', 'would be ignored'],
		['#a#', 'would be ignored'],
		['a\nb', 'holds the unprintable character \\x0a'],
		['a\0b', 'holds the unprintable character \\x00'],
		[`${'é'.repeat(128)}`, 'longer than 255 bytes'],
	])('cannot be called %j', async (id, reason) => {
		const { exitCode, stderr } = await add(id, { ...ping, host: ['::1'] });
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(/^the order id [^\n]+\n$/);
		expect(stderr).toContain(reason);
		const listed = await add(undefined, { ...ping, targets: '-', prefix: id }, ['::1\n']);
		expect(listed.stderr).toContain(reason);
		expect(tree()).toEqual([]);
		expect(readdirSync(folder)).toEqual(['orders']);
	});

	test('does not leave orders/ through links, but may use links inside it', async () => {
		const outside = join(folder, 'outside');
		mkdirSync(outside);
		mkdirSync(join(orders, 'inside'));
		symlinkSync(outside, join(orders, 'out'));
		symlinkSync('..', join(orders, 'inside/up'));
		symlinkSync('inside', join(orders, 'in'));
		for (const id of ['out/a', 'out/deep/a', 'inside/up/a']) {
			const { exitCode, stderr } = await add(id, { ...ping, host: ['::1'], force: true });
			expect(exitCode).toBe(1);
			expect(stderr).toMatch(/ is a link that leads out of orders\/, to .*\. Choose another name\n$/);
		}
		expect(readdirSync(outside)).toEqual([]);
		expect(await add('in/a', { ...ping, host: ['::1'] })).toEqual(done('added in/a\n'));
		expect(existsSync(join(orders, 'inside/a'))).toBe(true);
	});

	test('a file in the way of its folder stays', async () => {
		write('a', 'mine');
		const { exitCode, stderr } = await add('a/b', { ...ping, host: ['::1'], force: true });
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringMatching(/a is not a folder\. Choose another name\n$/),
		]);
		expect(text('a')).toBe('mine');
	});

	test('a new folder can be written by whoever can write the folder above', async () => {
		chmodSync(orders, 0o2775);
		await add('new/a', { ...ping, host: ['::1'] });
		expect((statSync(join(orders, 'new')).mode & 0o7777).toString(8)).toBe('2775');
	});

	test.each<[string, Partial<AddOptions>, string]>([
		['an empty user', { user: ' ' }, '--user is empty. Write a value, or leave it out for '],
		[
			'two hosts',
			{ host: ['a', 'b'] },
			'--host is given twice. Add one order for each host, or a list with --targets',
		],
		[
			'host and option',
			{ option: ['host=b'] },
			'--host and --option host say the same. Leave one of them out',
		],
		['no value', { set: ['task'] }, '--set task: has no key and value. Write --set KEY=VALUE'],
		['a flag of its own', { set: ['user=x'] }, '--set user: has a flag of its own. Write --user VALUE'],
		['twice', { set: ['a=1', 'a=2'] }, '--set a: is given twice. Keep one of them'],
		['the mark', { set: ['made_by=x'] }, '--set made_by: is kept for pingmachine. Choose another key'],
		['a section', { set: ['fping=x'] }, '--set fping: is a section. Write --option KEY=VALUE'],
		['tags', { set: ['tags=x'] }, '--set tags: takes no value. Write --set tags.NAME=VALUE'],
		['--sync', { sync: true }, '--sync does not go with the order id a. Leave one of them out'],
		['--file', { file: '-' }, '--user does not go with --file. Leave one of them out'],
		['--every', { every: '5' }, '--every says nothing without --keep-alive. Add it'],
		[
			'--every 0',
			{ every: '0', keepAlive: true },
			'--every must be from 1 to 999999 seconds, or a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, not "0"',
		],
	])('flags that are wrong: %s', async (_, options, message) => {
		const told = await add('a', { ...ping, host: ['::1'], ...options });
		expect({ ...told, stderr: told.stderr.replace(/ for \w+\n$/, ' for \n') }).toEqual(failed(message));
		expect(tree()).toEqual([]);
	});

	test('a base directory that is none is told', async () => {
		const { exitCode, stderr } = await add('a', { ...ping, host: ['::1'], basedir: join(folder, 'nowhere') });
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringMatching(/nowhere\/orders: there is none\. .*--basedir\n$/),
		]);
	});
});
