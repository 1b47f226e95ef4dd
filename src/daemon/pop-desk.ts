import { randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HubKafkaSettings, HubSettings } from '../config/hub-setting.ts';
import { controlFile } from '../memory/ask-pops.ts';
import type { Join } from '../model/join-file.ts';
import { usesTls } from '../model/kafka-login.ts';
import { type Pop, wrongWithPopName } from '../model/pop.ts';
import { type PopAnswer, type PopChangeAnswer, type PopsAnswer, popWish } from '../model/pops-answer.ts';
import { publicKeyText } from '../pops/envelope.ts';
import type { Hub } from '../pops/hub/hub.ts';
import { writePrivate } from '../pops/private-file.ts';

export interface PopDeskParts {
	readonly hub: Hub;
	readonly settings: HubSettings;
	readonly baseDir: string;
	/** By which orders are signed. */
	readonly hubKey: Parameters<typeof publicKeyText>[0];
	/** One was added, changed or taken out. */
	changed(name: string): void;
	/** The hubs that share our key; null: there are no others. */
	others(): PopsAnswer['hubs'] | null;
	/** Where the link over HTTPS listens; 0: it does not. */
	port(): number;
}

/** What the socket is asked of points of presence. */
export interface PopDesk {
	/** Who knows it may change something: it is in a file that only our user can read. */
	readonly key: string;
	pops(): PopsAnswer;
	/** `json`: a `PopWish`. */
	change(json: unknown): PopChangeAnswer;
}

/** Throws the error of the file system. */
export function openPopDesk(parts: PopDeskParts): PopDesk {
	const key = randomBytes(32).toString('base64url');
	writePrivate(controlFile(parts.baseDir), key);
	const { hub } = parts;
	return {
		key,
		pops: () => ({ ...hubsPart(parts.others()), pops: hub.registry.pops.map((pop) => answerOf(hub, pop)) }),
		change: (json) => {
			const wish = popWish.safeParse(json);
			if (!wish.success) return { error: 'the wish is not understood: it is of another version' };
			try {
				const answer = changed(wish.data, parts);
				if ('done' in answer) parts.changed(wish.data.name);
				return answer;
			} catch (error) {
				return { error: (error as Error).message };
			}
		},
	};
}

function hubsPart(hubs: PopsAnswer['hubs'] | null): Pick<PopsAnswer, 'hubs'> {
	return hubs == null ? {} : { hubs };
}

/** Whether a header has the key. */
export function hasKey(header: string | undefined, key: string): boolean {
	const [told, known] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${key}`)];
	return told.length === known.length && timingSafeEqual(told, known);
}

function changed(wish: ReturnType<typeof popWish.parse>, parts: PopDeskParts): PopChangeAnswer {
	const { hub } = parts;
	const { name } = wish;
	const wrong = wrongWithPopName(name);
	if (wrong !== null) return { error: `the name of a point of presence ${wrong}` };
	const known = hub.registry.get(name);
	if (wish.verb === 'add') {
		if (known !== null)
			return {
				error: `there is a point of presence ${name} already. pingmachine pop rotate makes a new join file`,
			};
		const [latitude = 0, longitude = 0] = wish.place ?? [];
		const pop: Pop = {
			name,
			labels: wish.labels,
			place: wish.place === null ? null : { latitude, longitude },
		};
		return { done: true, join: joinText(pop, () => hub.add(pop), parts) };
	}
	if (known === null) return { error: `there is no point of presence ${name}. See pingmachine pop ls` };
	if (wish.verb === 'rotate')
		return { done: true, join: joinText(known, () => hub.registry.rotate(name) ?? '', parts) };
	hub.remove(name);
	return { done: true };
}

/** Whatever cannot be read is found before there is a new token. */
function joinText({ name, labels, place }: Pop, token: () => string, parts: PopDeskParts): string {
	const { settings, hubKey } = parts;
	const { kafka, tls } = settings;
	const ca = tls === null ? null : ownRootIn(readFileSync(tls.certFile, 'utf8'));
	const join: Join = {
		name,
		labels: { ...labels },
		...(place === null ? {} : { place: [place.latitude, place.longitude] }),
		...(settings.listen === null ? {} : { hub: urlOf(settings, parts.port()) }),
		...(ca === null ? {} : { ca }),
		...(kafka === null ? {} : { kafka: kafkaJoinOf(kafka) }),
		hub_key: publicKeyText(hubKey),
		token: token(),
	};
	return `${JSON.stringify(join, null, '\t')}\n`;
}

/** Where brokers are, and who they are: not who we are for them. */
function kafkaJoinOf({ brokers, prefix, results, login }: HubKafkaSettings): Join['kafka'] {
	const { tls_ca_file: caFile } = login;
	return {
		...{ brokers: [...brokers], prefix, results },
		...(usesTls(login) ? { tls: true } : {}),
		...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
	};
}

function urlOf({ url, listen, tls }: HubSettings, port: number): string {
	if (url !== null) return url;
	const host = listen?.host ?? '127.0.0.1';
	return `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const certificates = /-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/g;

/** A certificate that has signed itself: nobody could know it otherwise. Null: others vouch for the hub's. */
function ownRootIn(pem: string): string | null {
	const roots = [...pem.matchAll(certificates)]
		.map(([text]) => text)
		.filter((text) => {
			const { subject, issuer } = new X509Certificate(text);
			return subject === issuer;
		});
	return roots.at(-1) ?? null;
}

function answerOf(hub: Hub, { name, labels, place }: Pop): PopAnswer {
	const { atSeconds, beat, aheadSeconds } = hub.heard(name);
	const state = !hub.isLost(name) && beat !== null ? 'here' : atSeconds === null ? 'new' : 'lost';
	return {
		...{ name, labels, place, state, heard: atSeconds },
		...{ version: beat?.version ?? null, probes: [...(beat?.probes ?? [])], asked: hub.askedOf(name) },
		measured: beat?.orders.measured ?? null,
		failing: beat?.orders.failing ?? null,
		rejected: beat?.orders.rejected ?? null,
		spooled_bytes: beat?.spool.bytes ?? null,
		waiting: beat?.spool.waiting ?? null,
		synced: beat?.clock.synced ?? null,
		offset: beat?.clock.offset ?? null,
		ahead: aheadSeconds,
		results: hub.intake.tallies.get(name) ?? { taken: 0, doubled: 0, refused: 0, future: 0 },
	};
}
