/** `pingmachine check` knows rules and mutes by their place. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { checkOrders } from '../../../src/commands/check/index.ts';

const base = mkdtempSync(join(tmpdir(), 'pingmachine-check-rules-'));

function put(path: string, text: string): string {
	mkdirSync(dirname(join(base, path)), { recursive: true });
	writeFileSync(join(base, path), text);
	return join(base, path);
}

const order = (more: string) =>
	`user: me\nstep: 60\npings: 5\nprobe: fping\nfping: {host: a.example}\n${more}`;

beforeAll(() => {
	put('orders/good', order('alerts: [core/loss]\n'));
	put('orders/alerts/plain', order(''));
	put('orders/bad', order('alerts: [core/los]\n'));
	put('orders/odd', order('alerts: {a: 1}\nparents: [good, 7]\n'));
	put('alerts/core/loss.yaml', 'loss: {over: 20%}\n');
	put('alerts/wrong', 'loss: {over: 20}\n');
	put('orders/mutes/plain', order(''));
	put('alerts/mutes/loss', 'loss: {over: 20%}\n');
	put('mutes/works', 'orders: core/**\nuntil: 2030-12-24T18:00:00Z\nwhy: new line cards\n');
	put('mutes/alerts/works', 'alert: abc\n');
	put('mutes/wrong', 'orders: core/**\nuntil: soon\n');
	chmodSync(put('mutes/open', 'alert: abc\n'), 0o666);
	chmodSync(put('alerts/open', 'loss: {over: 20%}\n'), 0o666);
});
afterAll(() => rmSync(base, { recursive: true }));

async function check(...files: string[]) {
	let stdout = '';
	const streams = {
		stdin: { async *[Symbol.asyncIterator]() {} },
		stdout: { write: (text: string) => (stdout += text) },
	};
	const paths = files.map((file) => join(base, file));
	const exitCode = await checkOrders(paths, {}, builtInProbes, streams);
	return { exitCode, lines: stdout.replaceAll(`${base}/`, '').split('\n').filter(Boolean) };
}

test('a rule, and what is wrong with one, alone and in its folder', async () => {
	expect(await check('alerts/core/loss.yaml')).toEqual({ exitCode: 0, lines: [] });
	expect(await check('alerts')).toEqual({
		exitCode: 1,
		lines: [
			'alerts/open: everybody may write it. Take that right from others: chmod o-w',
			'alerts/wrong: loss.over: must be a percentage such as 20%, not "20"',
		],
	});
});

test('mutes, alone and in their folder', async () => {
	expect(await check('mutes/works', 'mutes/alerts/works')).toEqual({ exitCode: 0, lines: [] });
	expect(await check('mutes')).toEqual({
		exitCode: 1,
		lines: [
			'mutes/open: everybody may write it. Take that right from others: chmod o-w',
			expect.stringMatching(/^mutes\/wrong: until: must be seconds since the epoch, .*, not "soon"$/),
		],
	});
});

test('orders stay orders, in a folder called alerts too; a rule that they name has to be there', async () => {
	expect(await check('orders/good', 'orders/alerts/plain', 'orders/mutes/plain')).toEqual({
		exitCode: 0,
		lines: [],
	});
	const { lines } = await check('orders/bad');
	expect(lines).toEqual([
		'orders/bad: alerts: unknown rule "core/los". Did you mean core/loss? Known: core/loss, mutes/loss, open, wrong',
	]);
});

test('what is no list of names is told, and the order is one', async () => {
	expect((await check('orders/odd')).lines).toEqual([
		expect.stringMatching(/^orders\/odd: alerts: is not understood: a mapping\. Write the names of rules/),
		expect.stringMatching(/^orders\/odd: parents: is not understood: a list\. Write ids of orders/),
	]);
});
