import { connect } from 'node:net';
import type { Sample } from '../../src/model/measurement.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
import { localFailure, lossByError } from '../shared/timing/failures.ts';
import { withZoneName } from '../shared/way-out.ts';
import { GreetingReader } from './identification.ts';
import { lossByWords } from './loss.ts';

export interface SshServer {
	readonly address: string;
	readonly port: number;
}

export type PingOutcome =
	/** `identification`: what the server called itself. */
	| {
			readonly sample: Sample;
			readonly lossReason: string | null;
			readonly identification: string | null;
	  }
	/** Nothing is known, through no fault of the server: why, fit for the user. */
	| { readonly failure: string; readonly code: ReasonCode };

/** After we have closed our side, the server is given so much time to close its own. */
const lingerMs = 2000;

/**
 * One ping: connects, and waits for the whole identification line. The round-trip time is from the one to the other.
 * Lost: refused, reset, closed or silent before the line has come, or not SSH.
 *
 * Resolves with null when the signal fires before anything is known.
 *
 * @param ours our own identification line: sshd logs an error about those who do not send one
 */
export function ping(
	{ address, port }: SshServer,
	ours: string,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<PingOutcome | null> {
	const host = withZoneName(address);
	if (host === null) return Promise.resolve({ failure: noInterface(address, port), code: 'no_route' });
	return new Promise((resolve) => {
		const sentAtSeconds = Date.now() / 1000;
		const startMs = performance.now();
		const socket = connect({ host, port, noDelay: true });
		const settle = (outcome: PingOutcome | null, isOver = true) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
			resolve(outcome);
			if (isOver) socket.destroy();
		};
		const greeting = new GreetingReader();
		const lost = (how: string) => {
			const lossReason = lossByWords(greeting.received, how);
			settle({ sample: { sentAtSeconds, rttSeconds: null }, lossReason, identification: null });
		};
		const abort = () => settle(null);
		const timer = setTimeout(() => lost('timed out'), timeoutMs);
		signal.addEventListener('abort', abort, { once: true });
		// Also after it is over: a reset then is nobody's affair.
		socket.on('error', (error: NodeJS.ErrnoException) => {
			const lossReason = lossByError(error.code ?? '');
			if (lossReason !== null) lost(lossReason);
			else settle(localFailure(error, `${address} port ${port}`));
		});
		socket.once('connect', () => socket.write(ours));
		socket.once('end', () => lost('closed before the identification'));

		const read = (chunk: Buffer) => {
			const found = greeting.add(chunk);
			if (found === 'incomplete') return;
			if (found === 'not SSH') return lost('identification malformed or too long');
			const rttSeconds = Math.round((performance.now() - startMs) * 1000) / 1e6;
			socket.off('data', read);
			settle(
				{ sample: { sentAtSeconds, rttSeconds }, lossReason: null, identification: found.identification },
				false,
			);
			closeGently();
		};
		socket.on('data', read);

		/** What the server still sends is read: a reset would be logged as an error there. */
		function closeGently(): void {
			socket.resume();
			socket.end();
			const linger = setTimeout(() => socket.destroy(), lingerMs);
			socket.once('close', () => clearTimeout(linger));
		}
	});
}

function noInterface(address: string, port: number): string {
	const zone = address.slice(address.indexOf('%') + 1);
	return `cannot connect to ${address} port ${port}: there is no interface ${zone} that is up: look at ip address`;
}
