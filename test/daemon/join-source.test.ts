/** What is said of a join file that cannot be used. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJoinFile } from '../../src/daemon/join-source.ts';

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-join-'));
	mkdirSync(join(folder, 'folder'), { mode: 0o700 });
	writeFileSync(join(folder, 'other'), 'web: {}\n', { mode: 0o600 });
	writeFileSync(join(folder, 'open'), '{}\n');
	chmodSync(join(folder, 'open'), 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
	['none', ': there is no such file. Make it at the hub with pingmachine pop add, or correct the path'],
	['folder', ': this is a folder. Name a file'],
	['open', ': everybody may read it, and it holds a secret. Write chmod 600 for it'],
	['other', ' is no file that pingmachine pop add made'],
])('%s%s', (name, words) => {
	const path = join(folder, name);
	expect(() => readJoinFile(path)).toThrow(`pop.join: ${path}${words}`);
});
