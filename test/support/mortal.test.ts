import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

/** Runs tests of their own, with vitest, and resolves with its exit code and the number of the daemon in them. */
async function runTests(lines: readonly string[], whenStarted: (vitest: number) => void = () => {}) {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-mortal-'));
	try {
		const file = join(folder, 'some.test.ts');
		const pid = join(folder, 'pid');
		const text = [
			`import { writeFileSync } from 'node:fs';`,
			`import { test } from ${JSON.stringify(join(root, 'node_modules/vitest/dist/index.js'))};`,
			`import { Daemon } from ${JSON.stringify(join(root, 'test/support/daemon.ts'))};`,
			...lines.map((line) => line.replace('PID', JSON.stringify(pid))),
		];
		writeFileSync(file, text.join('\n'));
		writeFileSync(join(folder, 'vitest.config.js'), 'export default { test: { include: ["*.test.ts"] } };');
		const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder];
		const child = spawn(process.execPath, args, { stdio: 'ignore' });
		const ended = once(child, 'close');
		const number = await vi.waitFor(() => Number(readFileSync(pid, 'utf8')), 60_000);
		expect(number).toBeGreaterThan(0);
		whenStarted(child.pid ?? 0);
		const [code] = await ended;
		return { code, pid: number };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const isRunning = (pid: number) => {
	try {
		return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
	} catch {
		return false;
	}
};

const waits = [
	'await using daemon = new Daemon();',
	'await daemon.start();',
	'writeFileSync(PID, String(daemon.pid));',
	'await new Promise(() => {});',
];

test('a test that takes too long leaves no daemon behind', async () => {
	const { code, pid } = await runTests([`test('waits', async () => {`, ...waits, '}, 5000);']);
	expect(code).toBe(1);
	await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
});

test('a test run that is killed leaves no daemon behind', async () => {
	const tests = [`test('waits', async () => {`, ...waits, '}, 5000);'];
	const { pid } = await runTests(tests, (vitest) => process.kill(vitest, 'SIGKILL'));
	await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
});
