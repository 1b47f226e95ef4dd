import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RrdShape } from '../../src/rrd/index.ts';

/** The real rrdtool, kept in pipe mode: the judge of all that src/rrd does. */
export class Rrdtool {
	private readonly child: ChildProcessWithoutNullStreams;
	private last: Promise<unknown> = Promise.resolve();

	constructor() {
		this.child = spawn('rrdtool', ['-'], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
		this.child.stdout.setEncoding('latin1');
	}

	/** Runs one line and returns what it printed. Throws what rrdtool says is wrong with it. */
	run(line: string): Promise<string> {
		const result = this.last.then(() => this.runNow(line));
		this.last = result.catch(() => undefined);
		return result;
	}

	/** The file as XML, oldest rows first, wherever in the file they are. */
	dump(path: string): Promise<string> {
		return this.run(`dump ${path}`);
	}

	create(path: string, shape: RrdShape, startSeconds: number): Promise<string> {
		const sources = shape.dataSources.map(
			({ name, type, heartbeatSeconds, min, max }) =>
				`DS:${name}:${type}:${heartbeatSeconds}:${argumentOf(min)}:${argumentOf(max)}`,
		);
		const archives = shape.archives.map(
			({ consolidation, xff, stepsPerRow, rows }) => `RRA:${consolidation}:${xff}:${stepsPerRow}:${rows}`,
		);
		return this.run(
			`create ${path} --start ${startSeconds} --step ${shape.stepSeconds} ${[...sources, ...archives].join(' ')}`,
		);
	}

	update(path: string, timeSeconds: number, values: readonly number[]): Promise<string> {
		return this.run(`update ${path} ${timeSeconds}:${values.map(argumentOf).join(':')}`);
	}

	async end(): Promise<void> {
		const exited = once(this.child, 'exit');
		this.child.stdin.end();
		await exited;
	}

	private async runNow(line: string): Promise<string> {
		this.child.stdin.write(`${line}\n`);
		const chunks: string[] = [];
		let tail = '';
		for (;;) {
			const [chunk] = (await once(this.child.stdout, 'data')) as [string];
			chunks.push(chunk);
			tail = (tail + chunk).slice(-2000);
			const end = /^(?:OK u:[^\n]*|ERROR: ([^\n]*))\n$/m.exec(tail);
			if (end === null) continue;
			if (end[1] !== undefined) throw new Error(end[1]);
			const all = chunks.join('');
			return all.slice(0, all.lastIndexOf('OK u:'));
		}
	}
}

function argumentOf(value: number): string {
	return Number.isNaN(value) ? 'U' : String(value);
}
