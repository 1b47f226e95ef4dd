import type { CommandAnswer, RunAnswer } from '../../model/answers.ts';
import { printable } from '../../model/printable.ts';
import { counted, shellWord, shellWords } from '../shared/words.ts';
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
		...addressLines(run, pen),
		...commandLines(run, pen),
		...next,
	];
}

function addressLines({ address, address_kept_since: since }: RunAnswer, pen: Pen): string[] {
	if (address === undefined || address === null) return [];
	const shown = printable(address);
	if (since === undefined || since === null) return entry('address', shown, pen);
	const why = `the name service did not answer: its last good address, of ${clock(since, pen)}`;
	return entry('address', `${shown} (${why})`, pen);
}

/** As they can be pasted into a shell. */
function commandLines(run: RunAnswer, pen: Pen): string[] {
	const lines = run.commands.flatMap((command) => {
		const words = [...inputWords(command), ...shellWords(command)];
		const broken = pasteable(words, pen.columns - 2 * indent.length);
		const note = inputNote(command);
		return [...broken.map((line, index) => (index === 0 ? `$ ${line}` : `    ${line}`)), ...note];
	});
	return [...lines, ...run.notes.map(printable), ...leftOut(run)].map((line) => indent + line);
}

/** What gives it the line of this order. */
function inputWords({ own_input: line }: CommandAnswer): string[] {
	return line === undefined ? [] : ['printf', "'%s\\n'", shellWord(line), '|'];
}

function inputNote({ input_lines: lines, own_input: line }: CommandAnswer): string[] {
	if (line === undefined)
		return lines === 0 ? [] : [`  with ${counted(lines, 'line')} on its standard input`];
	return lines === 1 ? [] : [`  and ${counted(lines - 1, 'more line')} on its standard input`];
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
