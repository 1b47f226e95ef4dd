/** No source file has more than 300 lines. The linter holds functions to 60. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const linesMax = 300;

test.each(['src', 'probes', 'test', 'bench', 'fuzz', 'scripts'])('%s', (folder) => {
	expect(existsSync(join(root, folder))).toBe(true);
	const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
	const files = paths.filter((path) => path.endsWith('.ts')).map((path) => join(folder, path));
	const long = files.flatMap((path) => {
		const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
		return lines > linesMax ? [`${path}: ${lines} lines`] : [];
	});
	expect(long, 'split them by topic').toEqual([]);
});
