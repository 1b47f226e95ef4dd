import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import type { CommandResult, ProbeTools } from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';

/** By key type as ssh-keyscan prints it: what its option `-t` calls it. */
const scanTypes: Readonly<Record<string, string>> = {
	'ssh-rsa': 'rsa',
	'ssh-ed25519': 'ed25519',
	'ecdsa-sha2-nistp256': 'ecdsa',
	'ecdsa-sha2-nistp384': 'ecdsa',
	'ecdsa-sha2-nistp521': 'ecdsa',
};
const choice = 'Write rsa, ecdsa, ed25519, or in full one of: ecdsa-sha2-nistp256, -nistp384, -nistp521';

/** `key_type`: `rsa`, `ecdsa`, `ed25519`, or the curve of ecdsa in full. */
export const keyTypeOption = once(() =>
	z.string().transform((text, context) => {
		const type = text.trim().toLowerCase();
		const short = scanTypes[type] ?? type;
		if (Object.values(scanTypes).includes(short)) return short === 'ecdsa' ? type : short;
		context.addIssue({ code: 'custom', message: `unknown key type ${inWords(text)}. ${choice}` });
		return z.NEVER;
	}),
);

/** What is lent to the check. */
type KeyTools = Pick<ProbeTools, 'runCommand' | 'signal'> & { readonly program: string };

/** How ssh-keyscan is called. It takes whole seconds. */
function argvOf(keyType: string, port: number, timeoutSeconds: number): string[] {
	return ['-p', String(port), '-T', String(timeoutSeconds), '-t', scanTypes[keyType] ?? keyType];
}

/** Throws an `Error` for the user when ssh-keyscan is not there. It does nothing without hosts. */
export async function assertKeyscan({ runCommand, signal, program }: KeyTools): Promise<void> {
	await runCommand(program, ['-f', '-'], { signal, endWith: 'SIGTERM', debianPackage: 'openssh-client' });
}

/** By address: the type of the wanted key that has been shown. Addresses are as ssh-keyscan prints them. */
function shownKeys(stdout: string, keyType: string): Map<string, string> {
	const shown = new Map<string, string>();
	for (const line of stdout.split('\n')) {
		const [where = '', type = ''] = line.split(' ');
		const isWanted =
			keyType === 'ecdsa' ? scanTypes[type] === 'ecdsa' : type === keyType || scanTypes[type] === keyType;
		// On another port than 22 it writes [ADDRESS]:PORT.
		if (isWanted) shown.set(/^\[(.*)\]:\d+$/.exec(where)?.[1] ?? where, type);
	}
	return shown;
}

/** What ssh-keyscan says with `-v` when the server has offered its keys, and none is of this type. */
const noMatch = /^debug1: kex: host key algorithm: \(no match\)\r?$/m;

/** So many servers that have shown no key are asked again at a time. */
const askedAtATime = 8;
const timeoutMaxSeconds = 5;

export interface HostKeys {
	/** By address: the type of the host key that was shown, in full. */
	readonly types: ReadonlyMap<string, string>;
	/** Addresses that have an SSH server without a host key of the wanted type. */
	readonly without: ReadonlySet<string>;
}

/**
 * Asks servers for their host keys of one type. One that did not answer, because it was slow or had enough of us, has
 * neither shown a key nor has it none. Throws an `Error` for the user when ssh-keyscan fails.
 *
 * @param leftMs how long it may take
 */
export async function hostKeys(
	addresses: readonly string[],
	keyType: string,
	port: number,
	leftMs: number,
	tools: KeyTools,
): Promise<HostKeys> {
	const timeoutSeconds = Math.max(1, Math.min(timeoutMaxSeconds, Math.floor(leftMs / 1000)));
	const argv = argvOf(keyType, port, timeoutSeconds);
	const signal = AbortSignal.any([tools.signal, AbortSignal.timeout(Math.ceil(Math.max(leftMs, 500)))]);
	const scan = (args: readonly string[], input?: string): Promise<CommandResult> =>
		tools.runCommand(tools.program, [...argv, ...args], {
			...(input === undefined ? {} : { input }),
			signal,
			endWith: 'SIGTERM',
			debianPackage: 'openssh-client',
		});

	const all = await scan(['-f', '-'], addresses.map((address) => `${address}\n`).join(''));
	assertScanned(all);
	const shown = shownKeys(all.stdout, keyType);
	const silent = addresses.filter((address) => !shown.has(address));
	const without = new Set<string>();
	const askAgain = async () => {
		for (let address = silent.pop(); address !== undefined && !signal.aborted; address = silent.pop()) {
			const again = await scan(['-v', '--', address]);
			assertScanned(again);
			const hasOtherCurve =
				again.stdout.includes('ecdsa-sha2-') && shownKeys(again.stdout, keyType).size === 0;
			if (noMatch.test(again.stderr) || hasOtherCurve) without.add(address);
		}
	};
	await Promise.all(Array.from({ length: askedAtATime }, askAgain));
	return { types: shown, without };
}

/** It exits with 1 when it has not got every key. */
function assertScanned(run: CommandResult): void {
	if (run.stopped || run.exitCode === 0 || run.exitCode === 1) return;
	throw new ProbeError('program_failed', describeFailedRun('ssh-keyscan', run, run.stderr.split('\n')));
}
