import { printable, withoutPasswords } from '../src/model/printable.ts';

const textMax = 60;

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
		.subarray(0, 4 * textMax)
		.toString('utf8')
		.trimStart()
		.split(/[\r\n]/, 1);
	const said = line.trimEnd();
	if (said === '' || 'SSH-'.startsWith(said)) return otherwise;
	if (ofSshd.test(said)) return short(`refused by sshd: ${said}`);
	return short(said.startsWith('SSH-') ? otherwise : `not SSH: ${said}`);
}

/** Fit to be shown, and so short that many orders may remember it. */
function short(text: string): string {
	const shown = printable(withoutPasswords(text));
	return shown.length <= textMax
		? shown
		: `${shown.slice(0, textMax - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}

/** How often each reason is among them. */
export function countedReasons(losses: readonly string[]): Record<string, number> {
	const counts = new Map<string, number>();
	for (const reason of losses) counts.set(reason, (counts.get(reason) ?? 0) + 1);
	return Object.fromEntries(counts);
}
