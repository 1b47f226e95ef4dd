/** The map of all routes: what stands in it, and what it looks like. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { networkMap } from '../../../src/web/network/map.ts';
import { networkPicture } from '../../../src/web/network/picture.ts';
import type { WebParts } from '../../../src/web/web-parts.ts';

const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-map-'));
afterAll(() => rmSync(baseDir, { recursive: true }));

function put(id: string, routes: readonly object[], facts = ''): void {
	const folder = join(baseDir, 'output', id);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'routes'), routes.map((route) => `${JSON.stringify(route)}\n`).join(''));
	if (facts !== '') writeFileSync(join(folder, 'last_facts'), facts);
}

const at = (...addresses: string[]) => ({ addresses });
const hop = (address: string, name: string) => ({
	addresses: [address],
	names: [name],
	as: 64500,
	as_name: name,
});

function mapOf(...ids: string[]) {
	return networkMap({ baseDir, orders: { ids: () => ids } } as unknown as WebParts);
}

test('routes share their hops, and hops that are down, different or slow are marked', async () => {
	put('a', [{ time: 1, reached: true, hops: [at('g'), at('r1'), null, at('t1')] }]);
	put('b', [
		{ time: 1, reached: true, hops: [at('g'), at('r1'), at('r2'), at('t2')] },
		{ time: 2, reached: false, hops: [at('g'), at('r9')] },
	]);
	put(
		'c',
		[{ time: 1, reached: true, hops: [at('g'), at('s')] }],
		'time: 1\npath: ["g loss=0/1 rtt=0.001/0.001/0.001", "s loss=0/1 rtt=0.2/0.2/0.2 target"]\n',
	);
	const map = await mapOf('a', 'b', 'c', 'none');
	const states = Object.fromEntries([...map.nodes.values()].map(({ address, state }) => [address, state]));
	expect(states).toEqual({ g: 'up', r1: 'up', t1: 'up', r9: 'different', r2: 'down', t2: 'down', s: 'slow' });
	expect(map.nodes.get('g')?.routes).toBe(3);
	expect([...map.edges.keys()].sort()).toEqual(['g r1', 'g r9', 'g s', 'r1 t1', 'r2 t2', 'r9 r2']);
	expect(map.orders).toBe(3);
});

test('a picture of hostile names is a picture, and nothing else', async () => {
	const name = '"><script>alert(1)</script>&\u0000';
	put('d', [{ time: 1, reached: true, hops: [hop('<a>', name), hop('b', name)] }]);
	const svg = String(networkPicture(await mapOf('d'), '#555'));
	expect(svg).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>$/);
	expect(svg).not.toMatch(/<script|<a>|\0/);
});

test('without a route there is an empty picture', async () => {
	expect(String(networkPicture(await mapOf('none')))).toContain('Map of 0 routes');
});
