import type { Command } from 'commander';
import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import { type Checked, cannotTell, checkDaemon, checkOrders, verdicts } from './check.ts';
import type { DaemonView } from './daemon.ts';
import { baseDirOf, type StatusOptions } from './show.ts';

interface Judged {
	readonly rows: Parameters<typeof checkOrders>[0];
	readonly errors: readonly string[];
	readonly problems: readonly string[];
}

/** What does not go with `--check`, which prints one line. */
const beside = ['json', 'watch', 'totals', 'sinks', 'failing'] as const;

/**
 * Prints the line of `status --check`. Resolves with the exit code; never rejects.
 *
 * @param read reads the orders that are judged, with what the daemon says of them
 */
export async function showCheck(
	words: readonly string[],
	options: StatusOptions,
	stdout: { write(text: string): unknown },
	read: () => Promise<{ readonly judged: Judged; readonly asked: Asked<DaemonView> }>,
): Promise<0 | 1 | 2 | 3> {
	const { verdict, line } = await judge(words, options, read).catch((error: Error) =>
		cannotTell([error.message]),
	);
	stdout.write(`${line}\n`);
	return verdicts[verdict];
}

async function judge(
	words: readonly string[],
	options: StatusOptions,
	read: Parameters<typeof showCheck>[3],
): Promise<Checked> {
	const wrong = beside.filter((flag) => options[flag] === true);
	if (wrong.length > 0) return cannotTell([`--${wrong[0]} does not go with --check. Leave one of them out`]);
	if (options.daemon === true) {
		if (words.length > 0) return cannotTell(['--daemon judges no orders. Leave it out, or name no orders']);
		return checkDaemon(await askAboutDaemon(baseDirOf(options)));
	}
	const { judged, asked } = await read();
	if (judged.errors.length > 0) return cannotTell(judged.errors);
	return checkOrders(judged.rows, asked, judged.problems);
}

/** A mistyped option is no warning to a monitoring system: with `--check` it cannot tell. */
export function exitAsPlugin(command: Command): void {
	command.exitOverride(({ exitCode }) => {
		process.exit(exitCode !== 0 && process.argv.includes('--check') ? verdicts.UNKNOWN : exitCode);
	});
}
