/** Folders for the store, and file systems of their own, new ones for each test. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach } from 'vitest';
import { unmountAll } from './mount.ts';
import { order, startSeconds, TreeFixture } from './tree-fixture.ts';

export const maxAgeMs = 3_600_000;

export let base: TreeFixture;

/** Enrols orders and records one measurement of each. */
export function measure(...ids: string[]): void {
	for (const id of ids) {
		base.enrol(order(id));
		base.record(order(id), startSeconds, [0.5, 0.25]);
	}
}

export function lastUpdate(rrd: string): number {
	return Number(execFileSync('rrdtool', ['last', base.path(rrd)], { encoding: 'utf8' }));
}

export function problems(): string[] {
	return base.toldOf('problem');
}

/** For all tests of the file. Take `base` only within them. */
export function useTreeAndMounts(): void {
	beforeEach(() => {
		base = new TreeFixture();
	});
	afterEach(() => {
		unmountAll();
		base.remove();
	});
}

/** In the middle of a test. */
export function renewTree(): void {
	base.remove();
	base = new TreeFixture();
}
