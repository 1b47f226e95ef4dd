/** What once made something crash, and what might have: fixtures/fuzz/ and the other fixtures. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { targets } from '../../fuzz/index.ts';
import { mutate, randomFrom } from '../../fuzz/mutate.ts';

const main = new URL('../../dist/fuzz/main.js', import.meta.url).pathname;

test('nothing that is kept crashes or hangs its target', () => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--replay'], {
		encoding: 'utf8',
		timeout: 120_000,
	});
	expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' });
	for (const { name } of targets)
		expect(stdout).toMatch(new RegExp(`^${name}: [1-9]\\d* inputs, .* 0 crashes$`, 'm'));
});

test('every folder of kept inputs has a target', () => {
	const folders = readdirSync(new URL('../../fixtures/fuzz', import.meta.url));
	const names = targets.map(({ name }) => name);
	for (const folder of folders) expect(names).toContain(folder);
});

test('wrong arguments are told, and nothing is run', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-fuzz-test-'));
	for (const [args, reason] of [
		[['--target', 'none'], /there is no target none/],
		[['--seconds', 'soon'], /--seconds: not a number: soon/],
		[['--loops'], /Unknown option '--loops'/],
	] as const) {
		const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], {
			encoding: 'utf8',
			cwd: folder,
		});
		expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
		expect(stderr).toMatch(reason);
	}
	rmSync(folder, { recursive: true });
});

test('one seed always gives the same inputs, another gives others', () => {
	const some = (seed: number) => {
		const random = randomFrom(seed);
		const corpus = [Buffer.from('user: me\nstep: 60\n'), Buffer.alloc(100)];
		return Array.from({ length: 200 }, (_, index) =>
			mutate(corpus[index % 2] as Buffer, { random, corpus, words: ['step: '], maxBytes: 1000 }).toString(
				'hex',
			),
		);
	};
	expect(some(1)).toEqual(some(1));
	expect(some(1)).not.toEqual(some(2));
	expect(new Set(some(1)).size).toBeGreaterThan(150);
	expect(Math.max(...some(3).map((hex) => hex.length))).toBeLessThanOrEqual(2000);
});
