import { errnoRemedies, errnoWords, errorCode, reasonIn } from '../../../src/model/errno.ts';
import type { Failure } from './pings.ts';

/** What the other end, or something on the way to it, did. All other errors of the system are of this machine. */
const ofTheNetwork: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ECONNABORTED',
	'EPIPE',
	'ETIMEDOUT',
	'EHOSTUNREACH',
	'EHOSTDOWN',
]);

/** Why a ping is lost that ended with this error; null when the error is of this machine. */
export function lossByError(code: string): string | null {
	return ofTheNetwork.has(code) ? errnoWords[code as keyof typeof errnoWords] : null;
}

const remedies: Readonly<Record<string, string>> = {
	...errnoRemedies,
	EACCES: 'this machine forbids it: look at its routes and its firewall',
	EPERM: 'this machine forbids it: look at its firewall',
	EINVAL: 'this machine refuses to send to it: is its route a blackhole? look at ip route',
	ENETUNREACH: `${errnoWords.ENETUNREACH}: look at ip route`,
	ENETDOWN: `${errnoWords.ENETDOWN}: look at ip link`,
	EADDRNOTAVAIL: `${errnoWords.EADDRNOTAVAIL}: widen sysctl net.ipv4.ip_local_port_range`,
	EAFNOSUPPORT: errnoWords.EAFNOSUPPORT,
};

const noRoute: ReadonlySet<string> = new Set([
	'EACCES',
	'ENETUNREACH',
	'ENETDOWN',
	'EINVAL',
	'ENODEV',
	'EAFNOSUPPORT',
]);

/** Why a connection could not even be tried. `from`: the address to send from, where the order names one. */
export function localFailure(error: NodeJS.ErrnoException, to: string, from?: string | undefined): Failure {
	const code = errorCode(error);
	if (from !== undefined && code === 'EADDRNOTAVAIL') {
		const failure = `cannot connect from ${from}: it is no address of this machine: look at ip address (${code})`;
		return { failure, code: 'no_address' };
	}
	return {
		failure: `cannot connect to ${to}: ${reasonIn(error, remedies)} (${code})`,
		code: noRoute.has(code) ? 'no_route' : 'refused_here',
	};
}
