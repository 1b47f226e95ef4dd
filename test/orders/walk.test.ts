import { expect, it } from 'vitest';
import { type Folder, folderEntry } from '../../src/orders/entry.ts';
import { type Visit, Walk } from '../../src/orders/walk.ts';

function folder(idPrefix: string): Folder {
	const place = { path: '', name: '', parent: null, idPrefix, links: 0, isLink: false, crowd: null };
	return folderEntry(place, { dev: 0, ino: 0 });
}

/** Visits folders, each in so many steps, and notes the order of the steps. */
function walkOf(steps: (idPrefix: string) => readonly ('hold' | undefined)[]): {
	walk: Walk;
	taken: string[];
} {
	const taken: string[] = [];
	const visit = function* ({ idPrefix }: Folder): Visit {
		for (const step of steps(idPrefix)) {
			taken.push(idPrefix);
			yield step;
		}
	};
	return { walk: new Walk(visit), taken };
}

function run(walk: Walk): void {
	while (walk.step());
}

it('names at the top have their turns, whatever there is below each', () => {
	const { walk, taken } = walkOf(() => [undefined, undefined, undefined]);
	for (const prefix of ['a/', 'a/1/', 'a/2/', 'b/', 'c/x/']) walk.add(folder(prefix));
	run(walk);
	expect(taken.slice(0, 9).toSorted()).toEqual(['a/', 'a/', 'a/', 'b/', 'b/', 'b/', 'c/x/', 'c/x/', 'c/x/']);
	expect(taken.slice(0, 3)).toEqual(['a/', 'b/', 'c/x/']);
	// Breadth-first below each.
	expect(taken.slice(9)).toEqual(['a/1/', 'a/1/', 'a/1/', 'a/2/', 'a/2/', 'a/2/']);
});

it('nobody has a turn while somebody holds something open', () => {
	const { walk, taken } = walkOf(() => ['hold', 'hold', undefined]);
	for (const prefix of ['a/', 'b/']) walk.add(folder(prefix));
	run(walk);
	expect(taken).toEqual(['a/', 'a/', 'a/', 'b/', 'b/', 'b/']);
});

it('with very many names at the top each has its turn, and what comes meanwhile too', () => {
	const { walk, taken } = walkOf(() => [undefined]);
	for (let index = 0; index < 5000; index++) walk.add(folder(`${index}/`));
	for (let index = 0; index < 2000; index++) walk.step();
	walk.add(folder('late/'));
	run(walk);
	expect(new Set(taken).size).toBe(5001);
	expect(taken).toHaveLength(5001);
	walk.add(folder('again/'));
	expect(walk.step()).toBe(true);
	walk.stop();
	expect(walk.step()).toBe(false);
});

it('a folder with thousands in it is stepped through in order', () => {
	const { walk, taken } = walkOf(() => []);
	const steps = walkOf((prefix) => (prefix === '' ? [] : [undefined]));
	for (let index = 0; index < 3000; index++) steps.walk.add(folder(`a/${index}/`));
	run(steps.walk);
	expect(steps.taken).toEqual(Array.from({ length: 3000 }, (_, index) => `a/${index}/`));
	expect(walk.step()).toBe(false);
	expect(taken).toEqual([]);
});
