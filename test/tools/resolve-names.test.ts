import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NameQuery } from '../../src/model/probe.ts';
import { makeResolveNames } from '../../src/tools/resolve-names.ts';
import { compileModule } from '../support/compiled-module.ts';
import { type Script, v4, v6, World } from './support/scripted-resolver.ts';

test('addresses come back as they are, without a question', async () => {
	const world = new World(2);
	const addresses = ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0'];
	const [answers] = await world.ask(v4(...addresses), 1000);
	expect(answers).toEqual(Object.fromEntries(addresses.map((address) => [address, address])));
	expect(world.asked).toEqual([]);
});

test('a name is its first address of the family', async () => {
	const world = new World(2);
	world.script.set('both', { v4: ['192.0.2.1', '192.0.2.2'], v6: ['2001:db8::1'] });
	expect((await world.ask(v4('both'), 1000))[0]).toEqual({ both: '192.0.2.1' });
	expect((await world.ask(v6('both'), 1000))[0]).toEqual({ both: '2001:db8::1' });
});

test('a name is looked up anew each time', async () => {
	const world = new World(2);
	world.script.set('moves', { v4: ['192.0.2.1'] });
	await world.ask(v4('moves'), 1000);
	world.script.set('moves', { v4: ['192.0.2.2'] });
	expect((await world.ask(v4('moves'), 1000))[0]).toEqual({ moves: '192.0.2.2' });
	world.script.delete('moves');
	expect((await world.ask(v4('moves'), 1000))[0]).toEqual({ moves: 'name or service not known: moves' });
});

describe('a failure says why', () => {
	test.each<[string, Script, NameQuery[], string]>([
		['no such name', {}, v4('x'), 'name or service not known: x'],
		['no such name by another code', { code: 'ENODATA' }, v4('x'), 'name or service not known: x'],
		['an empty answer', { v4: [] }, v4('x'), 'name or service not known: x'],
		['only IPv6', { v6: ['::1'] }, v4('x'), 'x has only IPv6 addresses: write ipv6: true'],
		['only IPv4', { v4: ['127.0.0.1'] }, v6('x'), 'x has only IPv4 addresses: leave out ipv6: true'],
		[
			'no answer from the server',
			{ code: 'EAI_AGAIN' },
			v4('x'),
			'temporary failure in name resolution: x. Does the DNS server answer?',
		],
		['something else', { code: 'EAI_FAIL' }, v4('x'), 'x could not be looked up: EAI_FAIL'],
		[
			'the address of no host',
			{ v4: ['0.0.0.0'] },
			v4('x'),
			'x leads to 0.0.0.0, which is no host: is it blocked by a name server or in /etc/hosts?',
		],
		[
			'the same in IPv6',
			{ v6: ['::'] },
			v6('x'),
			'x leads to ::, which is no host: is it blocked by a name server or in /etc/hosts?',
		],
		[
			'a link-local address',
			{ v6: ['fe80::7'] },
			v6('x'),
			'x leads to fe80::7, a link-local address, and nobody says on which interface: write host: fe80::7%eth0',
		],
		[
			'IPv4 in IPv6',
			{ v6: ['::ffff:192.0.2.1'] },
			v6('x'),
			'x leads to ::ffff:192.0.2.1, an IPv4 address in the form of IPv6',
		],
		['no host', {}, v4('0.0.0.0'), '0.0.0.0 is the address of no host: write 127.0.0.1 for this machine'],
		['no host in IPv6', {}, v6('::'), ':: is the address of no host: write ::1 for this machine'],
	])('%s', async (_what, script, query, failure) => {
		const world = new World(2);
		world.script.set('x', script);
		expect((await world.ask(query, 1000))[0]).toEqual({ [query[0]?.name ?? '']: failure });
	});

	test('too late', async () => {
		const world = new World(2);
		world.script.set('slow', { delayMs: 3000, v4: ['192.0.2.1'] });
		world.script.set('quick', { v4: ['192.0.2.2'] });
		const [answers, tookMs] = await world.ask(v4('slow', 'quick'), 2000);
		expect(answers).toEqual({ slow: 'no answer from the resolver within 2 s: slow', quick: '192.0.2.2' });
		expect(tookMs).toBe(2000);
	});
});

test('an address that is of use counts, wherever it stands among others', async () => {
	const world = new World(2);
	world.script.set('x', { v4: ['0.0.0.0', '192.0.2.1'], v6: ['fe80::7', '2001:db8::1'] });
	expect((await world.ask(v4('x'), 1000))[0]).toEqual({ x: '192.0.2.1' });
	expect((await world.ask(v6('x'), 1000))[0]).toEqual({ x: '2001:db8::1' });
	const [answers] = await world.ask([{ name: 'x', family: 6, interface: 'eth0' }], 1000);
	expect(answers).toEqual({ x: 'fe80::7%eth0' });
});

describe('while the name service does not answer, the last good address is used', () => {
	/** A name that was good, and then is answered by this script. */
	async function silentAfter(script: Script, waitMs = 1000): Promise<World> {
		const world = new World(2);
		world.script.set('x', { v4: ['192.0.2.1'] });
		await world.ask(v4('x'), 1000);
		await world.clock.pass(waitMs);
		world.script.set('x', script);
		return world;
	}
	const startSeconds = 1_800_000_000;

	test.each<[string, Script]>([
		['no answer in time', { delayMs: 5000, v4: ['192.0.2.9'] }],
		['a temporary failure', { code: 'EAI_AGAIN' }],
		['a refusal', { code: 'EAI_FAIL' }],
	])('%s', async (_what, script) => {
		const world = await silentAfter(script, 86_000_000);
		for (let run = 0; run < 3; run++) {
			const asking = world.resolve(v4('x'), 1000);
			await world.clock.pass(1000);
			const expected =
				run === 2 && script.v4 ? expect.anything() : { address: '192.0.2.1', keptSeconds: startSeconds };
			expect((await asking).get('x')).toEqual(expected);
		}
	});

	test('but not when it is older than a day', async () => {
		const world = await silentAfter({ code: 'EAI_AGAIN' }, 86_400_000);
		expect((await world.ask(v4('x'), 1000))[0]).toEqual({ x: expect.stringContaining('temporary failure') });
	});

	test.each<[string, Script]>([
		['that there is no such name', {}],
		['that it has other addresses only', { v6: ['2001:db8::1'] }],
		['that it is blocked', { v4: ['0.0.0.0'] }],
	])('what it said meanwhile counts: %s', async (_what, script) => {
		const world = await silentAfter(script);
		expect((await world.ask(v4('x'), 1000))[0]).not.toEqual({ x: '192.0.2.1' });
		world.script.set('x', { code: 'EAI_AGAIN' });
		expect((await world.ask(v4('x'), 1000))[0]).toEqual({ x: expect.stringContaining('temporary failure') });
	});
});

describe('the system’s resolver', () => {
	const resolve = makeResolveNames();

	test('knows localhost and takes forms of addresses that only it knows', async () => {
		expect(await resolve(v4('localhost', '127.1'), 10_000)).toEqual(
			new Map([
				['localhost', { address: '127.0.0.1' }],
				['127.1', { address: '127.0.0.1' }],
			]),
		);
	});

	test('does not know a name that cannot exist', async () => {
		const answer = (await resolve(v4('no-such-host.invalid'), 10_000)).get('no-such-host.invalid');
		// A machine without any DNS server cannot tell.
		expect(answer).toMatchObject({ code: expect.stringMatching(/^(name_unknown|name_silent)$/) });
	});

	test('is asked anew each time: a change of /etc/hosts is seen at once', () => {
		const compiled = compileModule('src/tools/resolve-names.ts');
		const folder = mkdtempSync(join(tmpdir(), 'pingmachine-hosts-'));
		try {
			const hosts = join(folder, 'hosts');
			writeFileSync(hosts, '192.0.2.4 four.test\n2001:db8::6 six.test\n192.0.2.1 moves.test\n');
			writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files\n');
			const program = `
				import { writeFileSync } from 'node:fs';
				const { makeResolveNames } = await import(${JSON.stringify(compiled.module)});
				const resolve = makeResolveNames();
				const ask = async (family, ...names) =>
					console.log(JSON.stringify([...await resolve(names.map((name) => ({ name, family })), 10_000)]));
				await ask(4, 'four.test', 'six.test', 'none.test', 'moves.test');
				await ask(6, 'six.test', 'four.test');
				writeFileSync('/etc/hosts', '192.0.2.2 moves.test\\n');
				await ask(4, 'four.test', 'moves.test');`;
			const mounts = ['hosts', 'nsswitch.conf'].map((name) => `mount --bind ${folder}/${name} /etc/${name}`);
			const script = [...mounts, 'exec "$@"'].join(' && ');
			const node = [process.execPath, '--input-type=module', '-e', program];
			const root = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
			const output = execFileSync('unshare', [...root, '--mount', '--', 'sh', '-c', script, 'sh', ...node]);
			const answers = String(output).trim().split('\n');
			expect(answers.map((line) => JSON.parse(line))).toEqual([
				[
					['four.test', { address: '192.0.2.4' }],
					['six.test', { code: 'name_unknown', has: 6 }],
					['none.test', { code: 'name_unknown' }],
					['moves.test', { address: '192.0.2.1' }],
				],
				[
					['six.test', { address: '2001:db8::6' }],
					['four.test', { code: 'name_unknown', has: 4 }],
				],
				[
					['four.test', { code: 'name_unknown' }],
					['moves.test', { address: '192.0.2.2' }],
				],
			]);
		} finally {
			rmSync(folder, { recursive: true });
			compiled.remove();
		}
	});
});
