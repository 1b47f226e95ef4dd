import { printable } from '../src/model/printable.ts';
import type { CommandResult } from '../src/model/probe.ts';

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
