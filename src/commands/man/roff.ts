/** Lines of roff, with the macros of man(7), which groff, mandoc and others know. */
export type Roff = readonly string[];

/** Characters that roff would take for something else, or print as something that cannot be copied. */
const escapes: Readonly<Record<string, string>> = {
	'\\': '\\(rs',
	'-': '\\-',
	"'": '\\(aq',
	'`': '\\(ga',
	'^': '\\(ha',
	'~': '\\(ti',
	'"': '\\(dq',
};

/** Text that prints as it is, wherever it stands. */
export function plain(text: string): string {
	const escaped = text.replaceAll(/[\\\-'`^~"]/g, (character) => escapes[character] ?? character);
	return escaped.startsWith('.') ? `\\&${escaped}` : escaped;
}

export function bold(text: string): string {
	return `\\fB${plain(text)}\\fP`;
}

export function italic(text: string): string {
	return `\\fI${plain(text)}\\fP`;
}

/** What a line of the source has at most, as roff(7) advises. */
const mostSource = 79;

/** Text that is filled: it may be broken anywhere between words. */
export function filled(text: string): Roff {
	const lines: string[] = [];
	let line = '';
	for (const word of plain(text).split(' ')) {
		if (line !== '' && line.length + word.length + 3 > mostSource) {
			// The end of a line is no end of a sentence: that would be two spaces.
			lines.push(/[.!?)]$/.test(line) ? `${line}\\&` : line);
			line = word.startsWith('.') ? `\\&${word}` : word;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}
	return [...lines, line];
}

export function paragraph(text: string): Roff {
	return ['.PP', ...filled(text)];
}

/** Below a heading no paragraph needs to be begun. */
export function joined(lines: Roff): string {
	return lines
		.filter((line, index) => line !== '.PP' || !lines[index - 1]?.startsWith('.S'))
		.map((line) => `${line}\n`)
		.join('');
}

/**
 * A term, and below it, indented, what it means.
 *
 * @param term roff
 */
export function entry(term: string, text: string): Roff {
	return ['.TP', term, ...filled(text)];
}

/** As it is, line by line. */
export function literal(lines: readonly string[]): Roff {
	return ['.PP', '.RS 4', '.nf', ...lines.map(plain), '.fi', '.RE'];
}

/** What fits into 80 columns, indented as it is, with a backslash behind it. */
const mostColumns = 65;

/** A command for the shell, broken where an option or the next command of a pipe begins. */
export function brokenCommand(command: string): Roff {
	const lines: string[] = [];
	let line = '';
	for (const part of breakableParts(command)) {
		if (line !== '' && line.length + part.length + 1 > mostColumns) {
			lines.push(`${line} \\`);
			line = `  ${part}`;
		} else {
			line = line === '' ? part : `${line} ${part}`;
		}
	}
	return [...lines, line];
}

/** Never inside of single quotes. */
function breakableParts(command: string): readonly string[] {
	const parts: string[] = [];
	for (const part of command.split(/ (?=--|\| )/)) {
		const last = parts.at(-1) ?? '';
		if (last.split("'").length % 2 === 0) parts.splice(-1, 1, `${last} ${part}`);
		else parts.push(part);
	}
	return parts;
}
