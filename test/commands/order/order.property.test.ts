import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { addOrders } from '../../../src/commands/order/add.ts';
import { firstUnprintable } from '../../../src/model/printable.ts';
import { nameForTarget } from '../../../src/orders/lists/id.ts';
import { isMarked, withMark } from '../../../src/orders/lists/text.ts';
import { wrongWithId } from '../../../src/orders/names.ts';
import { readOrder } from '../../../src/reading/order.ts';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(folder, 'orders'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function add(id: string | undefined, options: object, input = '') {
	let stderr = '';
	const streams = {
		stdin: Readable.from([input]),
		stdout: { write: () => {} },
		stderr: { write: (text: string) => (stderr += text) },
	};
	const all = { basedir: folder, user: 'me', step: '60', pings: '5', probe: 'fping', ...options };
	const around = { probes: builtInProbes, streams, signal: new AbortController().signal };
	const exitCode = await addOrders(id === undefined ? [] : [id], all, around);
	return { exitCode, stderr };
}

/** What YAML could take for something else. */
const tricky = fc.constantFrom(
	...['~', 'null', 'true', 'no', 'y', 'NaN', '.inf', '0042', '1.10', '0x1f', '1e3', '2026-01-01', '12:30:00'],
	...[
		'- a',
		'? a',
		'a: b',
		'a #b',
		'#a',
		'&a',
		'*a',
		'!a',
		'|',
		'>',
		'%a',
		'@a',
		'`a',
		'"',
		"'",
		"''",
		'"a"',
	],
	...[
		'{a}',
		'[a]',
		',',
		'=',
		'<<',
		' a',
		'a ',
		'\\n',
		'---',
		'...',
		'é',
		'🙂',
		'\u00a0',
		'\ufeffa',
		'__proto__',
		'a=b',
	],
);
const value = fc
	.oneof(tricky, fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 20 }))
	.filter((text) => text.trim() !== '' && firstUnprintable(text) === null);
const tagName = value.filter((name) => !name.includes('='));

test('what add writes reads back with the same values', async () => {
	const flags = fc.record({
		user: value,
		task: value,
		measurement: value,
		tags: fc.dictionary(tagName, value, { maxKeys: 4 }),
		step: fc.integer({ min: 5, max: 600 }),
		host: fc.constantFrom('127.0.0.1', '::1', '0o42', 'null', 'true', '1e3', 'fe80::1%eth0'),
	});
	await fc.assert(
		fc.asyncProperty(flags, async ({ user, task, measurement, tags, step, host }) => {
			const names = Object.keys(tags);
			const set = [
				`task=${task}`,
				`measurement_name=${measurement}`,
				...names.map((name) => `tags.${name}=${tags[name]}`),
			];
			const found = await add('a/b', { user, step: String(step), host: [host], set, force: true });
			expect(found).toEqual({ exitCode: 0, stderr: '' });
			const read = readOrder('a/b', readFileSync(join(folder, 'orders/a/b'), 'utf8'), builtInProbes);
			expect(read).toMatchObject({
				order: { user, task, measurementName: measurement, stepSeconds: step, pings: 5, target: host },
			});
			expect('order' in read && Object.entries(read.order.tags).sort()).toEqual(Object.entries(tags).sort());
		}),
		{ numRuns: 500 },
	);
});

test('labels of a list read back with the same values', async () => {
	const labels = fc.dictionary(
		tagName.filter((name) => !name.startsWith('__')),
		value,
		{ maxKeys: 5 },
	);
	await fc.assert(
		fc.asyncProperty(labels, async (tags) => {
			const list = JSON.stringify([{ targets: ['::1'], labels: tags }]);
			expect(await add(undefined, { targets: '-', prefix: 'list', sync: true }, list)).toEqual({
				exitCode: 0,
				stderr: '',
			});
			const read = readOrder('', readFileSync(join(folder, 'orders/list/::1'), 'utf8'), builtInProbes);
			expect('order' in read && Object.entries(read.order.tags).sort()).toEqual(Object.entries(tags).sort());
		}),
		{ numRuns: 300 },
	);
});

test('any target has a name of its own that is an order id', () => {
	const target = fc.oneof(
		fc.string({ unit: fc.constantFrom(...'a.~#%/ 2F5E:', '.tmp', '.swp', 'é'), minLength: 1, maxLength: 12 }),
		fc.webUrl(),
		fc.domain(),
		fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
	);
	fc.assert(
		fc.property(target, target, (one, other) => {
			const name = nameForTarget(one);
			expect(wrongWithId(name)).toBeNull();
			expect(name).not.toContain('/');
			expect(name === nameForTarget(other)).toBe(one === other);
		}),
		{ numRuns: 3000 },
	);
});

test('a mark holds for the text and the id that it was made for alone', () => {
	const text = fc.string({ maxLength: 30 }).map((line) => `${line}\n`);
	fc.assert(
		fc.property(text, fc.string(), fc.string({ minLength: 1 }), fc.nat(), (body, id, inserted, at) => {
			const marked = withMark(id, body);
			expect(isMarked(id, marked)).toBe(true);
			expect(isMarked(`${id}x`, marked)).toBe(false);
			expect(isMarked(id, body)).toBe(false);
			const cut = at % (marked.length + 1);
			expect(isMarked(id, marked.slice(0, cut) + inserted + marked.slice(cut))).toBe(false);
		}),
	);
});
