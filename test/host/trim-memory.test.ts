import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { expect, test } from 'vitest';
import { loadTrimMemory } from '../../src/host/trim-memory.ts';

const residentKb = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

test('what the C library keeps is given back', () => {
	const libc = koffi.load(null);
	const malloc = libc.func('void *malloc(size_t)');
	const free = libc.func('void free(void *)');
	const set = libc.func('void *memset(void *, int, size_t)');
	const pieces = Array.from({ length: 2000 }, () => set(malloc(50_000), 1, 50_000));
	// What comes last keeps the C library from giving back all of it by itself.
	const last = malloc(50_000);
	for (const piece of pieces) free(piece);
	const keptKb = residentKb();
	loadTrimMemory()?.();
	expect(residentKb()).toBeLessThan(keptKb - 50_000);
	free(last);
});
