import { type ChildProcess, spawn } from 'node:child_process';
import { partName } from '../../../model/alert.ts';
import { errnoWords, errorCode } from '../../../model/errno.ts';
import type { Notification, OpenNotifier } from '../../../model/notifier.ts';
import { messageJson } from '../shared/json.ts';
import { toldOf } from '../shared/told.ts';
import { lossesOf, rttsOf } from '../shared/words.ts';
import type { ExecSettings } from './settings.ts';

/** What it says is kept to tell why it failed. */
const outputMost = 2000;

export async function openExec(settings: ExecSettings): Promise<OpenNotifier> {
	const [program, ...before] = typeof settings.command === 'string' ? [settings.command] : settings.command;
	const told = toldOf(settings);
	return {
		send: (notification, signal) =>
			told.each(notification, async (single) => {
				const input = `${JSON.stringify(messageJson(single))}\n`;
				await run(program, [...before, ...argumentsOf(single)], input, signal);
			}),
		close: async () => {},
	};
}

/** As SmokePing gives them: alert, target, loss, rtt, host, and 1 when it is raised, 0 when it is over. */
export function argumentsOf({ about, members: [alert] }: Notification): readonly string[] {
	if (alert === undefined) return [];
	const { rule, order, part, slots } = alert;
	return [
		rule,
		order === null ? (part === undefined ? '' : partName(part)) : order.id.replaceAll('/', '.'),
		`loss: ${lossesOf(slots)}`,
		`rtt: ${rttsOf(slots)}`,
		order === null ? '' : order.target,
		about === 'clear' ? '0' : '1',
	];
}

/** Resolves when it ends with 0. It is killed, with all that it has started, when the signal fires. */
async function run(
	program: string,
	args: readonly string[],
	input: string,
	signal: AbortSignal,
): Promise<void> {
	if (signal.aborted) throw new Error(`${program}: no time is left for it`);
	const child = start(program, args);
	let output = '';
	const keep = (text: Buffer) => {
		if (output.length < outputMost) output += text.toString('utf8');
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	// It need not read what it is given.
	child.stdin?.on('error', () => {});
	const stop = () => kill(child);
	try {
		await new Promise<void>((resolve, reject) => {
			child.on('error', (error) => reject(new Error(`cannot start ${program}: ${wordsOf(error)}`)));
			// Not `close`: what it leaves running may hold the pipes for ever.
			child.on('exit', (code, endedBy) => {
				if (code === 0) resolve();
				else reject(new Error(`${program} ${endOf(code, endedBy)}: ${excerptOf(output)}`));
			});
			signal.addEventListener('abort', stop, { once: true });
			child.stdin?.end(input);
		});
	} finally {
		signal.removeEventListener('abort', stop);
		child.stdout?.destroy();
		child.stderr?.destroy();
	}
}

function start(program: string, args: readonly string[]): ChildProcess {
	try {
		return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, cwd: '/' });
	} catch (error) {
		throw new Error(`cannot start ${program}: ${wordsOf(error)}`);
	}
}

function kill({ pid }: ChildProcess): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// It is gone.
	}
}

function endOf(code: number | null, endedBy: NodeJS.Signals | null): string {
	return code === null ? `was ended by ${endedBy}` : `ends with ${code}`;
}

function wordsOf(error: unknown): string {
	return (errnoWords as Readonly<Record<string, string>>)[errorCode(error)] ?? (error as Error).message;
}

function excerptOf(text: string): string {
	const line = text.replaceAll(/\s+/g, ' ').trim();
	return line === '' ? 'it says nothing' : line.slice(0, 200);
}
