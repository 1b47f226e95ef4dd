import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { nameFailureText } from '../shared/look-up.ts';
import { connectTcp, type Endpoint, type Lost } from '../shared/timing/connect.ts';
import type { Family } from '../shared/timing/names.ts';
import type { Failure } from '../shared/timing/pings.ts';
import { handshake } from '../shared/tls/handshake.ts';
import type { Going } from './ping.ts';
import { basicOf, hostOf, portOf } from './url.ts';

export interface Connection {
	readonly socket: Socket | TLSSocket;
	readonly isHttp2: boolean;
	/** When a request could be sent, of the monotonic clock. */
	readonly readyMs: number;
}

/** A new connection to the server of a URL, or to the proxy that leads there; its phases are told. Null when the signal fired. */
export async function openConnection(
	going: Going,
	url: URL,
	isOwn: boolean,
): Promise<Connection | Lost | Failure | null> {
	const { phases, signal } = going;
	const { plan, context, strangerContext } = going.room;
	const proxy = plan.proxy === undefined ? null : new URL(plan.proxy);
	const endpoint = await endpointOf(going, proxy ?? url, isOwn);
	if (endpoint === null || !('address' in endpoint)) return endpoint;
	going.facts = { ...going.facts, address: endpoint.address };

	phases.begin('connect');
	const socket = await connectTcp(endpoint, signal);
	if (socket === null || !('destroy' in socket)) return socket;
	const isTls = url.protocol === 'https:';
	if (proxy !== null && isTls) {
		const tunnel = await openTunnel(socket, url, basicOf(proxy.href), signal);
		if (tunnel !== 'open') return tunnel;
	}
	phases.end();
	if (!isTls) return { socket, isHttp2: plan.httpVersion === '2', readyMs: performance.now() };

	phases.begin('tls');
	const serverName = (isOwn ? plan.tls.serverName : undefined) ?? hostOf(url);
	const alpn = plan.httpVersion === undefined ? ['h2', 'http/1.1'] : [versions[plan.httpVersion]];
	const shaken = await handshake(
		socket,
		{ serverName, verify: plan.tls.verify, context: isOwn ? context : strangerContext, alpn },
		signal,
	);
	if (shaken === null) return null;
	going.facts = { ...going.facts, ...shaken.facts };
	if ('lossReason' in shaken) return { lossReason: shaken.lossReason };
	phases.end();
	const { secure } = shaken;
	const isHttp2 = secure.alpnProtocol === 'h2';
	if (plan.httpVersion === '2' && !isHttp2) {
		secure.destroy();
		return { lossReason: 'the server does not speak HTTP/2' };
	}
	return { socket: secure, isHttp2, readyMs: performance.now() };
}

const versions = { '1.1': 'http/1.1', '2': 'h2' } as const;

/** Where to connect to. */
async function endpointOf(going: Going, url: URL, isOwn: boolean): Promise<Endpoint | Failure | null> {
	const { plan } = going.room;
	const host = hostOf(url);
	const to = { port: portOf(url), sourceIp: plan.sourceIp };
	if (isOwn && plan.resolve !== undefined) return { ...to, address: plan.resolve };
	if (isIP(host) !== 0) return { ...to, address: host };
	const found = await addressOf(going, host, isOwn || plan.proxy !== undefined);
	return found === null || 'failure' in found ? found : { ...to, address: found.address };
}

/** By the name servers; if these know nothing, by getaddrinfo, where that was asked: it knows names in other ways too. */
async function addressOf(
	{ room, site, phases, signal, restart }: Going,
	host: string,
	isAsked: boolean,
): Promise<{ readonly address: string } | Failure | null> {
	phases.begin('dns');
	const family = familyOf(room.plan.family, room.plan.sourceIp);
	const limitMs = room.timeoutMs / 2;
	const found = await room.names.lookUp(host, family, limitMs, signal);
	if (found === null) return null;
	if ('address' in found) {
		phases.end();
		return found;
	}
	if (isAsked) {
		restart();
		return { address: site.address };
	}
	const isUnknown = found.error === 'ENOTFOUND' || found.error === 'ENODATA';
	const why = isUnknown
		? ({ code: 'name_unknown' } as const)
		: ({ code: 'name_silent', systemCode: null, afterMs: limitMs } as const);
	return { failure: `redirected: ${nameFailureText(host, why)}`, code: why.code };
}

/** The family to connect over. */
export function familyOf(family: Family, sourceIp: string | undefined): Family {
	if (family !== 'auto' || sourceIp === undefined) return family;
	return isIP(sourceIp) === 6 ? 6 : 4;
}

/** What a proxy says is at most so long. */
const saidMax = 16 << 10;

/** Has a proxy connect to the server. */
function openTunnel(
	socket: Socket,
	url: URL,
	authorization: string | null,
	signal: AbortSignal,
): Promise<'open' | Lost | null> {
	return new Promise((resolve) => {
		let said = '';
		const settle = (outcome: 'open' | Lost | null) => {
			socket.off('data', read).off('end', ended).off('error', ended);
			signal.removeEventListener('abort', abort);
			if (outcome !== 'open') socket.destroy();
			resolve(outcome);
		};
		const abort = () => settle(null);
		const ended = () => settle({ lossReason: 'closed by the proxy' });
		const read = (chunk: Buffer) => {
			said += chunk.toString('latin1');
			const end = said.indexOf('\r\n\r\n');
			if (end === -1 && said.length <= saidMax) return;
			const [, status] = /^HTTP\/1\.[01] ([1-5]\d\d)/.exec(said) ?? [];
			if (end === -1 || status === undefined) settle({ lossReason: 'not an HTTP proxy' });
			else settle(status.startsWith('2') ? 'open' : { lossReason: `proxy: status ${status}` });
		};
		signal.addEventListener('abort', abort, { once: true });
		socket.on('data', read).once('end', ended).once('error', ended);
		const authority = `${url.hostname}:${portOf(url)}`;
		const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
		if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
		socket.write(`${lines.join('\r\n')}\r\n\r\n`);
	});
}
