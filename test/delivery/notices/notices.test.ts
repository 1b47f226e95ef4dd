import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { NotifiersPost } from '../../../src/delivery/notices/notifiers-post.ts';
import {
	type AnyNotifier,
	type Notification,
	NotifierBusy,
	NotifierRefusal,
} from '../../../src/model/notifier.ts';
import type { NotifierEntry } from '../../../src/model/notifier-entry.ts';
import { alertOf, messageOf } from '../../alerts/notifiers/support/notifications.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';

let folder = '';
let taken: Notification[] = [];
/** What the notifier does with the next messages, in turn; by default it takes them. */
let fates: (Error | 'hang')[] = [];
/** Of these it takes none, whatever their turn. */
let poison: string | null = null;
const clock = new FakeClock(1_800_000_000_000);
const log = new FakeLog();

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-notices-'));
	[taken, fates, poison] = [[], [], null];
	log.lines.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const notifier: AnyNotifier = {
	name: 'fake',
	settings: z.strictObject({ token: z.string().optional() }),
	destination: () => 'fake',
	wantsState: true,
	open: async () => ({
		send: async (notification) => {
			const fate = fates.shift();
			if (fate === 'hang') await new Promise(() => {});
			if (fate instanceof Error) throw fate;
			if (notification.members.some(({ order }) => order?.id === poison)) throw new Error('poison');
			taken.push(notification);
		},
		close: async () => {},
	}),
};

const entry = (more: Partial<NotifierEntry> = {}): NotifierEntry => ({
	...{ name: 'ops', type: 'fake', settings: { token: 's3cret' }, severities: null },
	limits: { timeoutMs: 10_000, spoolMaxBytes: 1e6, spoolMaxAgeMs: 3600_000 },
	...more,
});

function open(entries = [entry()]): NotifiersPost {
	const notifiers = new Map([
		['fake', notifier],
		['person', { ...notifier, wantsState: false }],
	]);
	const lent = { version: '2.0.0', graph: async () => null };
	const post = new NotifiersPost({ notifiers, folder, lent, clock, log });
	post.configure(entries);
	return post;
}

const told = () =>
	taken.map(({ about, members }) => `${about} ${members.map(({ order }) => order?.id).join()}`);
const waiting = () => readdirSync(join(folder, 'ops')).filter((name) => name.endsWith('.json')).length;

describe('messages', () => {
	test('are on disk before anything is sent, and go when they are taken', async () => {
		const post = open();
		post.send('ops', messageOf([alertOf('a')]));
		expect(waiting()).toBe(1);
		await clock.pass(1);
		expect(told()).toEqual(['raise a']);
		expect(waiting()).toBe(0);
		expect(post.stats()).toMatchObject([{ name: 'ops', sent: 1, queued: 0, state: 'working' }]);
		await post.close(0);
	});

	test('are tried again, in their order, and after the pause that is asked for', async () => {
		fates = [new Error('down s3cret'), new NotifierBusy('later', 30_000)];
		const post = open();
		post.send('ops', messageOf([alertOf('a')]));
		post.send('ops', messageOf([alertOf('a')], { about: 'clear' }));
		await clock.pass(2500);
		expect(post.stats()).toMatchObject([{ failed: 2, lastError: 'later' }]);
		expect(log.lines.join()).toContain('notifier ops: cannot send to fake: down ***');
		await clock.pass(25_000);
		expect(told()).toEqual([]);
		await clock.pass(10_000);
		expect(told()).toEqual(['raise a', 'clear a']);
		await post.close(0);
	});

	test('that hang are given up after the timeout', async () => {
		fates = ['hang'];
		const post = open();
		post.send('ops', messageOf([alertOf('a')]));
		await clock.pass(13_000);
		expect(told()).toEqual(['raise a']);
		await post.close(0);
	});

	test('that nobody will ever take are set aside, and cost no other', async () => {
		fates = [new NotifierRefusal('bad')];
		const post = open();
		post.send('ops', messageOf([alertOf('a')]));
		post.send('ops', messageOf([alertOf('b')]));
		await clock.pass(1);
		expect(told()).toEqual(['raise b']);
		expect(post.stats()[0]?.dropped.refused).toBe(1);
		expect(readdirSync(join(folder, 'ops'))).toContain('000000000001.refused');
		await post.close(0);
	});

	test('of which one always fails while others are taken do not wait for ever', async () => {
		poison = 'a';
		const post = open();
		post.send('ops', messageOf([alertOf('a')]));
		post.send('ops', messageOf([alertOf('b')]));
		post.send('ops', messageOf([alertOf('c')]));
		for (let second = 0; second < 120; second++) await clock.pass(1000);
		expect(told()).toEqual(['raise b', 'raise c']);
		expect(post.stats()).toMatchObject([{ queued: 0, dropped: { refused: 1 } }]);
		await post.close(0);
	});

	test('outlive a kill; what was told is not told again, and a new alert of the same name is', async () => {
		fates = [new Error('down')];
		const killed = open();
		killed.send('ops', messageOf([alertOf('a')]));
		await clock.pass(1);
		// No close: it was killed. Now the rules tell what they do not know to be told.
		const post = open();
		post.send('ops', messageOf([alertOf('a'), alertOf('b')]));
		await clock.pass(1);
		expect(told()).toEqual(['raise a', 'raise b']);
		const { id } = alertOf('a');
		expect(post.openOf(id.slice(0, id.lastIndexOf('|')))).toBe(id);
		expect(['a', 'b', 'c'].map((id) => post.toldOf(alertOf(id).id))).toEqual(['raise', 'raise', null]);
		post.send('ops', messageOf([alertOf('a')], { about: 'clear' }));
		post.send('ops', messageOf([alertOf('a')], { about: 'clear' }));
		post.send('ops', messageOf([alertOf('a')], { about: 'reminder' }));
		post.send('ops', messageOf([alertOf('a')]));
		await clock.pass(1);
		expect(told().slice(2)).toEqual(['clear a', 'reminder a', 'raise a']);
		await post.close(0);
		await killed.close(0);
	});

	test('a state that waits does not tell that what is over fires', async () => {
		fates = [new NotifierBusy('later', 5000)];
		const post = open();
		post.send('ops', messageOf([alertOf('a'), alertOf('b')]));
		post.send('ops', messageOf([alertOf('a'), alertOf('b')], { about: 'state' }));
		post.send('ops', messageOf([alertOf('a')], { about: 'clear' }));
		await clock.pass(6000);
		expect(told()).toEqual(['raise a,b', 'clear a', 'state b']);
		await post.close(0);
	});

	test('that are damaged or too old are counted, and a full spool loses the oldest', async () => {
		fates = [new NotifierBusy('later', 7200_000)];
		const limits = { timeoutMs: 1000, spoolMaxBytes: 2500, spoolMaxAgeMs: 1000_000 };
		const post = open([entry({ limits })]);
		for (const id of ['a', 'b', 'c', 'd']) post.send('ops', messageOf([alertOf(id)]));
		const [{ dropped, queued } = { dropped: { spoolFull: 0 }, queued: 0 }] = post.stats();
		expect(dropped.spoolFull).toBeGreaterThan(0);
		expect(dropped.spoolFull + queued).toBe(4);
		await clock.pass(1001_000);
		post.tick();
		expect(post.stats()).toMatchObject([{ queued: 0, dropped: { tooOld: queued } }]);
		await post.close(0);
		writeFileSync(join(folder, 'ops', '000000000099.json'), '00000000 {"members":[]}\n');
		const again = open();
		await clock.pass(1);
		expect(again.stats()).toMatchObject([{ queued: 0, dropped: { damaged: 1 } }]);
		await again.close(0);
	});

	test('are for those who are told of their severity; of states the newest counts', async () => {
		fates = [new NotifierBusy('later', 5000)];
		const post = open([entry({ severities: ['critical'] })]);
		post.send('ops', messageOf([alertOf('a', { severity: 'info' })]));
		post.send('ops', messageOf([alertOf('b')]));
		post.send('ops', messageOf([alertOf('b')], { about: 'state' }));
		post.send('ops', messageOf([alertOf('b'), alertOf('c')], { about: 'state' }));
		expect(waiting()).toBe(1);
		await clock.pass(6000);
		expect(told()).toEqual(['raise b', 'state b,c']);
		await post.close(0);
	});
});

test('on standby people are told by another hub, and by us of what it cannot have told when it is gone', async () => {
	const entries = [entry({ name: 'ops', type: 'person' }), entry({ name: 'all' })];
	const post = open(entries);
	const startMs = clock.wallMs();
	post.configure(entries, { isOn: true, toldUntilMs: 0 });
	post.send('ops', messageOf([alertOf('early')]));
	await clock.pass(100_000);
	post.tick();
	post.send('ops', messageOf([alertOf('before')]));
	post.send('all', messageOf([alertOf('for all')]));
	await clock.pass(20_000);
	post.send('ops', messageOf([alertOf('late')]));
	await clock.pass(1000);
	expect(told()).toEqual(['raise for all']);
	post.configure(entries, { isOn: false, toldUntilMs: startMs + 110_000 });
	await clock.pass(1000);
	expect(told()).toEqual(['raise for all', 'raise late']);
	expect(post.stats()).toMatchObject([{ queued: 0, dropped: { tooOld: 0 } }, {}]);
	await post.close(0);
});

test('a notifier that is not configured any more keeps its messages, and that is said', async () => {
	fates = [new NotifierBusy('later', 60_000)];
	const post = open();
	post.send('ops', messageOf([alertOf('a')]));
	await clock.pass(1);
	await post.close(0);
	open([]);
	expect(log.lines.join()).toContain('holds messages for a notifier that is not configured any more');
	const back = open();
	await clock.pass(1);
	expect(told()).toEqual(['raise a']);
	await back.close(0);
});
