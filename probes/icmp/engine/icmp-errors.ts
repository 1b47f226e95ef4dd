import { errnoWords } from '../../../src/model/errno.ts';
import type { ReasonCode } from '../../../src/model/outcome.ts';
import { errno, errnoName } from './libc.ts';

const unreachable4: Readonly<Record<number, string>> = {
	0: 'network unreachable',
	1: 'host unreachable',
	2: 'protocol unreachable',
	3: 'port unreachable',
	4: 'packet too long for the path',
	9: 'network prohibited',
	10: 'host prohibited',
	13: 'prohibited',
};

const unreachable6: Readonly<Record<number, string>> = {
	0: 'no route',
	1: 'prohibited',
	2: 'beyond scope',
	3: 'host unreachable',
	4: 'port unreachable',
	5: 'source address refused',
	6: 'route refused',
};

/** What an ICMP error says, without who says it. */
export function icmpErrorText(family: 4 | 6, type: number, code: number): string {
	if (type === 3 && family === 4) return unreachable4[code] ?? `unreachable (code ${code})`;
	if (type === 11 && family === 4) return 'time exceeded';
	if (type === 1 && family === 6) return unreachable6[code] ?? `unreachable (code ${code})`;
	if (type === 2 && family === 6) return 'packet too long for the path';
	if (type === 3 && family === 6) return 'time exceeded';
	return `ICMP error ${type} (code ${code})`;
}

const sendErrors: Readonly<Record<number, string>> = {
	[errno.EPERM]: 'sending is not permitted: a firewall rule of this machine may drop it',
	[errno.EACCES]: 'sending is refused: a route of this machine prohibits it, or it is a broadcast address',
	[errno.EINVAL]: 'the kernel refuses to send to it: is its route a blackhole?',
	[errno.EMSGSIZE]: `${errnoWords.EMSGSIZE}: write a smaller size, or leave out df`,
	[errno.EADDRNOTAVAIL]: 'this machine has no address to send from',
	[errno.ENETDOWN]: errnoWords.ENETDOWN,
	[errno.ENETUNREACH]: `network is unreachable: ${errnoWords.ENETUNREACH}`,
	[errno.EHOSTUNREACH]: 'no route to host',
	[errno.ENODEV]: errnoWords.ENODEV,
};

/** Why a packet could not be sent. */
export function sendErrorText(number: number): string {
	const text = sendErrors[number];
	return text === undefined ? `cannot be sent to (${errnoName(number)})` : `${text} (${errnoName(number)})`;
}

const noRoute: ReadonlySet<number> = new Set([
	errno.EACCES,
	errno.EINVAL,
	errno.ENETDOWN,
	errno.ENETUNREACH,
	errno.EHOSTUNREACH,
	errno.ENODEV,
]);

/** Of what kind that is. */
export function sendErrorCode(number: number): ReasonCode {
	return noRoute.has(number) ? 'no_route' : number === errno.EADDRNOTAVAIL ? 'no_address' : 'refused_here';
}
