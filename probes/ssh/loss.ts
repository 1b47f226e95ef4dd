import { errnoWords } from '../../src/model/errno.ts';
import { reasonMax, shortReason } from '../shared/loss-reasons.ts';

/** What the server, or something on the way to it, did. All other errors are of this machine. */
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
