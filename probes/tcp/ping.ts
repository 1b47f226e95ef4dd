import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { printable } from '../../src/model/printable.ts';
import { matches } from '../shared/pattern.ts';
import { type Attempt, type Attempted, attempt } from '../shared/timing/attempt.ts';
import { connectTcp, type Endpoint, type Lost } from '../shared/timing/connect.ts';
import { type Failure, type Pinged, secondsFrom } from '../shared/timing/pings.ts';
import { handshake } from '../shared/tls/handshake.ts';
import { Reader } from './reader.ts';
import { askForTls, type starttlsProtocols } from './starttls.ts';

/** What is done with a connection. Plain data. */
export interface TcpPlan {
	readonly tls: boolean;
	readonly starttls: (typeof starttlsProtocols)[number] | null;
	readonly verify: boolean;
	/** Whom the certificate is for, where that is not the host. */
	readonly serverName: string | null;
	readonly send: string | null;
	readonly expect: string | null;
}

export interface TcpServer extends Endpoint {
	readonly host: string;
}

/** What all pings of a run use. */
export interface TcpRoom {
	readonly plan: TcpPlan;
	readonly timeoutMs: number;
	/** Null where no TLS is spoken. */
	readonly context: SecureContext | null;
}

type Opened = { readonly stream: Socket | TLSSocket; readonly endMs: number } | Lost | Failure | null;

/** One ping: a connection, and all that the order wants of it. */
export function tcpPing(server: TcpServer, room: TcpRoom, signal: AbortSignal): Promise<Pinged | null> {
	return attempt(room.timeoutMs, signal, async (one): Promise<Attempted> => {
		one.facts['address'] = server.address;
		one.doing = 'connecting';
		const socket = await connectTcp(server, one.signal);
		if (socket === null || !('destroy' in socket)) return socket;
		try {
			const connectedMs = performance.now();
			one.facts['connect'] = secondsFrom(one.startMs, connectedMs);
			const opened = await secured(socket, server, room, one, connectedMs);
			if (opened === null || !('stream' in opened)) return opened;
			return await talk(opened.stream, opened.endMs, server, room.plan, one);
		} finally {
			socket.destroy();
		}
	});
}

async function secured(
	socket: Socket,
	server: TcpServer,
	{ plan, context }: TcpRoom,
	one: Attempt,
	connectedMs: number,
): Promise<Opened> {
	if (context === null) return { stream: socket, endMs: connectedMs };
	let beganMs = connectedMs;
	if (plan.starttls !== null) {
		one.doing = 'asking for TLS';
		const reader = new Reader(socket, server, one.signal);
		const upgraded = await askForTls(plan.starttls, reader, (line) => {
			one.facts['banner'] = line;
		});
		if (upgraded !== 'ready') return upgraded;
		beganMs = performance.now();
		one.facts['starttls'] = secondsFrom(connectedMs, beganMs);
	}
	one.doing = 'in the TLS handshake';
	const wanted = { serverName: plan.serverName ?? server.host, verify: plan.verify, context };
	const shaken = await handshake(socket, wanted, one.signal);
	if (shaken === null) return null;
	Object.assign(one.facts, shaken.facts);
	if ('lossReason' in shaken) return { lossReason: shaken.lossReason };
	const endMs = performance.now();
	one.facts['tls'] = secondsFrom(beganMs, endMs);
	return { stream: shaken.secure, endMs };
}

const bannerMax = 250;

/** Sends, and waits for what has to come; without that the connection alone is the answer. */
async function talk(
	stream: Socket | TLSSocket,
	readyMs: number,
	server: TcpServer,
	{ send, expect }: TcpPlan,
	one: Attempt,
): Promise<Attempted> {
	if (expect === null) {
		if (send !== null) stream.end(send);
		return { endMs: readyMs };
	}
	one.doing = 'waiting for what is expected';
	let firstMs: number | null = null;
	const look = (received: Buffer): { readonly endMs: number } | Failure | null => {
		const nowMs = performance.now();
		const text = received.toString('utf8');
		if (firstMs === null) {
			firstMs = nowMs;
			one.facts['first_byte'] = secondsFrom(readyMs, nowMs);
		}
		const found = matches(expect, text);
		const [line = ''] = text.split(/\r?\n/, 1);
		one.facts['banner'] = printable(line.slice(0, bannerMax));
		if (typeof found === 'object') return { failure: `tcp.expect: ${found.tooLong}`, code: 'limited' };
		return found ? { endMs: nowMs } : null;
	};
	const reader = new Reader(stream, server, one.signal);
	const heard = await reader.until(look, send ?? undefined);
	stream.destroy();
	return heard;
}
