/** Both sides of the link over HTTPS, with certificates of both. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Heartbeat } from '../../src/pops/heartbeat.ts';
import type { HubDesk } from '../../src/pops/link.ts';
import { Allowances } from '../../src/pops/links/https/allowance.ts';
import { HubServer } from '../../src/pops/links/https/hub-server.ts';
import { type HubAccess, PopClient } from '../../src/pops/links/https/pop-client.ts';
import { FakeLog } from '../support/fake-log.ts';
import { makeCertificates } from '../support/kafka/properties.ts';
import { waitFor } from '../support/waiting.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-https-'));
const path = (name: string) => join(folder, name);
const tokens = new Map([['a-token-that-is-long-enough', 'zrh']]);
const known = new Set(['zrh']);
const came: string[] = [];
let server: HubServer;

beforeAll(async () => {
	makeCertificates(folder);
	const tls = { certFile: path('broker.crt'), keyFile: path('broker.key'), clientCaFile: path('ca.crt') };
	server = new HubServer({ host: '127.0.0.1', port: 0, tls, log: new FakeLog() });
	await server.start({
		admit: (token: string) => tokens.get(token) ?? null,
		isKnown: (pop: string) => known.has(pop),
		seqFor: () => 7,
		newsFor: () => ({ isWhole: false, news: [] }),
		heartbeat: (pop: string) => {
			came.push(pop);
			return null;
		},
	} as unknown as HubDesk);
});
afterAll(async () => {
	await server.close();
	rmSync(folder, { recursive: true });
});

const beat = { v: 1 } as unknown as Heartbeat;

function access(more: Partial<HubAccess> = {}): HubAccess {
	const text = (name: string) => readFileSync(path(name), 'utf8');
	return {
		...{ url: `https://127.0.0.1:${server.port}`, token: [...tokens.keys()][0] ?? '', verify: true },
		...{ ca: text('ca.crt'), cert: text('client.crt'), key: text('client.key') },
		...more,
	};
}

test('who shows no certificate, or does not know the hub by its own, is not served', async () => {
	const bare = new PopClient(() => access({ cert: null, key: null }));
	await expect(bare.heartbeat(beat)).rejects.toThrow();
	const stranger = new PopClient(() => access({ ca: null }));
	await expect(stranger.heartbeat(beat)).rejects.toThrow(/certificate/);
	expect(came).toEqual([]);
	await Promise.all([bare.close(), stranger.close()]);
});

test('a new token takes over with the next request; who is taken out is told nothing more', async () => {
	let now = access();
	const client = new PopClient(() => now);
	await client.heartbeat(beat);
	const old = now.token;
	tokens.set('another-token-that-is-long', 'zrh');
	tokens.delete(old);
	now = access({ token: 'another-token-that-is-long' });
	await client.heartbeat(beat);
	expect(came).toEqual(['zrh', 'zrh']);

	const reached: (string | null)[] = [];
	client.start({ seq: 7, news: () => {}, reached: (problem) => void reached.push(problem) });
	await client.heartbeat(beat);
	known.delete('zrh');
	tokens.clear();
	await waitFor(
		() => {
			server.removed('zrh');
			return reached.length > 0;
		},
		() => 'it still waits for news',
	);
	expect(reached[0]).toMatch(/status 40[01]/);
	await client.close();
});

test('what one may send comes back with time, and each has his own', () => {
	let nowMs = 0;
	const bytes = new Allowances({ burst: 100, perSecond: 10 }, () => nowMs);
	expect([bytes.take('zrh', 120), bytes.take('zrh', 1), bytes.take('fra', 1)]).toEqual([0, 2, 0]);
	nowMs = 3000;
	expect(bytes.take('zrh', 1)).toBe(0);
});
