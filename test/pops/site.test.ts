import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import type { Accepted } from '../../src/model/accepted.ts';
import { NewsBook } from '../../src/pops/hub/news-book.ts';
import { Site } from '../../src/pops/site/site.ts';
import { readOrder } from '../../src/reading/order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const text = (host: string, probe = 'icmp') =>
	`user: u\nstep: 10\npings: 10\nprobe: ${probe}\n${probe}: {host: ${host}}\n`;
const everything: Accepted = { probes: null, networks: null, ordersMax: 100, pingsPerSecondMax: 100 };

let baseDir = '';
let clock: FakeClock;
let seq = 0;

beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-site-'));
	mkdirSync(join(baseDir, 'orders'));
	clock = new FakeClock(1_800_000_000_000);
	seq = 0;
});
afterEach(() => rmSync(baseDir, { recursive: true }));

function site(accept: Partial<Accepted> = {}): Site {
	const opened = new Site({
		...{ clock, log: new FakeLog(), baseDir, name: 'zrh', hubKey: publicKey, hubKeyText: 'key' },
		accept: { ...everything, ...accept },
		read: (id, order) => {
			const read = readOrder(id, order, builtInProbes);
			return 'order' in read ? { order: read.order } : { wrong: read.findings[0]?.message ?? '' };
		},
	});
	opened.start();
	return opened;
}

function book(pop = 'zrh'): NewsBook {
	const nowSeconds = () => clock.wallMs() / 1000;
	return new NewsBook({ pop, key, validForSeconds: 3600, nowSeconds, nextSeq: () => ++seq });
}

function tell(news: ReturnType<NewsBook['after']>, to: Site) {
	to.news(news.news, news.isWhole);
}

const file = (id: string) => join(baseDir, 'orders', '@hub', id);

test('follows all news, then what is new, and knows after a restart what it knew', () => {
	const hub = book();
	const pop = site();
	hub.put('a', text('192.0.2.1'));
	hub.put('b/c', text('192.0.2.2'));
	tell(hub.after(pop.seq), pop);
	expect(readFileSync(file('b/c'), 'utf8')).toBe(text('192.0.2.2'));
	hub.end('b/c');
	hub.put('a', text('192.0.2.3'));
	tell(hub.after(pop.seq), pop);
	expect([existsSync(file('b')), readFileSync(file('a'), 'utf8')]).toEqual([false, text('192.0.2.3')]);
	const again = site();
	expect([again.seq, again.measured, again.isOurs('a', text('192.0.2.3'))]).toEqual([hub.seq, 1, true]);
	expect([...again.refusals]).toEqual([]);
});

test('refuses what is replayed, of others, or not whole', () => {
	const hub = book();
	const pop = site();
	hub.put('a', text('192.0.2.1'));
	const old = hub.after(0);
	tell(old, pop);
	hub.end('a');
	tell(hub.after(pop.seq), pop);
	pop.news(old.news, false);
	pop.news(old.news, true);
	pop.news([{ body: '{}' }], false);
	tell(book('fra').after(0), pop);
	expect(existsSync(file('a'))).toBe(false);
	expect(Object.fromEntries(pop.refusals)).toEqual({ replayed: 3, unsigned: 1, 'not ours': 1 });
	hub.put('x', text('192.0.2.1'));
	hub.put('y', text('192.0.2.1'));
	// Somebody on the way leaves one out: nothing ends by it, and all is asked for again.
	pop.news(hub.after(0).news.slice(1), true);
	expect([pop.seq, existsSync(file('y'))]).toEqual([0, false]);
});

test('ends its orders when the hub is silent for too long, and takes them up again with it', () => {
	const hub = book();
	const pop = site();
	hub.put('a', text('192.0.2.1'));
	tell(hub.after(0), pop);
	clock.advance(3599_000);
	pop.look();
	expect(existsSync(file('a'))).toBe(true);
	clock.advance(2000);
	pop.look();
	expect([existsSync(file('a')), pop.seq]).toEqual([false, 0]);
	tell(hub.after(pop.seq), pop);
	expect(existsSync(file('a'))).toBe(true);
});

test('measures what it accepts, and says why not the rest', () => {
	const hub = book();
	const pop = site({ networks: ['192.0.2.0/24'], ordersMax: 2 });
	for (const [id, host] of Object.entries({
		a: '192.0.2.1',
		b: '198.51.100.1',
		c: 'example.net',
		d: '192.0.2.2',
		e: '192.0.2.3',
	}))
		hub.put(id, text(host));
	hub.put('f', 'nonsense');
	hub.put('../../evil', text('192.0.2.1'));
	tell(hub.after(0), pop);
	expect(pop.measured).toBe(2);
	expect([...pop.reasons.keys()].sort()).toEqual(['../../evil', 'b', 'c', 'e', 'f']);
	hub.end('a');
	tell(hub.after(pop.seq), pop);
	// There is room now.
	expect([existsSync(file('e')), pop.reasons.has('e')]).toEqual([true, false]);
});

test('what others wrote there stays', () => {
	mkdirSync(join(baseDir, 'orders/@hub'));
	writeFileSync(file('a'), 'mine');
	const hub = book();
	const pop = site();
	hub.put('a', text('192.0.2.1'));
	tell(hub.after(0), pop);
	expect(readFileSync(file('a'), 'utf8')).toBe('mine');
	expect(pop.reasons.get('a')).toContain('move @hub/a away');
	hub.end('a');
	tell(hub.after(pop.seq), pop);
	expect(existsSync(file('a'))).toBe(true);
});
