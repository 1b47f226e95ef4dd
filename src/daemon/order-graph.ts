import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const drawMostMs = 15_000;
const period = '3h';

/** Draws the last hours of an order, by the command that people draw it with. Null when that is not possible. */
export async function orderGraph(program: string, baseDir: string, id: string): Promise<Uint8Array | null> {
	if (program === '') return null;
	const folder = await mkdtemp(join(tmpdir(), 'pingmachine-graph-'));
	try {
		const out = join(folder, 'graph.png');
		const args = [program, 'graph', '--basedir', baseDir, '--period', period, '--out', out, '--', id];
		await new Promise<void>((resolve, reject) => {
			execFile(
				process.execPath,
				args,
				{ timeout: drawMostMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 },
				(error, _output, complaint) => {
					if (error === null) resolve();
					else reject(new Error(complaint.trim().split('\n')[0] || error.message));
				},
			);
		});
		return await readFile(out);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
