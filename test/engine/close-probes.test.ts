import { expect, test } from 'vitest';
import { closeProbes } from '../../src/engine/close-probes.ts';
import type { AnyProbe } from '../../src/model/probe.ts';

const named = (name: string, close?: () => Promise<void>) => [name, { name, close } as AnyProbe] as const;

test('all are closed side by side, and one that throws or hangs stops no other', async () => {
	const closed: string[] = [];
	const told = await closeProbes(
		new Map([
			named('hangs', () => new Promise(() => {})),
			named('rejects', () => Promise.reject(new Error('no'))),
			named('throws', () => {
				throw new Error('never');
			}),
			named('has none'),
			named('fine', async () => void closed.push('fine')),
		]),
	);
	expect(closed).toEqual(['fine']);
	expect(told).toEqual([
		'the probe hangs could not be closed within 1000 ms',
		'the probe rejects could not be closed: no',
		'the probe throws could not be closed: never',
	]);
});
