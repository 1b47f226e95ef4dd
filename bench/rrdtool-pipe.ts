/** rrdtool in pipe mode, and what it costs. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { RrdShape } from '../src/rrd/index.ts';

/** Microseconds of CPU time. */
export interface Cost {
	readonly user: number;
	readonly system: number;
}

/** A kept `rrdtool -`. */
export class Rrdtool {
	private readonly child: ChildProcessWithoutNullStreams;
	private readonly waiting: ((answer: string) => void)[] = [];
	private unread = '';
	private isKilled = false;

	private constructor(child: ChildProcessWithoutNullStreams) {
		this.child = child;
		child.stdout.setEncoding('latin1');
		child.stdout.on('data', (text: string) => this.read(text));
		// That it has ended is told by its exit.
		child.stdin.on('error', () => {});
		child.once('exit', (_code, signal) => {
			// Ctrl-C goes to rrdtool, too.
			if (this.isKilled || signal === 'SIGINT' || this.waiting.length === 0) return;
			throw new Error('rrdtool has ended before its work');
		});
	}

	static async start(): Promise<Rrdtool> {
		const child = spawn('rrdtool', ['-']);
		await once(child, 'spawn');
		return new Rrdtool(child);
	}

	/** What the lines cost rrdtool, all in all. */
	async cost(lines: readonly string[]): Promise<Cost> {
		const before = costOf(this.child.pid);
		const answers = lines.map((line) => this.run(line));
		for (const answer of await Promise.all(answers)) {
			if (answer.startsWith('ERROR')) throw new Error(`rrdtool: ${answer}`);
		}
		return difference(costOf(this.child.pid), before);
	}

	async stop(): Promise<void> {
		const ended = once(this.child, 'exit');
		this.child.stdin.end();
		await ended;
	}

	async kill(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		this.isKilled = true;
		const ended = once(this.child, 'exit');
		this.child.kill('SIGKILL');
		await ended;
	}

	private run(line: string): Promise<string> {
		return new Promise((resolve) => {
			this.waiting.push(resolve);
			this.child.stdin.write(`${line}\n`);
		});
	}

	private read(text: string): void {
		const lines = (this.unread + text).split('\n');
		this.unread = lines.pop() ?? '';
		for (const line of lines) {
			if (line.startsWith('OK ') || line.startsWith('ERROR')) this.waiting.shift()?.(line);
		}
	}
}

export function createLine(path: string, shape: RrdShape, startSeconds: number): string {
	const sources = shape.dataSources.map(
		({ name, type, heartbeatSeconds, min, max }) => `DS:${name}:${type}:${heartbeatSeconds}:${min}:${max}`,
	);
	const archives = shape.archives.map(
		({ consolidation, xff, stepsPerRow, rows }) => `RRA:${consolidation}:${xff}:${stepsPerRow}:${rows}`,
	);
	return `create ${path} --start ${startSeconds} --step ${shape.stepSeconds} ${[...sources, ...archives].join(' ')}`;
}

export function updateLine(path: string, timeSeconds: number, values: readonly number[]): string {
	return `update ${path} ${timeSeconds}:${values.map((value) => (Number.isNaN(value) ? 'U' : value)).join(':')}`;
}

const tickMicroseconds = 10_000;

/** User and system time of a process so far, from the 14th and 15th field of its stat file. */
function costOf(pid: number | undefined): Cost {
	const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return { user: Number(fields[11]) * tickMicroseconds, system: Number(fields[12]) * tickMicroseconds };
}

function difference(a: Cost, b: Cost): Cost {
	return { user: a.user - b.user, system: a.system - b.system };
}
