/** `npm run fuzz`: feeds each target for a while, and keeps what makes it crash or hang in fixtures/fuzz/. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { targets } from './index.ts';
import { SharedInput } from './shared-input.ts';
import { corpusOf, type FuzzTarget, repository } from './target.ts';
import type { FuzzReport, FuzzWork } from './worker.ts';

const usage = `usage: npm run fuzz -- [--seconds 60] [--target NAME]... [--seed NUMBER] [--replay]
  --seconds  in all, shared by the targets
  --target   ${targets.map(({ name }) => name).join(', ')} (default: all)
  --seed     of the random numbers: the same one gives the same inputs
  --replay   only what is kept in fixtures/
Exits 1 when something crashed or hung: its input is then in fixtures/fuzz/.`;

/** One input takes microseconds. Nothing may take so long, on a busy machine either. */
const hangMs = 10_000;
const memoryMb = 512;

function readArguments() {
	const { values } = parseArgs({
		options: {
			seconds: { type: 'string', default: '60' },
			target: { type: 'string', multiple: true },
			seed: { type: 'string' },
			replay: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		process.exit(0);
	}
	const wanted = values.target ?? targets.map(({ name }) => name);
	const chosen = targets.filter(({ name }) => wanted.includes(name));
	const unknown = wanted.find((name) => !targets.some((target) => target.name === name));
	if (unknown !== undefined) throw new Error(`there is no target ${unknown}`);
	const seconds = values.replay ? 0 : Number(values.seconds);
	const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
	if (!(seconds >= 0)) throw new Error(`--seconds: not a number: ${values.seconds}`);
	if (!Number.isInteger(seed)) throw new Error(`--seed: not a whole number: ${values.seed}`);
	return { chosen, seconds, seed };
}

/** Resolves with how many crashes and hangs there were. */
function fuzz(target: FuzzTarget, durationMs: number, seed: number): Promise<number> {
	const shared = SharedInput.memory();
	const input = new SharedInput(shared);
	const workerData: FuzzWork = { targetName: target.name, seed, durationMs, shared };
	const worker = new Worker(new URL('./worker.js', import.meta.url), {
		workerData,
		resourceLimits: { maxOldGenerationSizeMb: memoryMb },
	});
	let found = 0;
	const fail = (bytes: Uint8Array, from: string, what: string) => {
		found++;
		console.log(`${target.name}: ${what}\n  input (${from}): ${keep(target, bytes)}`);
	};
	return new Promise((resolve) => {
		const end = () => {
			clearInterval(watch);
			void worker.terminate();
			resolve(found);
		};
		let lastCount = input.count;
		const watch = setInterval(() => {
			if (input.count === lastCount && input.isRunning) {
				fail(input.copy(), 'hang', `does not come to an end within ${hangMs / 1000} s`);
				end();
			}
			lastCount = input.count;
		}, hangMs);
		worker.on('message', (report: FuzzReport) => {
			if (report.about === 'crash') {
				fail(report.input, report.from, report.stack);
				return;
			}
			console.log(
				`${target.name}: ${report.runs} inputs, ${report.kinds} kinds of outcome, ${found} crashes`,
			);
			end();
		});
		worker.on('error', (error) => {
			fail(input.copy(), 'fatal', String(error));
			end();
		});
	});
}

/** Returns the path, below the repository. */
function keep(target: FuzzTarget, bytes: Uint8Array): string {
	const folder = corpusOf(target);
	const path = join(folder, `crash-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`);
	mkdirSync(folder, { recursive: true });
	writeFileSync(path, bytes);
	return path.slice(repository.length);
}

try {
	const { chosen, seconds, seed } = readArguments();
	if (seconds > 0) console.log(`seed ${seed}`);
	let found = 0;
	for (const target of chosen) found += await fuzz(target, (seconds * 1000) / chosen.length, seed);
	process.exitCode = found === 0 ? 0 : 1;
} catch (error) {
	console.error(`fuzz: ${(error as Error).message}\n${usage}`);
	process.exitCode = 2;
}
