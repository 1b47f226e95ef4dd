import { reasonMax, shortReason } from '../shared/loss-reasons.ts';

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
