/** Both sides of the link over a real Kafka; what they carry is judged by who is behind them. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Envelope } from '../../../src/pops/envelope.ts';
import { KafkaHubLink } from '../../../src/pops/kafka/hub-link.ts';
import { KafkaPopLink } from '../../../src/pops/kafka/pop-link.ts';
import { type LinkSettings, makeHubsTopic, makeTopics } from '../../../src/pops/kafka/topics.ts';
import type { HubDesk, PopDesk } from '../../../src/pops/link.ts';
import { type SharedKafka, sharedKafka } from '../../support/kafka/shared.ts';
import { waitFor } from '../../support/waiting.ts';

let server: SharedKafka;
beforeAll(async () => {
	server = await sharedKafka();
});
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(open.splice(0).map((one) => one.close()));
});

const envelope = (kind: string, seq: number, id?: string): Envelope => ({
	body: JSON.stringify({ kind, seq, ...(id === undefined ? {} : { id }) }),
	sig: 'c2ln',
});

/** What it is asked for: news by number, and whether that is all there is. */
function hubOn(settings: LinkSettings, group: string = randomUUID()) {
	let news: { seq: number; envelope: Envelope }[] = [];
	let isWhole = true;
	const outcomes: [pop: string, json: unknown][] = [];
	const beats: [pop: string, json: unknown][] = [];
	const told: (string | null)[] = [];
	let isReady = true;
	const desk = {
		isKnown: () => true,
		newsFor: (_pop: string, seq: number) => {
			const later = news.filter((one) => one.seq > seq).map((one) => one.envelope);
			return { isWhole: seq === 0 && isWhole, news: later };
		},
		outcomes: async (pop: string, json: readonly unknown[]) => {
			if (!isReady) return null;
			outcomes.push(...json.map((one): [string, unknown] => [pop, one]));
			return { taken: json.length, doubled: 0, refused: 0, future: 0 };
		},
		heartbeat: (pop: string, json: unknown) => {
			beats.push([pop, json]);
			return null;
		},
	} as unknown as HubDesk;
	const link = new KafkaHubLink({ ...settings, group, told: (problem) => void told.push(problem) });
	open.push(link);
	void link.start(desk);
	return {
		...{ link, outcomes, beats, told },
		ready: (is: boolean) => {
			isReady = is;
		},
		tell: (...more: [kind: string, seq: number, id?: string][]) => {
			news = [...news, ...more.map(([kind, seq, id]) => ({ seq, envelope: envelope(kind, seq, id) }))];
			link.published('zrh');
		},
		whole: (is: boolean) => {
			isWhole = is;
		},
	};
}

function popOn(settings: LinkSettings, pop = 'zrh') {
	const told: { ids: string[]; isWhole: boolean }[] = [];
	const desk: PopDesk = {
		seq: 1,
		news: (envelopes, isWhole) => {
			const ids = envelopes.map((one) => {
				if (one === null) return 'junk';
				const { kind, id, seq } = JSON.parse((one as Envelope).body);
				return `${kind} ${id ?? ''} ${seq}`;
			});
			told.push({ ids, isWhole });
		},
		reached: () => {},
	};
	const link = new KafkaPopLink(settings, pop);
	open.push(link);
	link.start(desk);
	return { link, told };
}

const settingsOf = (results: LinkSettings['results']): LinkSettings => ({
	...{ brokers: [server.bootstrap], prefix: `p${randomUUID()}`, results },
});
const write = (topic: string, value: unknown, header?: string) => {
	const more = header === undefined ? [] : ['-H', header];
	execFileSync('kcat', ['-P', '-b', server.bootstrap, '-t', topic, '-K', '\t', ...more], {
		input: `key\t${typeof value === 'string' ? value : JSON.stringify(value)}`,
	});
};
const soon = (isSo: () => boolean, what: () => unknown = () => 'it did not come') =>
	waitFor(isSo, () => JSON.stringify(what()));

test('orders go out, all at first and then what is new; who comes later gets those of now', async () => {
	const settings = settingsOf('each');
	const hub = hubOn(settings);
	hub.tell(['order', 1, 'a'], ['order', 2, 'b/c'], ['list', 3]);
	const first = popOn(settings);
	await soon(
		() => first.told.length === 1,
		() => [first.told, hub.told],
	);
	expect(first.told).toEqual([{ ids: ['order a 1', 'order b/c 2', 'list  3'], isWhole: true }]);
	hub.tell(['end', 4, 'a'], ['order', 5, 'd'], ['list', 6]);
	await soon(() => first.told.length === 2);
	expect(first.told[1]).toEqual({ ids: ['end a 4', 'order d 5', 'list  6'], isWhole: false });

	write(`${settings.prefix}.orders.zrh`, 'nobody signed this');
	hub.tell(['list', 7]);
	await soon(() => first.told.length === 3);
	expect(first.told[2]).toEqual({ ids: ['junk', 'list  7'], isWhole: false });

	const late = popOn(settings);
	await soon(() => late.told.length === 1);
	expect(late.told).toEqual([{ ids: ['order b/c 2', 'order d 5', 'junk', 'list  7'], isWhole: true }]);
});

test('a hub that begins anew tells all, and what it does not tell has ended', async () => {
	const settings = settingsOf('each');
	const before = hubOn(settings);
	before.tell(['order', 1, 'a'], ['order', 2, 'b'], ['list', 3]);
	const pop = popOn(settings);
	await soon(() => pop.told.length === 1);
	await before.link.close();
	hubOn(settings).tell(['order', 11, 'b'], ['list', 12]);
	await soon(() => pop.told.length === 2);
	expect(pop.told[1]).toEqual({ ids: ['order b 11', 'list  12'], isWhole: true });
});

test('results and heartbeats come in as those of who wrote them, and again until the hub takes them', async () => {
	const settings = settingsOf('each');
	const hub = hubOn(settings);
	hub.ready(false);
	hub.tell(['list', 1]);
	const { link, told } = popOn(settings);
	await soon(() => told.length === 1);
	write(`${settings.prefix}.results.zrh`, { order: { id: '@hub/core/a' }, slot: 60, pop: 'fra' });
	await link.heartbeat({ v: 1, version: 'x' } as never);
	await soon(() => hub.told.some((problem) => problem?.includes('just begun')));
	expect(hub.outcomes).toEqual([]);
	hub.ready(true);
	await soon(() => hub.outcomes.length > 0 && hub.beats.length > 0);
	expect(hub.outcomes).toEqual([['zrh', { order: { id: 'core/a' }, slot: 60, pop: 'fra' }]]);
	expect(hub.beats[0]).toEqual(['zrh', { v: 1, version: 'x' }]);
});

test('over TLS, with a password or a certificate; what is wrong with them is told', async () => {
	const { folder, ports } = server;
	const [username, password_file] = ['alice', `${folder}/password-of-alice`];
	writeFileSync(password_file, 'alice-secret');
	const ca = { tls_ca_file: `${folder}/ca.crt`, tls_verify: true };
	const sasl = { mechanism: 'SCRAM-SHA-512' as const, username, password_file };
	const at = (port: number | undefined, login: NonNullable<LinkSettings['login']>): LinkSettings => ({
		...settings,
		...{ brokers: [`127.0.0.1:${port}`], login },
	});
	const settings = settingsOf('each');
	const hub = hubOn(at(ports.saslTls, { ...ca, sasl }));
	hub.tell(['order', 1, 'a'], ['list', 2]);
	const ours = { tls_cert_file: `${folder}/client.crt`, tls_key_file: `${folder}/client.key` };
	const pop = popOn(at(ports.mutualTls, { ...ca, ...ours }));
	await soon(() => pop.told.length === 1);
	expect(pop.told[0]?.ids).toEqual(['order a 1', 'list  2']);

	const wrong = hubOn(
		at(ports.saslTls, { ...ca, sasl: { ...sasl, password: 'not-this', password_file: undefined } }),
	);
	wrong.tell(['list', 1]);
	const stranger = hubOn(at(ports.tls, { tls: true, tls_verify: true }));
	stranger.tell(['list', 1]);
	await soon(() => [wrong, stranger].every(({ told }) => told.length > 0));
	expect(wrong.told[0]).toMatch(/^(?!.*not-this).*wrong user or password/);
	expect(stranger.told[0]).toContain('tls_ca_file');
});

test('in a topic for all, headers say whose results are, and others are passed over', async () => {
	const settings = settingsOf('shared');
	const hub = hubOn(settings);
	hub.tell(['list', 1]);
	await soon(() => hub.told.includes(null));
	write(`${settings.prefix}.results`, { order: { id: 'x' } }, 'pop=unknown');
	write(`${settings.prefix}.results`, 'broken', 'pop=zrh');
	write(`${settings.prefix}.results`, { order: { id: '@hub/a' } }, 'pop=zrh');
	await soon(() => hub.outcomes.length === 2);
	expect(hub.outcomes).toContainEqual(['zrh', null]);
	expect(hub.outcomes).toContainEqual(['zrh', { order: { id: 'a' } }]);
});

test('hubs that make the same topics at the same time do not fail by it', async () => {
	const settings: LinkSettings = {
		brokers: [server.bootstrap],
		prefix: `race-${randomUUID()}`,
		results: 'each',
	};
	const atOnce = Array.from({ length: 4 }, () => [makeHubsTopic(settings), makeTopics(settings, 'zrh')]);
	await expect(Promise.all(atOnce.flat())).resolves.toHaveLength(8);
});
