/** The tables that `npm run reference` writes into docs/. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { orderKeys } from '../../scripts/reference/key-tables.ts';
import { referencePages, withTables } from '../../scripts/reference/pages.ts';
import { answersOf, takesOf } from '../../scripts/reference/takes.ts';
import { size, span } from '../../src/config/amount-settings.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (page: string) => readFileSync(join(root, page), 'utf8');

test.each(referencePages)('%s has the tables of what there is now', (page) => {
	expect(withTables(page, read(page)), 'npm run build && npm run reference').toBe(read(page));
});

test('every page of a probe and of a sink has its table', () => {
	for (const folder of ['docs/probes', 'docs/sinks'])
		for (const name of readdirSync(join(root, folder))) expect(referencePages).toContain(`${folder}/${name}`);
});

test('a page without the markers is no page to write to', () => {
	expect(() => withTables('docs/orders.md', '# Orders\n')).toThrow(
		/^docs\/orders\.md: has no <!-- reference: order --> and <!-- end of reference: order --> behind it/,
	);
	const torn = '<!-- end of reference: order -->\n<!-- reference: order -->\n';
	expect(() => withTables('docs/orders.md', torn)).toThrow(/Write both/);
});

test('what stood between the markers is replaced, and nothing else', () => {
	const [begin, end] = ['<!-- reference: order -->', '<!-- end of reference: order -->'];
	const page = withTables('docs/orders.md', `before\n${begin}\nold\n${end}\nafter\n`);
	expect(page).toMatch(/^before\n<!--.*\| `user` \| text; required \|\n.*-->\nafter\n$/s);
	expect(page).not.toContain('old');
	expect(page).toContain('| `expires` | never, or a span of time such as 90s, 15min, 2h, 30d, 4w or 1y |');
});

test('all keys are there that orders are read for', () => {
	const sources = readdirSync(join(root, 'src/reading')).map((name) => read(`src/reading/${name}`));
	const found = sources.flatMap((text) => [
		...[...text.matchAll(/draft\.(?:at|text)\('(\w+)'\)/g)].map(([, key = '']) => key),
	]);
	expect(found.length).toBeGreaterThan(10);
	for (const key of found) expect(orderKeys).toContain(key);
});

describe('what a key takes', () => {
	const takes = (schema: z.ZodType) => takesOf(answersOf(z.strictObject({ key: schema }), 'key'));

	test.each<[z.ZodType, string]>([
		[z.string(), 'text'],
		[z.boolean().optional(), 'true or false'],
		[z.enum(['udp', 'tcp']), 'udp, tcp'],
		[z.int().min(1).max(9), 'a whole number, 1 to 9'],
		[z.int().max(9), 'a whole number, at most 9'],
		[z.number().min(0.5), 'a number, at least 0.5'],
		[z.int(), 'a whole number'],
		[z.array(z.enum(['a', 'b'])), 'a list: a, b'],
		[z.array(z.string()), 'a list'],
		[z.record(z.string(), z.string()), 'a mapping'],
		[z.unknown(), 'anything'],
		[size, 'a size such as 500MB or 20GB'],
		[span, 'a span of time such as 90s, 15min, 2h, 30d, 4w or 1y, or seconds'],
		[
			z.string().refine(() => false, 'is no name: "?". Write one such as a.example'),
			'text such as a.example',
		],
		[z.string().regex(/^a$/, 'must have one letter a'), 'text; must have one letter a'],
	])('case %#', (schema, words) => {
		expect(takes(schema)).toBe(words);
	});
});
