import { reasonMax, shortReason } from '../shared/loss-reasons.ts';

/** By error code: what the server, or something on the way to it, did. All other errors are of this machine. */
const errors: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	ECONNABORTED: 'connection aborted',
	EPIPE: 'connection reset',
	ETIMEDOUT: 'timed out',
	EHOSTUNREACH: 'host unreachable',
	EHOSTDOWN: 'host down',
};

/** Why a ping is lost that ended with this error; null when the error is of this machine. */
export function lossByError(code: string): string | null {
	return Object.hasOwn(errors, code) ? (errors[code] ?? null) : null;
}

/** What sshd writes before it closes on those who are too many. */
const ofSshd = /^(?:Exceeded MaxStartups|Not allowed at this time)/;

/**
 * Why a ping is lost, in short: what the server said instead of an identification tells more than how it ended.
 *
 * @param received all that the server has sent
 * @param otherwise the reason when it has sent no line
 */
export function lossByWords(received: Buffer, otherwise: string): string {
	const [line = ''] = received
		.subarray(0, 4 * reasonMax)
		.toString('utf8')
		.trimStart()
		.split(/[\r\n]/, 1);
	const said = line.trimEnd();
	if (said === '' || 'SSH-'.startsWith(said)) return otherwise;
	if (ofSshd.test(said)) return shortReason(`refused by sshd: ${said}`);
	return shortReason(said.startsWith('SSH-') ? otherwise : `not SSH: ${said}`);
}
