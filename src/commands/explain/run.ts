import type { RunAnswer } from '../../model/answers.ts';
import { printable } from '../../model/printable.ts';
import { counted, shellWords } from '../shared/words.ts';
import { widthOf } from '../terminal/text.ts';
import type { OrderMemory } from './facts.ts';
import { clock, entry, heading, indent, type Pen } from './pen.ts';

/** The last run, with its command lines, and when the next one is. */
export function runLines({ last_run: run, next_due }: OrderMemory, pen: Pen): string[] {
	const next = entry('next', clock(next_due, pen), pen);
	if (run === null) return [heading('RUNS', pen), ...entry('last', 'none yet', pen), ...next];
	const window = `${Number(run.window.toFixed(1))} s`;
	const took =
		run.took === null ? `still running, ${window} at most` : `took ${run.took.toFixed(1)} s of ${window}`;
	const share = `${took}, ${counted(run.targets, 'target')}`;
	return [
		heading('RUNS', pen),
		...entry('last', `${clock(run.started, pen)}, ${share}`, pen),
		...commandLines(run, pen),
		...next,
	];
}

/** As they can be pasted into a shell. */
function commandLines(run: RunAnswer, pen: Pen): string[] {
	const lines = run.commands.flatMap((command) => {
		const broken = pasteable(shellWords(command), pen.columns - 2 * indent.length);
		const input = command.input_lines;
		const note = input === 0 ? [] : [`  with ${counted(input, 'line')} on its standard input`];
		return [...broken.map((line, index) => (index === 0 ? `$ ${line}` : `    ${line}`)), ...note];
	});
	return [...lines, ...run.notes.map(printable), ...leftOut(run)].map((line) => indent + line);
}

function leftOut({ commands, commands_left_out: count }: RunAnswer): string[] {
	if (count === 0) return [];
	if (commands.length > 0) return [`and ${counted(count, 'more command')}`];
	return [`${counted(count, 'command')} of the run, none known to be for this target`];
}

function pasteable(words: readonly string[], width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of words) {
		const longer = line === '' ? word : `${line} ${word}`;
		// Two columns for what says that it goes on, four for how far in it then begins.
		if (line !== '' && widthOf(longer) > width - (lines.length === 0 ? 2 : 4) - 2) {
			lines.push(`${line} \\`);
			line = word;
		} else line = longer;
	}
	return [...lines, line];
}
