import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRrd, readRrdHeader, updateRrd } from '../../src/rrd/index.ts';
import { faultRounds } from '../faults/support/rounds.ts';
import { compileModule } from '../support/compiled-module.ts';
import { Rrdtool } from './rrdtool.ts';
import { smokepingShape } from './shapes.ts';

const kills = faultRounds(25, 2000);
const shape = smokepingShape(300, 20);
const start = 1_700_006_400;

let directory: string;
let rrdtool: Rrdtool;

beforeAll(() => {
	// In memory each page is written by itself, and a kill between two of them is not rare.
	const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
	directory = mkdtempSync(join(parent, 'rrd-kill-'));
	rrdtool = new Rrdtool();
});

afterAll(async () => {
	await rrdtool.end();
	rmSync(directory, { recursive: true });
});

/** The values of an update are a function of its time, so that what a file should hold is known. */
const valuesAt = `(timeSeconds, sources) =>
	Array.from({ length: sources }, (_, source) => ((timeSeconds / 300) * 31 + source * 7) % 20)`;
const valuesOf = new Function(`return ${valuesAt}`)() as (timeSeconds: number, sources: number) => number[];

function addNext(path: string, lastSeconds: number): void {
	updateRrd(path, lastSeconds + 300, valuesOf(lastSeconds + 300, shape.dataSources.length));
}

/** Without what the last rows to be written were written from: that is not looked at again. */
function withoutWrittenValues(dump: string): string {
	return dump.replaceAll(/<(primary|secondary)_value>.*/g, '');
}

test(`a writer killed ${kills} times at random moments loses nothing but the sample in hand`, async () => {
	const compiled = compileModule('src/rrd/index.ts');
	const path = join(directory, 'main.rrd');
	const copy = join(directory, 'copy.rrd');
	const judge = join(directory, 'judge.rrd');
	const script = join(directory, 'writer.mjs');
	writeFileSync(
		script,
		`import { readRrdHeader, updateRrd } from ${JSON.stringify(compiled.module)};
		const valuesAt = ${valuesAt};
		const path = ${JSON.stringify(path)};
		let time = readRrdHeader(path).lastUpdateSeconds;
		for (let updates = 1; ; updates += 1) {
			updateRrd(path, (time += 300), valuesAt(time, ${shape.dataSources.length}));
			if (updates === 2) process.stdout.write('under way');
		}`,
	);
	createRrd(path, shape, start);
	createRrd(judge, shape, start);
	let judgeSeconds = start;
	try {
		for (let kill = 1; kill <= kills; kill += 1) {
			const writer = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
			const exited = once(writer, 'exit');
			await once(writer.stdout, 'data');
			await sleep(Math.random() * 40);
			writer.kill('SIGKILL');
			await exited;

			const lastSeconds = readRrdHeader(path).lastUpdateSeconds;
			expect(lastSeconds).toBeGreaterThan(judgeSeconds);
			expect(await rrdtool.run(`last ${path}`)).toBe(`${lastSeconds}\n`);
			await rrdtool.run(`info ${path}`);

			copyFileSync(path, copy);
			addNext(copy, lastSeconds);
			for (; judgeSeconds <= lastSeconds; judgeSeconds += 300) addNext(judge, judgeSeconds);
			const found = withoutWrittenValues(await rrdtool.dump(copy));
			expect(found, `after kill ${kill}`).toBe(withoutWrittenValues(await rrdtool.dump(judge)));
			expect(readRrdHeader(judge)).toEqual(readRrdHeader(copy));
		}
	} finally {
		compiled.remove();
	}
	expect(readFileSync(path).length).toBe(readFileSync(judge).length);
});
