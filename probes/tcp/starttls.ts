import { printable } from '../../src/model/printable.ts';
import type { Lost } from '../shared/timing/connect.ts';
import type { Failure } from '../shared/timing/pings.ts';
import type { Reader } from './reader.ts';

export const starttlsProtocols = ['smtp', 'imap', 'pop3', 'ftp', 'postgres', 'ldap'] as const;

/** Done; or what went wrong; null: the signal fired. */
export type Upgraded = 'ready' | Lost | Failure | null;

/** Is told the first line that the server says. */
export type Greeted = (line: string) => void;

/** Asks a server to speak TLS from now on, as its protocol has it. */
export async function askForTls(
	protocol: (typeof starttlsProtocols)[number],
	reader: Reader,
	greeted: Greeted,
): Promise<Upgraded> {
	if (protocol === 'postgres') return await reader.until(postgresAnswer, postgresRequest);
	if (protocol === 'ldap') return await reader.until(ldapAnswer, ldapRequest);
	for (const { send, done, lacks } of dialogues[protocol]) {
		const heard = await reader.until(replyOf(done), send);
		if (heard === null || 'lossReason' in heard || 'failure' in heard) return heard;
		if (send === undefined) greeted(heard.lines[0] ?? '');
		if (!heard.isGood) return { lossReason: `no TLS: ${heard.lines.at(-1) ?? ''}` };
		if (lacks?.(heard.lines) === true) return { lossReason: 'no TLS: STARTTLS is not offered' };
	}
	return 'ready';
}

interface Step {
	/** Undefined: the server speaks first. */
	readonly send?: string;
	/** Whether a line is the last of a reply, and a good one; null: more lines follow. */
	readonly done: (line: string) => boolean | null;
	/** Whether a good reply lacks what is needed. */
	readonly lacks?: (lines: readonly string[]) => boolean;
}

/** `220-` goes on, `220 ` is the last line. */
const code =
	(good: string) =>
	(line: string): boolean | null => {
		if (/^\d{3}-/.test(line)) return null;
		if (/^\d{3}(?: |$)/.test(line)) return line.startsWith(good);
		// FTP may have any lines between.
		return line.startsWith(' ') ? null : false;
	};
const plus = (line: string) => line.startsWith('+OK');
const tagged = (line: string) => (line.startsWith('* ') ? null : /^p1 OK/i.test(line));

const dialogues: Readonly<Record<'smtp' | 'imap' | 'pop3' | 'ftp', readonly Step[]>> = {
	smtp: [
		{ done: code('220') },
		{
			send: 'EHLO pingmachine\r\n',
			done: code('250'),
			lacks: (lines) => !lines.some((line) => /^250[- ]STARTTLS\s*$/i.test(line)),
		},
		{ send: 'STARTTLS\r\n', done: code('220') },
	],
	imap: [{ done: (line) => /^\* OK/i.test(line) }, { send: 'p1 STARTTLS\r\n', done: tagged }],
	pop3: [{ done: plus }, { send: 'STLS\r\n', done: plus }],
	ftp: [{ done: code('220') }, { send: 'AUTH TLS\r\n', done: code('234') }],
};

interface Heard {
	readonly lines: readonly string[];
	readonly isGood: boolean;
}

/**
 * Looks for a whole reply. What comes behind it, before TLS is spoken, could be put there by anybody on the way: then it
 * is none.
 */
export function replyOf(done: Step['done']): (received: Buffer) => Heard | Lost | null {
	return (received) => {
		const text = received.toString('latin1');
		const end = text.lastIndexOf('\n');
		if (end === -1) return null;
		const lines = text
			.slice(0, end)
			.split('\n')
			.map((line) => printable(line.replace(/\r$/, '')));
		for (const [at, line] of lines.entries()) {
			const isGood = done(line);
			if (isGood === null) continue;
			const isLast = at === lines.length - 1 && end === text.length - 1;
			return isLast ? { lines, isGood } : { lossReason: 'said more than was asked, before TLS' };
		}
		return null;
	};
}

/** SSLRequest: a length of 8, and the code 80877103. */
const postgresRequest = Buffer.from('0000000804d2162f', 'hex');

function postgresAnswer(received: Buffer): 'ready' | Lost | null {
	if (received.length > 1) return { lossReason: 'said more than was asked, before TLS' };
	const said = received.toString('latin1');
	if (said === 'S') return 'ready';
	return { lossReason: said === 'N' ? 'no TLS: it is not offered' : 'not PostgreSQL' };
}

/** An extended request, whose name is that of StartTLS: RFC 4511, 4.14. */
const ldapRequest = Buffer.concat([
	Buffer.from('301d02010177188016', 'hex'),
	Buffer.from('1.3.6.1.4.1.1466.20037', 'latin1'),
]);

/** A sequence with the number of the message and an extended response, whose first part is the result code. */
export function ldapAnswer(received: Buffer): 'ready' | Lost | null {
	const notLdap: Lost = { lossReason: 'not LDAP' };
	const message = elementAt(received, 0);
	if (message === null) return received[0] === 0x30 && received.length < 6 ? null : notLdap;
	if (message.tag !== 0x30) return notLdap;
	if (received.length < message.end) return null;
	if (received.length > message.end) return { lossReason: 'said more than was asked, before TLS' };
	const id = elementAt(received, message.start);
	const response = id === null ? null : elementAt(received, id.end);
	const result = response === null ? null : elementAt(received, response.start);
	if (response?.tag !== 0x78 || result?.tag !== 0x0a || result.end > received.length) return notLdap;
	const resultCode = received[result.start] ?? -1;
	return resultCode === 0 ? 'ready' : { lossReason: `no TLS: LDAP result code ${resultCode}` };
}

interface Element {
	readonly tag: number;
	/** Where its content begins and ends. */
	readonly start: number;
	readonly end: number;
}

/** An element of BER; null when its head is not whole, or its length has more than two bytes. */
function elementAt(bytes: Buffer, at: number): Element | null {
	const [tag, first] = [bytes[at], bytes[at + 1]];
	if (tag === undefined || first === undefined) return null;
	if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
	const count = first & 0x7f;
	if (count === 0 || count > 4 || bytes.length < at + 2 + count) return null;
	const length = bytes.readUIntBE(at + 2, count);
	return length > 65_535 ? null : { tag, start: at + 2 + count, end: at + 2 + count + length };
}
