import type { SecureContext } from 'node:tls';
import { shortReason } from '../shared/loss-reasons.ts';
import { type Attempt, type Attempted, attempt } from '../shared/timing/attempt.ts';
import { connectTcp, type Endpoint } from '../shared/timing/connect.ts';
import { type Failure, type Pinged, secondsFrom } from '../shared/timing/pings.ts';
import { handshake } from '../shared/tls/handshake.ts';
import { type DnsAnswer, readAnswer } from './answer.ts';
import { type Asking, askByHttps, askByStream, askByUdp, type Exchanged } from './exchange.ts';
import { type Expected, judge } from './judge.ts';
import { makeQuery, type Question } from './query.ts';

type Transport = 'udp' | 'tcp' | 'tls' | 'https';

/** Whom to ask, and how. */
export interface DnsServer extends Endpoint {
	readonly transport: Transport;
	/** Whom a certificate has to be for. */
	readonly serverName: string;
	readonly verify: boolean;
	/** Of a URL, for https. */
	readonly path: string;
}

/** What all pings of a run use. */
export interface DnsRoom {
	readonly server: DnsServer;
	/** Null where no TLS is spoken. */
	readonly context: SecureContext | null;
	readonly timeoutMs: number;
	readonly expected: Expected;
	/** The serial that the other server has, by name of the zone; null: there is no other. */
	readonly reference: ((zone: string) => Promise<number | Failure | null>) | null;
}

/** One ping: a question on a socket of its own. */
export function dnsPing(question: Question, room: DnsRoom, signal: AbortSignal): Promise<Pinged | null> {
	const reference = room.reference?.(question.name) ?? null;
	return attempt(room.timeoutMs, signal, async (one): Promise<Attempted> => {
		const exchanged = await ask(question, room, one);
		if (exchanged === null || !('answer' in exchanged)) return exchanged;
		const { answer, endMs } = exchanged;
		Object.assign(one.facts, factsOf(answer));
		const serial = reference === null ? null : await reference;
		if (serial !== null && typeof serial === 'object') return serial;
		const verdict = judge(answer, question.type, room.expected, serial);
		if (verdict === null) return { endMs };
		return 'unknown' in verdict ? { failure: verdict.unknown, code: 'limited' } : verdict;
	});
}

/** Asks the question, and tells the phases. */
export async function ask(
	question: Question,
	{ server, context }: Pick<DnsRoom, 'server' | 'context'>,
	one: Attempt,
): Promise<Exchanged> {
	const { transport } = server;
	// RFC 8484: so that it can be cached. Nothing else is on the connection.
	const query = transport === 'https' ? makeQuery(question, 0) : makeQuery(question);
	one.facts['address'] = server.address;
	one.facts['query_type'] = question.type;
	one.doing = 'waiting for the answer';
	let sentMs = performance.now();
	let foreign = 0;
	const asking: Asking = {
		bytes: query.bytes,
		read: (message) => readAnswer(message, query, question),
		signal: one.signal,
		ignored: (why) => {
			one.facts['ignored'] = ++foreign;
			one.doing = `waiting for the answer; what came was ${shortReason(why)}`;
		},
		sent: () => {
			sentMs = performance.now();
			// Nothing goes over the network to open a socket of UDP.
			if (transport === 'udp') one.startMs = sentMs;
		},
	};
	const exchanged = await exchange(server, context, asking, one);
	if (exchanged !== null && 'endMs' in exchanged) one.facts['request'] = secondsFrom(sentMs, exchanged.endMs);
	return exchanged;
}

async function exchange(
	server: DnsServer,
	context: SecureContext | null,
	asking: Asking,
	one: Attempt,
): Promise<Exchanged> {
	if (server.transport === 'udp') return askByUdp(server, asking);
	const startMs = performance.now();
	const { doing } = one;
	one.doing = 'connecting';
	const socket = await connectTcp(server, one.signal);
	if (socket === null || !('destroy' in socket)) return socket;
	const connectedMs = performance.now();
	one.facts['connect'] = secondsFrom(startMs, connectedMs);
	one.doing = doing;
	if (server.transport === 'tcp' || context === null) return askByStream(socket, server, asking);
	one.doing = 'in the TLS handshake';
	const isHttps = server.transport === 'https';
	const { serverName, verify } = server;
	const shaken = await handshake(
		socket,
		{ serverName, verify, context, ...(isHttps ? { alpn: ['h2'] } : {}) },
		one.signal,
	);
	if (shaken === null) return null;
	Object.assign(one.facts, shaken.facts);
	if ('lossReason' in shaken) return { lossReason: shaken.lossReason };
	one.facts['tls'] = secondsFrom(connectedMs);
	one.doing = doing;
	const { secure } = shaken;
	if (!isHttps) return askByStream(secure, server, asking);
	if (secure.alpnProtocol !== 'h2') {
		secure.destroy();
		return { lossReason: 'the server does not speak HTTP/2' };
	}
	const isLiteral6 = serverName.includes(':');
	const host = isLiteral6 ? `[${serverName}]` : serverName;
	const authority = server.port === 443 ? host : `${host}:${server.port}`;
	return askByHttps(secure, { ...server, authority }, asking);
}

/** Longer texts are cut where they are told. */
const answerMax = 250;

function factsOf(answer: DnsAnswer): Attempt['facts'] {
	const facts: Attempt['facts'] = {
		rcode: answer.rcode,
		answer: answer.records.join(', ').slice(0, answerMax),
		flags: answer.flags,
		size: answer.size,
		truncated: answer.truncated,
	};
	if (answer.ttlSeconds !== null) facts['ttl'] = answer.ttlSeconds;
	if (answer.serial !== null) facts['serial'] = answer.serial;
	if (answer.nsid !== null) facts['nsid'] = answer.nsid;
	return facts;
}
