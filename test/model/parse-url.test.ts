import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isUrl, parseUrl } from '../../src/model/parse-url.ts';

const root = new URL('../../', import.meta.url).pathname;

test('a URL is one, however often it was asked', () => {
	let wrong = 0;
	for (let count = 0; count < 50_000; count++) if (!isUrl('http://bücher.example/ü')) wrong++;
	expect(wrong).toBe(0);
	expect(parseUrl('http://bücher.example/ü')?.href).toBe('http://xn--bcher-kva.example/%C3%BC');
	expect(parseUrl('/x', 'http://a.example/b')?.href).toBe('http://a.example/x');
	for (const text of ['', 'a', 'http://', 'http://a b/', '//a']) expect(parseUrl(text), text).toBeNull();
});

test('nobody asks URL.canParse', () => {
	const asking = ['src', 'probes'].flatMap((folder) =>
		readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
			.map((path) => join(folder, path))
			.filter((path) => path.endsWith('.ts') && path !== 'src/model/parse-url.ts')
			.filter((path) => readFileSync(root + path, 'utf8').includes('canParse')),
	);
	expect(asking, 'ask isUrl of src/model/parse-url.ts').toEqual([]);
});
