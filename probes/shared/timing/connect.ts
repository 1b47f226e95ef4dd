import { connect, type Socket } from 'node:net';
import { withZoneName } from '../way-out.ts';
import { localFailure, lossByError } from './failures.ts';
import type { Failure } from './pings.ts';

/** Why a ping is lost. */
export interface Lost {
	readonly lossReason: string;
}

/** Where to, and from where. */
export interface Endpoint {
	readonly address: string;
	readonly port: number;
	readonly sourceIp?: string | undefined;
}

/** How an error of a connection counts. `otherwise` is the reason when it is of neither end, such as of TLS. */
export function verdictOf(
	error: NodeJS.ErrnoException,
	{ address, port, sourceIp }: Endpoint,
	otherwise?: string,
): Lost | Failure {
	const lossReason = lossByError(error.code ?? '') ?? otherwise;
	return lossReason === undefined ? localFailure(error, `${address} port ${port}`, sourceIp) : { lossReason };
}

/**
 * A new connection over TCP; null when the signal fired before. The signal destroys it also later. It has a listener of
 * errors, which does nothing: whoever uses it listens too.
 */
export function connectTcp(to: Endpoint, signal: AbortSignal): Promise<Socket | Lost | Failure | null> {
	const host = withZoneName(to.address);
	if (host === null) {
		const zone = to.address.slice(to.address.indexOf('%') + 1);
		const failure = `cannot connect to ${to.address} port ${to.port}: there is no interface ${zone} that is up: look at ip address`;
		return Promise.resolve({ failure, code: 'no_route' });
	}
	if (signal.aborted) return Promise.resolve(null);
	return new Promise((resolve) => {
		const { port, sourceIp } = to;
		const socket = connect({
			host,
			port,
			noDelay: true,
			autoSelectFamily: false,
			...(sourceIp === undefined ? {} : { localAddress: sourceIp }),
		});
		const abort = () => {
			socket.destroy();
			resolve(null);
		};
		signal.addEventListener('abort', abort, { once: true });
		socket.once('close', () => signal.removeEventListener('abort', abort));
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(verdictOf(error, to)));
		socket.once('connect', () => resolve(socket));
	});
}
