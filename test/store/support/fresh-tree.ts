/** Folders for the store, new ones for each test, and what rrdtool says of what is in them. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach } from 'vitest';
import { startSeconds, TreeFixture } from './tree-fixture.ts';

export let base: TreeFixture;

export function rrdtool(...args: string[]): string {
	return execFileSync('rrdtool', args, { encoding: 'utf8' });
}

/** Loss and median of each row of main.rrd from the start on: `[seconds after the start, loss, median]`. */
export function rows(rrd: string, step: number, count: number): [number, number, number][] {
	const range = ['-s', `${startSeconds}`, '-e', `${startSeconds + (count - 1) * step}`];
	return rrdtool('fetch', base.path(rrd), 'AVERAGE', '-r', `${step}`, ...range)
		.split('\n')
		.filter((line) => /^\d+:/.test(line))
		.map((line) => line.split(/:? /).map(Number))
		.map(([time = 0, loss = 0, median = 0]): [number, number, number] => [time - startSeconds, loss, median])
		.filter(([time]) => time <= count * step);
}

export function problems(): string[] {
	return base.toldOf('problem');
}

/** For all tests of the file. Take `base` only within them. */
export function useFreshTree(): void {
	beforeEach(() => {
		base = new TreeFixture();
	});
	afterEach(() => base.remove());
}
