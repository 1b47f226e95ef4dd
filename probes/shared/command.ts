import { z } from 'zod';
import type { Clock } from '../../src/model/clock.ts';
import { printable } from '../../src/model/printable.ts';
import { type CommandResult, ProbeError } from '../../src/model/probe.ts';

/** The setting that names a program: a name, or a path from the root. */
export function commandSetting(example: string): z.ZodOptional<z.ZodString> {
	const message = `must be the name of a program or its path from the root, such as ${example}`;
	return z
		.string()
		.regex(/^(?:\/.*|[^-/][^/]*)$/, message)
		.optional();
}

/** A clock that is corrected bit by bit never differs by so much between two looks at it. */
const clockStepMs = 100;

/**
 * For programs that time with the wall clock: when that is set meanwhile, answers seem lost that were not. The
 * function that is returned throws an `Error` for the user when that has happened since.
 */
export function watchClock(program: string, clock: Clock): () => void {
	const difference = () => clock.wallMs() - clock.monotonicMs();
	const before = difference();
	return () => {
		if (Math.abs(difference() - before) <= clockStepMs) return;
		throw new ProbeError(
			'clock',
			`the clock was set, or the machine slept, while ${program} ran: its times cannot be trusted`,
		);
	};
}

/** More than this of what a program said about its failure helps nobody. */
const lastLines = 3;
const lastCharacters = 300;

/** Why a run gave nothing: how the program ended and what it said last, in one printable line. */
export function describeFailedRun(program: string, run: CommandResult, said: readonly string[]): string {
	const ending = run.endedBy === null ? `exit code ${run.exitCode}` : `ended by ${run.endedBy}`;
	const words = lastWords(said);
	if (words === '') return `${program} failed without a word (${ending})`;
	const prefix = words.startsWith(program) ? '' : `${program}: `;
	return `${prefix}${words} (${ending})`;
}

function lastWords(lines: readonly string[]): string {
	const words = lines.map((line) => printable(line.trim())).filter((line) => line !== '');
	return words.slice(-lastLines).join(' | ').slice(-lastCharacters);
}
