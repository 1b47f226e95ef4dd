import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import type { AddOptions } from '../../../src/commands/order/sources.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { add, done, failed, folder, orders, ping, text, tree, useOrders, write } from './add-rig.ts';

useOrders();

describe('words', () => {
	const me = userInfo().username;
	const measured = `measured by icmp, 5 pings every 60 s, for the user ${me}\n`;

	test('are targets, and all else is as usual', async () => {
		expect(await add(['192.0.2.7', 'google.com@8.8.8.8', 'example.com', 'x@2001:DB8::7'], {})).toEqual(
			done(`added 192.0.2.7\nadded google.com\nadded example.com\nadded x\n${measured}`),
		);
		const keys = (host: string) => `user: ${me}\nstep: 60\npings: 5\nprobe: icmp\nicmp:\n  host: ${host}\n`;
		expect(text('192.0.2.7')).toMatch(
			new RegExp(`^${keys('192.0.2.7')}made_by: pingmachine order add, [0-9a-f]{16}\n$`),
		);
		expect(text('google.com')).toContain(keys('8.8.8.8'));
		expect(text('example.com')).toContain(keys('example.com'));
		expect(text('x')).toContain('host: 2001:DB8::7\n');
		expect(await add('example.com', {})).toEqual(done(`refreshed example.com\n${measured}`));
	});

	test('lie below --prefix, and flags and defaults of the config hold, a span of time too', async () => {
		const defaults = { user: 'us', probe: 'fping', stepSeconds: 30, pings: 20, expires: 'never' };
		expect(await add('a', { prefix: 'deep/er', step: '5min' }, [], defaults)).toEqual(
			done('added deep/er/a\nmeasured by fping, 20 pings every 300 s, for the user us\n'),
		);
		expect(text('deep/er/a')).toMatch(
			/^user: us\nstep: 300\npings: 20\nprobe: fping\nexpires: never\nfping:\n {2}host: a\nmade_by: /,
		);
		// A short step has no room for so many pings, which nobody has asked for here.
		expect((await add('b', { step: '1' }, [], defaults)).exitCode).toBe(0);
		expect(text('b')).toContain('step: 1\npings: 1\n');
	});

	test('one that is wrong does not stop the others, and a path is told how to be an id', async () => {
		const { exitCode, stdout, stderr } = await add(['1.2.3.4.5', 'me/router', 'a', 'b@', '::1'], {});
		expect([exitCode, stdout]).toEqual([1, `added a\nadded ::1\n${measured}`]);
		expect(stderr.trimEnd().split('\n').sort()).toEqual([
			expect.stringMatching(/^1\.2\.3\.4\.5: icmp\.host: is not an IPv4 address/),
			expect.stringMatching(/^b@: icmp\.host: /),
			expect.stringMatching(
				/^me\/router: icmp\.host: .*To give an order this id, add --host with what it measures$/,
			),
		]);
	});

	test('URLs with an @ are whole', async () => {
		await add('https://a.example/@b', { probe: 'httping' });
		expect(tree()).toEqual(['https:%2F%2Fa.example%2F@b']);
	});

	test('two addresses under one name need --each-address', async () => {
		const words = ['a@127.0.0.1', 'a@::1'];
		const { exitCode, stderr } = await add(words, {});
		expect([exitCode, stderr]).toEqual([
			1,
			'a@::1: there is another target for the order a. Remove one, give it another name, or add --each-address\n',
		]);
		expect((await add(words, { eachAddress: true, prefix: 'p' })).stdout).toBe(
			`added p/a@127.0.0.1\nadded p/a@::1\n${measured}`,
		);
		expect(text('p/a@::1')).toContain("host: '::1'");
	});

	test('--each-address makes an order for each address of a name', async () => {
		const { exitCode, stdout, stderr } = await add(['localhost', '127.0.0.9', 'no.such.name.invalid'], {
			eachAddress: true,
		});
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/^added localhost@127\.0\.0\.1\n/);
		expect(stdout).toContain('added 127.0.0.9@127.0.0.9\n');
		expect(text('localhost@127.0.0.1')).toContain('host: 127.0.0.1\n');
		expect(stderr).toMatch(
			/^no\.such\.name\.invalid: (?:no address is known|the name service does not answer) for /,
		);
	});

	test.each<[string, readonly string[], Partial<AddOptions>, RegExp]>([
		['two with --host', ['a', 'b'], { host: ['::1'] }, /^with --host there is one word, the order id\. /],
		['two with --option', ['a', 'b'], { option: ['host=::1'] }, /^with --option host there is one word/],
		['--sync', ['a'], { sync: true }, /^--sync goes with --targets\. /],
		['--prefix', ['a'], { prefix: '/x' }, /^--prefix \/x is an absolute path/],
		['a list', ['a'], { targets: '-' }, /^--targets does not go with the order id a\. /],
		[
			'URLs',
			['http://a/'],
			{ probe: 'httping', eachAddress: true },
			/^--each-address does not go with httping/,
		],
	])('flags that are wrong: %s', async (_, words, options, message) => {
		const found = await add(words, options);
		expect(found).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(message) });
		expect(tree()).toEqual([]);
	});
});

describe('a list', () => {
	const list = { ...ping, targets: '-', prefix: 'core' };

	test('of lines becomes orders', async () => {
		const lines = '# all\n\n192.0.2.7  # one\r\nRouter.Example.net\tzrh-1\n  2001:DB8:0::7\na.tmp\n';
		expect(await add(undefined, list, [lines])).toEqual(
			done('added core/192.0.2.7\nadded core/zrh-1\nadded core/2001:db8::7\nadded core/a%2Etmp\n'),
		);
		expect(text('core/zrh-1')).toMatch(
			/^user: me\nstep: 60\npings: 5\nprobe: fping\nfping:\n {2}host: Router\.Example\.net\nmade_by: pingmachine order add --targets, [0-9a-f]{16}\n$/,
		);
		// Nothing to tell the second time.
		expect(await add(undefined, list, [lines])).toEqual(done(''));
	});

	test('has NAME@ADDRESS too', async () => {
		expect(await add(undefined, list, ['a@192.0.2.7\n'])).toEqual(done('added core/a\n'));
		expect(text('core/a')).toContain('host: 192.0.2.7\n');
		const groups = [{ targets: ['b@192.0.2.8:9115', 'c@[::1]:9115'] }];
		await add(undefined, list, [JSON.stringify(groups)]);
		expect(text('core/b')).toContain('host: 192.0.2.8\n');
		expect(text('core/c')).toContain("host: '::1'\n");
	});

	test('of URLs with passwords becomes orders whose ids do not tell them', async () => {
		const lines = 'http://me:secret@a.example/\nhttp://a.example/\n';
		const { stdout } = await add(undefined, { ...list, probe: 'httping' }, [lines]);
		expect(stdout).toMatch(/^added core\/sha256%[0-9a-f]{32}\nadded core\/http:%2F%2Fa\.example%2F\n$/);
	});

	test('of file_sd JSON becomes orders with tags', async () => {
		const groups = [
			{ targets: ['192.0.2.7:9100', '[::1]:9100'], labels: { site: 'zrh', n: '0042', __scheme__: 'http' } },
			{ targets: ['b.example.net'] },
		];
		const set = ['tags.site=none', 'tags.by=me'];
		expect(await add(undefined, { ...list, set }, [JSON.stringify(groups)])).toEqual(
			done('added core/192.0.2.7\nadded core/::1\nadded core/b.example.net\n'),
		);
		const tagsOf = (id: string) => {
			const read = readOrder(id, text(id), builtInProbes);
			return 'order' in read ? read.order.tags : read;
		};
		expect(tagsOf('core/::1')).toEqual({ by: 'me', n: '0042', site: 'zrh' });
		expect(tagsOf('core/b.example.net')).toEqual({ by: 'me', site: 'none' });
	});

	test('one bad target does not stop the others', async () => {
		const lines = 'good\nbad host more\n1.2.3.4.5\nother a/b\nx .y\ngood\nz good\n::1\n';
		const { exitCode, stdout, stderr } = await add(undefined, list, [lines]);
		expect(exitCode).toBe(1);
		expect(stdout).toBe('added core/good\nadded core/::1\n');
		expect(stderr.split('\n').sort()).toEqual([
			'',
			expect.stringMatching(/^<stdin>:2: has more than a host and a name: more\. Write /),
			expect.stringMatching(/^<stdin>:3: fping\.host: is not an IPv4 address/),
			expect.stringMatching(/^<stdin>:4: the name a\/b has a \/ in it\. /),
			expect.stringMatching(/^<stdin>:5: the order id core\/\.y would be ignored/),
			expect.stringMatching(/^<stdin>:7: there is another target for the order core\/good\. /),
		]);
	});

	test('what is wrong with the flags is told once', async () => {
		expect(await add(undefined, { ...list, pings: '99' }, ['a\nb\nc\n'])).toEqual(
			failed(
				'<stdin>:1: pings: 99 do not fit into a step of 60 s. Write at most 60, or a step of at least 99 (and so for 2 more)',
			),
		);
	});

	test.each<[string, Partial<AddOptions>, RegExp]>([
		['no prefix', { prefix: undefined }, /^--prefix is missing\. /],
		['--host', { host: ['a'] }, /^--host does not go with --targets\. /],
		['the target', { option: ['host=a'] }, /^--option host does not go with --targets/],
		['no file', { targets: '/nowhere/list' }, /^\/nowhere\/list: there is no such file\. /],
		['a folder', { targets: '/' }, /^\/: is a folder\. /],
		['nothing', { targets: undefined }, /^there is nothing to add\. /],
	])('flags that are wrong: %s', async (_, options, message) => {
		const found = await add(undefined, { ...list, ...options }, ['a\n']);
		expect(found).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(message) });
		expect(found.stderr.trimEnd()).not.toContain('\n');
		expect(tree()).toEqual([]);
	});

	test('without --sync nothing is replaced or removed', async () => {
		await add(undefined, list, ['a\nb\n']);
		const before = text('core/a');
		const found = await add(undefined, { ...list, step: '30' }, ['a\n']);
		expect(found).toEqual(
			failed('core/a: there is another order of that name. Choose another name, or add --force'),
		);
		expect([text('core/a'), tree()]).toEqual([before, ['core', 'core/a', 'core/b']]);
	});

	test('--sync updates and removes what the list made, and nothing else', async () => {
		await add(undefined, list, ['a\nb\nc\ncopied\nedited\n']);
		await add(undefined, { ...list, prefix: 'core/deep' }, ['a\n']);
		await add('core/single', { ...ping, host: ['::1'] });
		write('core/theirs', 'user: me\nmade_by: pingmachine order add --targets, 0123456789abcdef\n');
		write('core/empty', '');
		write('core/.hidden', text('core/b'));
		write('core/copy', text('core/copied'));
		write('core/edited', text('core/edited').replace('60', '30'));
		symlinkSync('b', join(orders, 'core/link'));
		const { exitCode, stdout, stderr } = await add(undefined, { ...list, step: '30', sync: true }, [
			'a\n::1\n',
		]);
		expect([exitCode, stderr]).toEqual([0, '']);
		expect(stdout.trimEnd().split('\n')).toEqual([
			'replaced core/a',
			'added core/::1',
			'removed core/b',
			'removed core/c',
			'removed core/copied',
		]);
		const left = [
			'.hidden',
			'::1',
			'a',
			'copy',
			'deep',
			'deep/a',
			'edited',
			'empty',
			'link',
			'single',
			'theirs',
		];
		expect(tree()).toEqual(['core', ...left.map((name) => `core/${name}`)]);
		// Nor does it replace what is listed, but was edited.
		const again = await add(undefined, { ...list, sync: true }, ['edited\n']);
		expect(again.stderr).toMatch(/^core\/edited: there is another order of that name/);
		expect(text('core/edited')).toContain('step: 30');
	});

	test.each([
		['nothing in it', '', '<stdin>: there are no targets in it. If that is meant, write []'],
		['comments alone', '# a\n', '<stdin>: there are no targets in it. If that is meant, write []'],
		['half of a JSON', '[{"targets": ["a"', expect.stringMatching(/^<stdin>: not valid JSON: /)],
		['no list', '{"targets": []}', expect.stringMatching(/^<stdin>: must be a list of groups\. /)],
		['no targets', '[{"target": ["a"]}]', expect.stringMatching(/^<stdin>: \[0\]\.targets: must be a list/)],
		['no group', '["a"]', expect.stringMatching(/^<stdin>: \[0\]: must be a group\. /)],
		['no text', '[{"targets": [1]}]', expect.stringMatching(/^<stdin>: \[0\]\.targets\[0\]: must be text/)],
		[
			'no labels',
			'[{"targets": ["a"], "labels": 1}]',
			expect.stringMatching(/^<stdin>: \[0\]\.labels: must be an object/),
		],
		[
			'a label',
			'[{"targets": ["a"], "labels": {"x": 1}}]',
			expect.stringMatching(/^<stdin>: \[0\]\.labels\.x: must be text/),
		],
		['a bad line', 'x y z\n', expect.stringMatching(/^<stdin>:1: has more than/)],
	])('--sync removes nothing when the list has a fault: %s', async (_, input, message) => {
		await add(undefined, list, ['a\nb\n']);
		const { exitCode, stderr } = await add(undefined, { ...list, sync: true }, [input]);
		expect(exitCode).toBe(1);
		expect(stderr.trimEnd().split('\n')).toEqual([
			message,
			'core: nothing was removed, as it may be listed where the list is at fault. Mend the list',
		]);
		expect(tree()).toEqual(['core', 'core/a', 'core/b']);
	});

	test('--sync with an empty JSON list removes all', async () => {
		await add(undefined, list, ['a\nb\n']);
		expect(await add(undefined, { ...list, sync: true }, [' []\n'])).toEqual(
			done('removed core/a\nremoved core/b\n'),
		);
	});

	test('--sync does not follow a link out of orders/', async () => {
		await add(undefined, list, ['a\nb\n']);
		execFileSync('mv', [join(orders, 'core'), folder]);
		symlinkSync(join(folder, 'core'), join(orders, 'core'));
		const { exitCode } = await add(undefined, { ...list, sync: true }, ['a\n']);
		expect(exitCode).toBe(1);
		expect(readdirSync(join(folder, 'core'))).toEqual(['a', 'b']);
	});
});
