/** bench: the last figures of bench/history.jsonl on this machine beside the best ones: --keep puts them there */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { comparisonOf, historyFile, keptRuns, thisMachine } from './history.ts';

const { values } = parseArgs({
	options: {
		/** Of another machine: its line in the history. */
		machine: { type: 'string', default: thisMachine() },
		json: { type: 'boolean', default: false },
	},
});

const runs = existsSync(historyFile) ? keptRuns() : [];
const compared = comparisonOf(runs, values.machine);
if (values.json) console.log(JSON.stringify(compared));
else if (compared.length > 0) print();
else {
	const others = [...new Set(runs.map(({ machine }) => machine))].map((name) => `\n  --machine '${name}'`);
	console.log(`nothing is kept of ${values.machine}: npm run bench -- NAME --keep${others.join('')}`);
}

function print(): void {
	console.log(values.machine);
	const width = Math.max(...compared.map(({ bench, figure }) => bench.length + figure.length)) + 2;
	for (const { bench, figure, last, best, bestCommit, runs: count } of compared) {
		const ratio = best === 0 ? '' : ` ${(last / best).toFixed(2)} times`;
		const since = last === best ? 'the best' : `${ratio} the best, ${best} (${bestCommit})`;
		const of = count === 1 ? '1 run' : `${count} runs`;
		console.log(`${`${bench}: ${figure}`.padEnd(width)} ${String(last).padStart(8)}  ${since}, ${of}`);
	}
}
