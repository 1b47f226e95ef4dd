import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { complete, type LiveWords, wordsFor } from '../../../src/commands/completion/complete.ts';

let base: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => rmSync(base, { recursive: true }));

function file(path: string, content = ''): void {
	mkdirSync(dirname(join(base, path)), { recursive: true });
	writeFileSync(join(base, path), content);
}

async function words(kind: LiveWords, typed = ''): Promise<readonly string[]> {
	return wordsFor(kind, base, typed);
}

test('orders are told like paths, one folder at a time', async () => {
	for (const id of ['me/router', 'me/roof/a', 'me/zurich', 'single', 'meter']) file(`orders/${id}`);
	expect(await words('orders')).toEqual(['me/', 'meter', 'single']);
	expect(await words('orders', 'me')).toEqual(['me/', 'meter']);
	expect(await words('orders', 'me/')).toEqual(['me/roof/', 'me/router', 'me/zurich']);
	expect(await words('orders', 'me/ro')).toEqual(['me/roof/', 'me/router']);
	expect(await words('orders', 'me/router')).toEqual(['me/router']);
	expect(await words('orders', 'me/router/')).toEqual([]);
	expect(await words('orders', 'nobody/')).toEqual([]);
});

test('what the daemon would not take for an order is left out', async () => {
	for (const id of ['.hidden', 'old~', 'x.swp', 'x.tmp', '#x#', '.folder/x', 'right']) file(`orders/${id}`);
	mkdirSync(join(base, 'elsewhere'));
	symlinkSync(join(base, 'elsewhere'), join(base, 'orders/linked'));
	symlinkSync(join(base, 'nowhere'), join(base, 'orders/lost'));
	expect(await words('orders')).toEqual(['linked/', 'lost', 'right']);
});

test('results are told of live and archived orders, and of orders below orders', async () => {
	file('output/me/router/last_result');
	file('output/me/router/sub/main.rrd');
	file('archive/me/old/order');
	file('archive/gone/error');
	mkdirSync(join(base, 'output/empty'));
	file('output/notes');
	expect(await words('results')).toEqual(['gone', 'me/']);
	expect(await words('results', 'me/')).toEqual(['me/old', 'me/router', 'me/router/']);
	expect(await words('results', 'me/router/')).toEqual(['me/router/sub']);
});

test('users are those of orders, also of orders that are wrong', async () => {
	file('orders/a', 'user: tmon\nstep: 60\n');
	file('orders/b', '{"user": "two words", "step": 60}');
	file('orders/me/c', 'user: 7\n');
	file('orders/me/d', 'user: tmon\n');
	file('orders/e', 'user: [not, a, name]\n');
	file('orders/f', 'no: [yaml');
	file('orders/g', 'user: "line\\nbreak"\n');
	expect(await words('users')).toEqual(['7', 'tmon', 'two words']);
	expect(await words('users', 't')).toEqual(['tmon', 'two words']);
});

test('probes are told, and their options without the target', async () => {
	expect(await words('probes', 'f')).toEqual(['fping']);
	expect(await words('probes')).toEqual([...builtInProbes.keys()].sort());
	expect(await wordsFor('options', base, '', 'ssh')).toContain('key_type=');
	expect(await wordsFor('options', base, 'h', 'ssh')).toEqual([]);
	expect(await wordsFor('options', base, 'ttl', '')).toEqual(['ttl=']);
	expect(await wordsFor('options', base, '', 'constructor')).toEqual([]);
});

test('names are told as they are, unless a terminal or a shell could not take them', async () => {
	const plain = [
		'-dash',
		"it's",
		'$HOME `id`',
		'back\\slash',
		'say "hi"',
		'two words',
		'zürich',
		'2001:db8::1',
	];
	for (const name of plain) file(`orders/${name}`);
	for (const name of ['esc\x1b[31m', 'new\nline', 'tab\t', 'turned\u202e']) file(`orders/${name}`);
	writeFileSync(Buffer.concat([Buffer.from(join(base, 'orders/latin-')), Buffer.from([0xfc])]), '');
	expect(await words('orders')).toEqual([...plain].sort());
});

test('of very many words those that tell what all have in common are among the few', async () => {
	for (let index = 0; index < 3000; index += 1) file(`orders/host-${String(index).padStart(4, '0')}`);
	const told = await words('orders', 'h');
	expect(told).toHaveLength(1000);
	expect([told[0], told[998], told[999]]).toEqual(['host-0000', 'host-0998', 'host-2999']);
	expect(await words('orders', 'host-29')).toHaveLength(100);
});

test('nothing outside of the base directory is told', async () => {
	file('orders/me/router');
	for (const typed of ['../', 'me/../', 'me/./', '/', '//', 'me//', '/etc/', 'me/\0/']) {
		expect(await words('orders', typed), typed).toEqual([]);
		expect(await words('results', typed), typed).toEqual([]);
	}
});

async function printed(...args: string[]): Promise<string> {
	const stdout = new PassThrough();
	await complete(args, stdout);
	stdout.end();
	return text(stdout);
}

test('it prints a word a line, and nothing about what goes wrong', async () => {
	file('orders/one');
	file('orders/two words');
	expect(await printed('orders', base, '')).toBe('one\ntwo words\n');
	for (const args of [
		[],
		['orders', join(base, 'none'), ''],
		['users', join(base, 'none'), ''],
		['else', base, ''],
	]) {
		expect(await printed(...args)).toBe('');
	}
});
