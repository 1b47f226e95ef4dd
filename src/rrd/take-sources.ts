import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { encodeDefinitions } from './definitions.ts';
import { RrdDamaged, RrdExists } from './errors.ts';
import { openRrd, writeFully } from './file.ts';
import { loadHeader, type OpenRrd } from './header.ts';
import { layoutOf, type RrdLayout, rowWords, stepWords } from './layout.ts';
import type { RrdShape } from './shape.ts';

/**
 * Makes a new file of some data sources of another one, with all rows of all its archives. Whoever knew the old file may
 * go on with the new one: the newest row, and what was begun of the next ones, are taken along.
 *
 * @param names of the data sources to keep, in the order they are to have
 *
 * Throws RrdDamaged, RrdExists, a RangeError if the old file lacks one of these, or the error of the file system.
 * Nothing is left behind then.
 */
export function takeSources(from: string, to: string, names: readonly string[]): void {
	const fd = openRrd(from, constants.O_RDONLY);
	try {
		const old = loadHeader(from, fd);
		if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw new RrdExists(to);
		const places = names.map((name) => placeOf(old, name));
		const shape: RrdShape = {
			...old.layout.shape,
			dataSources: places.flatMap((place) => old.layout.shape.dataSources[place] ?? []),
		};
		const bytes = taken(old, layoutOf(shape), places);
		write(to, bytes);
	} finally {
		closeSync(fd);
	}
}

function placeOf({ path, layout }: OpenRrd, name: string): number {
	const place = layout.shape.dataSources.findIndex((source) => source.name === name);
	if (place === -1) throw new RangeError(`${path}: has no data source ${name}`);
	return place;
}

function taken(old: OpenRrd, layout: RrdLayout, places: readonly number[]): Buffer {
	const { path, fd } = old;
	const whole = Buffer.alloc(fstatSync(fd).size);
	if (readSync(fd, whole, 0, whole.length, 0) < old.layout.fileBytes)
		throw new RrdDamaged(path, 'became shorter while it was read');
	const made = Buffer.alloc(layout.fileBytes);
	encodeDefinitions(layout.shape).copy(made);
	const copy = (toWord: number, fromWord: number, words: number) =>
		whole.copy(made, toWord * 8, fromWord * 8, (fromWord + words) * 8);
	copy(layout.liveWord, old.layout.liveWord, 2);
	places.forEach((place, at) => {
		const words = [layout.stepPreparationWord + at * stepWords, old.layout.stepPreparationWord] as const;
		copy(words[0], words[1] + place * stepWords, stepWords);
	});
	layout.archives.forEach((archive, index) => {
		const before = old.layout.archives[index];
		if (before === undefined) return;
		copy(archive.pointerWord, before.pointerWord, 1);
		places.forEach((place, at) => {
			copy(archive.preparationWord + at * rowWords, before.preparationWord + place * rowWords, rowWords);
			for (let row = 0; row < archive.rows; row++) {
				const toOffset = archive.rowsOffset + row * layout.rowBytes;
				const fromOffset = before.rowsOffset + row * old.layout.rowBytes;
				copy(toOffset / 8 + at, fromOffset / 8 + place, 1);
			}
		});
	});
	return made;
}

function write(path: string, bytes: Buffer): void {
	const unfinished = join(dirname(path), `.${basename(path)}.new`);
	const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
	const fd = openSync(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o644);
	try {
		try {
			writeFully(fd, bytes, 0, bytes.length, 0);
		} finally {
			closeSync(fd);
		}
		renameSync(unfinished, path);
	} catch (error) {
		rmSync(unfinished, { force: true });
		throw error;
	}
}
