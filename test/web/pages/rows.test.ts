/** The lines of the overview, by themselves: filter, address, folders, pictures; and many of them in a browser. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange } from '../../../src/web/browser/arrange.ts';
import { sparkPaths, writerFor } from '../../../src/web/browser/row-words.ts';
import {
	type Row,
	rowOf,
	type Spark,
	sparkSlots,
	sparkWith,
	stateOf,
	wireOf,
} from '../../../src/web/browser/rows.ts';
import { addressOf, sortNames, viewOf } from '../../../src/web/browser/view.ts';
import { patient } from '../../support/web-daemon.ts';
import { startBrowser } from '../support/browser.ts';
import { orderOf, outcomeOf, servePages } from '../support/served-pages.ts';

const now = { seconds: 100_000, isHeard: true };

function rowFor(id: string, more: Partial<Row> = {}): Row {
	return {
		...{
			handle: 1,
			id,
			title: '',
			user: 'me',
			probe: 'icmp',
			target: '192.0.2.1',
			tags: {},
			stepSeconds: 60,
			pings: 4,
		},
		...{
			isRejected: false,
			timeSeconds: 99_930,
			loss: 0,
			sent: 4,
			medianSeconds: 0.01,
			reason: '',
			spark: null,
			haystack: null,
		},
		...more,
	};
}

describe('an address', () => {
	const part = fc.string({ unit: 'binary-ascii', maxLength: 40 });
	test('says its view, and is said again the same', () => {
		fc.assert(
			fc.property(
				part,
				part,
				part,
				fc.constantFrom(...sortNames),
				fc.integer(),
				(q, tag, folder, sort, page) => {
					const view = viewOf(
						new URLSearchParams({ q, tag, folder, sort, page: String(page), state: 'down,x' }),
					);
					const again = viewOf(new URLSearchParams(addressOf(view).slice(2)));
					expect(again).toEqual(view);
				},
			),
		);
	});
});

describe('lines', () => {
	const name = fc.constantFrom('a', 'b', 'a-b', 'é', '<x>');
	const ids = fc.uniqueArray(
		fc.array(name, { minLength: 2, maxLength: 4 }).map((parts) => `${parts.join('/')}/o`),
		{
			maxLength: 40,
		},
	);
	test('hold every order once, each below its folders, and folders count what is in them', () => {
		fc.assert(
			fc.property(ids, (some) => {
				const rows = some.map((id, at) => rowFor(id, { loss: at % 3 }));
				const { lines, found } = arrange(rows, viewOf(new URLSearchParams()), now);
				expect(found).toBe(rows.length);
				const told = lines.flatMap((line) => (line.kind === 'order' ? [line.row.id] : []));
				expect(told.toSorted()).toEqual(some.toSorted());
				const folders = lines.flatMap((line) => (line.kind === 'folder' ? [line.folder] : []));
				expect(new Set(folders.map(({ path }) => path)).size).toBe(folders.length);
				for (const { path, orders, counts, lost } of folders) {
					const inside = rows.filter(({ id }) => id.startsWith(path));
					expect(orders).toBe(inside.length);
					expect(counts.loss).toBe(inside.filter((row) => stateOf(row, now) === 'loss').length);
					expect(lost).toBe(inside.reduce((sum, { loss }) => sum + loss, 0));
				}
			}),
		);
	});

	test('are closed where there are many, and open where somebody opens them', () => {
		const rows = Array.from({ length: 400 }, (_, at) => rowFor(`r${at % 4}/o${at}`));
		const view = viewOf(new URLSearchParams());
		expect(arrange(rows, view, now).lines).toHaveLength(4);
		expect(arrange(rows, view, now, new Map([['r2/', true]])).lines).toHaveLength(104);
		expect(arrange(rows, { ...view, folders: 'open' }, now).lines).toHaveLength(404);
	});
});

test.each([
	[{}, 'measuring'],
	[{ loss: 1 }, 'loss'],
	[{ loss: 4 }, 'down'],
	[{ timeSeconds: 0, sent: 0 }, 'waiting'],
	[{ timeSeconds: 99_800 }, 'failing'],
	[{ reason: 'x' }, 'failing'],
	[{ isRejected: true, reason: 'x' }, 'rejected'],
] as const)('a row with %j is %s', (more, state) => {
	expect(stateOf(rowFor('a', more), now)).toBe(state);
	const deaf = stateOf(rowFor('a', more), { ...now, isHeard: false });
	expect(deaf).toBe('timeSeconds' in more && more.timeSeconds === 99_800 ? 'measuring' : state);
});

test('a row comes through the feed as it is', () => {
	const row = rowFor('é/"<', { title: 'x', tags: { a: 'b' }, medianSeconds: 0.0123, reason: 'why' });
	expect(rowOf(JSON.parse(JSON.stringify(wireOf(row))))).toEqual(row);
});

test('a picture goes on slot by slot, with gaps where nothing came', () => {
	let spark: Spark = { endSeconds: 60, medians: [0.01], losses: [0] };
	spark = sparkWith(spark, 60, 240, 0.02, 0.5);
	expect(spark).toEqual({ endSeconds: 240, medians: [0.01, null, null, 0.02], losses: [0, null, null, 0.5] });
	const { line, loss, label } = sparkPaths(spark, writerFor('en'));
	expect(line.match(/M/g)).toHaveLength(2);
	expect(loss.match(/M/g)).toHaveLength(1);
	expect(label).toBe('10.0 ms to 20.0 ms, loss in 1 of 4 slots');
	spark = sparkWith(spark, 60, 1e9, null, 1);
	expect(spark.medians).toHaveLength(sparkSlots);
	expect(sparkPaths(spark, writerFor('en')).label).toContain('no answers');
});

test('of thousands of orders only those exist as rows that are seen, and any can be gone to', async () => {
	const count = 3000;
	const orders = Array.from({ length: count }, (_, at) =>
		orderOf(`rack-${at % 10}/o${String(at).padStart(5, '0')}`),
	);
	const [browser, served] = await Promise.all([startBrowser(), servePages(orders)]);
	try {
		served.stream.outcomes(orders.slice(0, 50).map((order) => outcomeOf(order, [0.01, 0.01, 0.01, 0.01])));
		const { page, troubles } = await browser.open();
		await page.goto(`${served.address}/?sort=order`);
		const table = page.locator('#order-table');
		await expect.poll(() => table.getAttribute('aria-rowcount'), patient).toBe(String(count + 1));
		const rows = page.locator('#order-table tbody:not(.space) tr');
		const atEnd = async () => {
			// A row that is drawn anew between the two has lost the focus.
			await rows.first().focus();
			await page.keyboard.press('End');
			return rows.last().getAttribute('aria-rowindex');
		};
		await expect.poll(atEnd, patient).toBe(String(count + 1));
		expect(await rows.last().innerText()).toContain('rack-9/o02999');
		expect(await rows.count()).toBeLessThan(100);
		await page.evaluate(
			'document.getElementById("lines").scrollTop = document.getElementById("lines").scrollHeight / 2',
		);
		const seen = () => page.evaluate('document.elementFromPoint(200, 500).closest("tr").ariaRowIndex');
		await expect.poll(async () => Number(await seen()), patient).toBeGreaterThan(count / 2 - 50);
		expect(Number(await seen())).toBeLessThan(count / 2 + 50);
		await page.getByLabel('Text').fill('o02999');
		await expect.poll(() => rows.count(), patient).toBe(1);
		expect(troubles).toEqual([]);
	} finally {
		await browser.close();
		served.close();
	}
});
