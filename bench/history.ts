import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What is measured, by its name and unit. All of them are costs: less is better. */
type Figures = Readonly<Record<string, number>>;

/** One line of bench/history.jsonl: what one run of a benchmark found. */
export interface KeptRun {
	/** As ISO 8601. */
	readonly date: string;
	/** What was measured; with a + when there were changes on top of it. */
	readonly commit: string;
	/** Processor, how many, kernel, Node.js: figures of others are not comparable. */
	readonly machine: string;
	readonly bench: string;
	/** How many wanted a processor during the last minute of the run. */
	readonly load: number;
	readonly figures: Figures;
}

export const historyFile = fileURLToPath(new URL('../../bench/history.jsonl', import.meta.url));

/** Adds what a run found to the history, when it was asked to: `npm run bench -- NAME --keep`. */
export function keepFigures(bench: string, figures: Figures): void {
	if (process.env['PINGMACHINE_BENCH_KEEP'] !== '1') return;
	const run: KeptRun = {
		...{ date: new Date().toISOString(), commit: commitHere(), machine: thisMachine(), bench },
		load: rounded(loadavg()[0] ?? Number.NaN),
		figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)])),
	};
	appendFileSync(historyFile, `${JSON.stringify(run)}\n`);
}

/** All runs that were kept, the oldest first. */
export function keptRuns(file = historyFile): KeptRun[] {
	const lines = readFileSync(file, 'utf8').split('\n');
	return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KeptRun);
}

export interface Comparison {
	readonly bench: string;
	readonly figure: string;
	readonly last: number;
	readonly best: number;
	/** Of the run that was best. */
	readonly bestCommit: string;
	readonly runs: number;
}

/** The last value of each figure of a machine beside the best one that was ever found there. */
export function comparisonOf(runs: readonly KeptRun[], machine: string): Comparison[] {
	const found = new Map<string, Comparison>();
	for (const run of runs) {
		if (run.machine !== machine) continue;
		for (const [figure, last] of Object.entries(run.figures)) {
			const key = `${run.bench} ${figure}`;
			const before = found.get(key);
			const isBest = before === undefined || last <= before.best;
			found.set(key, {
				...{ bench: run.bench, figure, last },
				best: isBest ? last : before.best,
				bestCommit: isBest ? run.commit : before.bestCommit,
				runs: (before?.runs ?? 0) + 1,
			});
		}
	}
	return [...found.values()].sort((a, b) => a.bench.localeCompare(b.bench));
}

export function thisMachine(): string {
	const model = cpus()[0]?.model ?? process.arch;
	return `${model} x ${availableParallelism()}, Linux ${release().split('-')[0]}, Node.js ${process.version}`;
}

function commitHere(): string {
	const git = (...args: string[]) =>
		execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' });
	const isChanged = git('status', '--porcelain', '--', ':/src', ':/probes', ':/bench/*.ts').trim() !== '';
	return `${git('rev-parse', '--short=10', 'HEAD').trim()}${isChanged ? '+' : ''}`;
}

/** Four digits say all there is to say. */
function rounded(value: number): number {
	return Number(value.toPrecision(4));
}
