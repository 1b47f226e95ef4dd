/** `status` tells the same by what the daemon tells of all orders as by the files. */
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { askForStatus } from '../../src/commands/status/ask.ts';
import { checkOrders } from '../../src/commands/status/check.ts';
import type { DaemonView } from '../../src/commands/status/daemon.ts';
import { showStatus } from '../../src/commands/status/index.ts';
import { readStatus } from '../../src/commands/status/read.ts';
import type { StatusOptions } from '../../src/commands/status/show.ts';
import { sortKeys } from '../../src/commands/status/sort.ts';
import { Daemon } from '../support/daemon.ts';

const daemon = new Daemon();
const order = (probe: string, more = '', step = 5) =>
	`user: me\nstep: ${step}\npings: 1\nprobe: ${probe.split(':')[0]}\n${probe}\n${more}`;
const answers = 'icmp: {host: 127.0.0.1}';
const measured = ['plain', 'titled', 'old', 'for-ever', 'deep/er/東京', 'down'];

beforeAll(async () => {
	daemon.order('plain', order(answers));
	daemon.order('titled', order(answers, 'title: a\nnote: é\nlink: https://me:secret@example.net/\n'));
	daemon.order('old', order('icmp: {host: 127.0.0.2}', 'expires: 10h\n'));
	daemon.order('for-ever', order('icmp: {host: 127.0.0.3}', 'expires: never\n'));
	daemon.order('deep/er/東京', order(answers).replace('user: me', 'user: tokyo'));
	daemon.order('down', order('tcp: {host: 127.0.0.1, port: 1}'));
	daemon.order('failing', order('icmp: {host: no-such.invalid}'));
	daemon.order('slow', order(answers, '', 86_400).replace('pings: 1', 'pings: 100'));
	daemon.order('rejected', order('icmp: {hots: 127.0.0.1}'));
	daemon.order('not-yaml', '\tuser: me\n');
	execFileSync('mkfifo', [daemon.path('orders/fifo')]);
	age('old', 34_000);
	await daemon.start();
	for (const id of measured) await daemon.resultOf(id);
	for (const id of ['failing', 'rejected', 'not-yaml', 'fifo']) await daemon.errorOf(id);
});
afterAll(() => daemon[Symbol.asyncDispose]());

function age(id: string, seconds: number): void {
	const at = Date.now() / 1000 - seconds;
	utimesSync(daemon.path('orders', id), at, at);
}

async function ask(): Promise<DaemonView> {
	const asked = await askForStatus(daemon.baseDir, true);
	if ('silence' in asked) throw new Error(asked.silence);
	return asked.answer;
}

/** All that `status` prints of orders, in every form, at that time. */
function printed(view: DaemonView, nowMs: number): string[] {
	const place = { probes: builtInProbes, nowMs: () => nowMs, asked: { answer: view } };
	const basedir = daemon.baseDir;
	const shown = (options: StatusOptions, columns: number) => {
		let text = '';
		const write = (more: string) => (text += more);
		const screen = { columns: () => columns, colours: columns === 80 };
		const code = showStatus(
			[],
			{ basedir, ...options },
			{ ...place, ...screen, stdout: { write }, stderr: { write } },
		);
		return `${code}\n${text}`;
	};
	const forms: readonly StatusOptions[] = [
		...[{ json: true }, { totals: true }, { totals: true, json: true }, { failing: true }],
		...[{ user: 'tokyo' }, { probe: 'tcp' }, { maxAge: '2h', json: true }],
		...sortKeys.map((sort) => ({ sort })),
	];
	const judged = readStatus([], { basedir }, place);
	return [
		...forms.flatMap((options) => [shown(options, Number.POSITIVE_INFINITY), shown(options, 80)]),
		JSON.stringify([checkOrders(judged.rows, place.asked, judged.problems), judged]),
	];
}

/** The same answer, but for what it tells of orders. */
function withoutOrders({ daemon: itself, orders }: DaemonView): DaemonView {
	return { daemon: itself, orders };
}

/** Now, and when everything is late. */
const times = () => [Date.now(), Date.now() + 5 * 3_600_000];

/** Asks until nothing is measured meanwhile. */
async function expectTheSame(): Promise<void> {
	const isTheSame = async () => {
		const view = await ask();
		for (const nowMs of times()) expect(printed(view, nowMs)).toEqual(printed(withoutOrders(view), nowMs));
	};
	await vi.waitFor(isTheSame, { timeout: 30_000, interval: 100 });
}

test('all states and labels', async () => {
	const view = await ask();
	expect(view).toMatchObject({ isWhole: true });
	expect([...(view.told?.keys() ?? [])].sort()).toEqual([...measured, 'failing', 'slow'].sort());
	const rows = readStatus(
		[],
		{ basedir: daemon.baseDir },
		{
			probes: builtInProbes,
			nowMs: Date.now,
			asked: { answer: view },
		},
	).rows.map(({ id, state }) => [id, state]);
	expect(Object.fromEntries(rows)).toEqual({
		...{ plain: 'measuring', titled: 'measuring', 'for-ever': 'measuring', 'deep/er/東京': 'measuring' },
		...{ old: 'expiring', down: 'down', failing: 'failing', slow: 'waiting' },
		...{ rejected: 'rejected', 'not-yaml': 'rejected', fifo: 'rejected' },
	});
	await expectTheSame();
	expect(printed(view, Date.now()).join()).not.toContain('secret');
});

test('the files of what is measured are not read', async () => {
	const [nowMs = 0] = times();
	const rowsOf = (view: DaemonView) =>
		printed(view, nowMs)
			.at(0)
			?.split('\n')
			.filter((line) => /"(plain|titled|down)"/.test(line));
	// One answer for both: more may be measured while the first is shown.
	const view = await ask();
	const before = rowsOf(withoutOrders(view));
	expect(before).toHaveLength(3);
	renameSync(daemon.path('output'), daemon.path('away'));
	renameSync(daemon.path('orders'), daemon.path('orders-away'));
	try {
		expect(rowsOf(view)).toEqual(before);
	} finally {
		renameSync(daemon.path('away'), daemon.path('output'));
		renameSync(daemon.path('orders-away'), daemon.path('orders'));
	}
});

test('what has changed a moment ago', async () => {
	daemon.order('slow', order(answers, 'title: edited\n', 86_400).replace('pings: 1', 'pings: 100'));
	daemon.order('for-ever', order('icmp: {host: 127.0.0.3}', 'expires: never\nnote: edited\n'));
	daemon.order('new', order(answers));
	daemon.order('later/wrong', 'probe: icmp\n');
	rmSync(daemon.path('orders/titled'));
	age('plain', 3500);
	await expectTheSame();
	daemon.order('plain', order('icmp: {host: 127.0.0.9}', 'title: other\n'));
	await expectTheSame();
	await daemon.resultOf('new');
	await expectTheSame();
});

test('where links lead into orders/, it is walked, and the rest is the same', async () => {
	symlinkSync(daemon.path('orders/plain'), daemon.path('orders/link'));
	await daemon.until('it is seen', () => daemon.exists('output/link'));
	const view = await ask();
	expect(view).toMatchObject({ isWhole: false });
	await expectTheSame();
	rmSync(daemon.path('orders/link'));
});

test('after a restart, when only the files know the last results', async () => {
	await daemon.stop();
	await daemon.start();
	await expectTheSame();
	await daemon.errorOf('failing');
	await expectTheSame();
});
