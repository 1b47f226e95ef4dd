import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OrderTrouble } from '../../orders/writer.ts';

/** A section, or a part of one: `+ Name` below `*** Section ***`, `++ Name` below that, and so on. */
export interface Node {
	readonly name: string;
	readonly values: Map<string, string>;
	readonly children: Node[];
	/** Where it stands. */
	readonly at: string;
}

const fileMaxBytes = 8 * 1024 * 1024;
const linesMax = 500_000;
const filesMax = 1000;
const depthMax = 50;

interface Reading {
	readonly sections: Map<string, Node>;
	readonly defined: Map<string, string>;
	/** The parts that are open, the section first. */
	readonly open: Node[];
	lines: number;
	files: number;
}

/**
 * Reads a config of SmokePing with all that it includes: sections, `key = value`, lines that go on after a backslash,
 * `@include` and `@define`. Throws `OrderTrouble` with file and line.
 */
export function readSmokepingConfig(file: string): ReadonlyMap<string, Node> {
	const reading: Reading = { sections: new Map(), defined: new Map(), open: [], lines: 0, files: 0 };
	readFileInto(reading, resolve(file));
	return reading.sections;
}

function readFileInto(reading: Reading, file: string): void {
	if (++reading.files > filesMax) throw new OrderTrouble(`${file}: more than ${filesMax} files are included`);
	readTextInto(reading, textOf(file), file);
}

function textOf(file: string): string {
	try {
		const stat = statSync(file);
		if (!stat.isFile()) throw new OrderTrouble(`${file}: is not a regular file`);
		if (stat.size > fileMaxBytes) throw new OrderTrouble(`${file}: is larger than ${fileMaxBytes} bytes`);
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof OrderTrouble) throw error;
		throw new OrderTrouble(`${file}: cannot be read: ${(error as Error).message}`);
	}
}

/** Reads a text alone, as if it stood in that file. Throws `OrderTrouble`. */
export function readSmokepingText(text: string, file: string): ReadonlyMap<string, Node> {
	const reading: Reading = { sections: new Map(), defined: new Map(), open: [], lines: 0, files: 0 };
	readTextInto(reading, text, file);
	return reading.sections;
}

function readTextInto(reading: Reading, text: string, file: string): void {
	let begun = '';
	for (const [index, line] of text.split(/\r?\n/).entries()) {
		if (++reading.lines > linesMax) throw new OrderTrouble(`${file}: more than ${linesMax} lines`);
		if (line.endsWith('\\')) {
			begun += `${line.slice(0, -1).trim()} `;
			continue;
		}
		const whole = (begun + line.trim()).trim();
		begun = '';
		if (whole === '' || whole.startsWith('#')) continue;
		readLine(reading, withDefined(reading, whole), file, `${file}:${index + 1}`);
	}
}

function withDefined({ defined }: Reading, line: string): string {
	if (defined.size === 0 || line.startsWith('@define')) return line;
	return line.replaceAll(/\w+/g, (word) => defined.get(word) ?? word);
}

function readLine(reading: Reading, line: string, file: string, at: string): void {
	const include = /^@include\s+(\S+)$/.exec(line)?.[1];
	if (include !== undefined) {
		readFileInto(reading, resolve(dirname(file), include));
		return;
	}
	const define = /^@define\s+(\w+)\s+(.*)$/.exec(line);
	if (define !== null) {
		reading.defined.set(define[1] ?? '', define[2] ?? '');
		return;
	}
	const section = /^\*\*\*\s*(\S.*?)\s*\*\*\*$/.exec(line)?.[1];
	if (section !== undefined) {
		const node = reading.sections.get(section) ?? newNode(section, at);
		reading.sections.set(section, node);
		reading.open.splice(0, reading.open.length, node);
		return;
	}
	const [, marks, name = ''] = /^(\++)\s*(\S.*?)(?:\s+#.*)?$/.exec(line) ?? [];
	if (marks !== undefined) {
		openPart(reading, marks.length, name, at);
		return;
	}
	const value = /^([\w-]+)\s*=\s*(.*)$/.exec(line);
	const node = reading.open.at(-1);
	if (node === undefined) throw new OrderTrouble(`${at}: stands before the first *** section ***`);
	// Tables, such as those of the archives, say nothing that is needed.
	if (value !== null) node.values.set(value[1] ?? '', (value[2] ?? '').replace(/\s+#\s.*$/, '').trim());
}

function openPart({ open }: Reading, depth: number, name: string, at: string): void {
	const parent = open[depth - 1];
	if (parent === undefined || depth > depthMax)
		throw new OrderTrouble(`${at}: ${'+'.repeat(Math.min(depth, depthMax))} ${name} has no part above it`);
	const node = newNode(name, at);
	parent.children.push(node);
	open.splice(depth, open.length, node);
}

function newNode(name: string, at: string): Node {
	return { name, values: new Map(), children: [], at };
}
