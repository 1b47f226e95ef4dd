import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const living = new Set<ChildProcess>();

/** After each file of tests, even where several share a process; see environment.ts. */
export function killTheLiving(): void {
	for (const child of living) child.kill('SIGKILL');
}

/**
 * Starts a program that ends with the tests of its file, whatever becomes of the test that started it: one that takes
 * too long is given up where it stands, and ends nothing. A test run that is killed takes the program along too.
 */
export const spawnMortal = ((program: string, args: readonly string[], options: SpawnOptions) => {
	const child = spawn('/usr/bin/setpriv', ['--pdeathsig=KILL', '--', program, ...args], options);
	living.add(child);
	return child.once('exit', () => living.delete(child)).once('error', () => living.delete(child));
}) as typeof spawn;
