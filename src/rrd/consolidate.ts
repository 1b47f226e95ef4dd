import { type HeaderBytes, type OpenRrd, readU64, writeU64 } from './header.ts';
import { type ArchiveLayout, remainderOf, rowWord, rowWords } from './layout.ts';
import type { Consolidation } from './shape.ts';
import { known, type Steps } from './steps.ts';

/** How many rows of the archive the steps complete. */
export function dueRows(archive: ArchiveLayout, steps: Steps): number {
	const toFirst = stepsToFirstRow(archive, steps);
	return steps.count < toFirst ? 0 : 1 + Math.floor((steps.count - toFirst) / archive.stepsPerRow);
}

/**
 * Takes whole steps into the row preparations of one archive, from the given data source on. Where they complete
 * rows, the preparations then hold the `primary` value for the first row and the `secondary` one for the others.
 * Each preparation gets `stamp`, the time of the update (torn-update.ts says what for).
 */
export function consolidate(
	{ header, layout }: OpenRrd,
	archive: ArchiveLayout,
	steps: Steps,
	fromSource: number,
	stamp: number,
): void {
	const to = layout.shape.dataSources.length;
	if (archive.stepsPerRow === 1) passOn(header, archive, steps, fromSource, to);
	else if (dueRows(archive, steps) === 0) gather(header, archive, steps, fromSource, to);
	else finishRows(header, archive, steps, fromSource, to);
	const first = archive.preparationWord;
	stampRows(header, first + fromSource * rowWords, first + to * rowWords, stamp);
}

/** Stamps the row preparations that are from one place on up to before another. 8-byte words. */
export function stampRows({ words, halves }: HeaderBytes, from: number, to: number, stamp: number): void {
	for (let at = from; at < to; at += rowWords) {
		words[at + rowWord.stamp] = stamp;
		words[at + rowWord.valueCopy] = words[at + rowWord.value] as number;
		words[at + rowWord.unknownStepsCopy] = readU64(halves, at + rowWord.unknownSteps);
	}
}

/** From the first of the steps to the end of the row it is in. */
function stepsToFirstRow(archive: ArchiveLayout, steps: Steps): number {
	return archive.stepsPerRow - remainderOf(steps.before, archive.stepsPerRow);
}

/** Each step is a row. */
function passOn(
	{ words }: HeaderBytes,
	archive: ArchiveLayout,
	steps: Steps,
	from: number,
	to: number,
): void {
	for (let source = from; source < to; source += 1) {
		const at = archive.preparationWord + source * rowWords;
		words[at + rowWord.primary] = valueIn(steps, source);
		if (steps.count > 1) words[at + rowWord.secondary] = valueIn(steps, source);
	}
}

/** The row is not complete yet. This is what most of the time of an update goes into: hence the plain loops. */
function gather(header: HeaderBytes, archive: ArchiveLayout, steps: Steps, from: number, to: number): void {
	const { words, halves } = header;
	const { values, count } = steps;
	const { consolidation } = archive;
	const isAverage = consolidation === 'AVERAGE';
	for (
		let source = from, at = archive.preparationWord + from * rowWords;
		source < to;
		source++, at += rowWords
	) {
		const value = values[source] as number;
		const gathered = words[at + rowWord.value] as number;
		if (Number.isNaN(value))
			writeU64(halves, at + rowWord.unknownSteps, readU64(halves, at + rowWord.unknownSteps) + count);
		else
			words[at + rowWord.value] = isAverage
				? known(gathered) + value * count
				: combine(consolidation, gathered, value, count);
	}
}

/** A row is complete, perhaps more, and perhaps there are steps left over for the next one. */
function finishRows(
	header: HeaderBytes,
	archive: ArchiveLayout,
	steps: Steps,
	from: number,
	to: number,
): void {
	const { words, halves } = header;
	const { consolidation, stepsPerRow } = archive;
	const toFirst = stepsToFirstRow(archive, steps);
	const leftOver = (steps.count - toFirst) % stepsPerRow;
	const start = startValue(consolidation);
	for (let source = from; source < to; source += 1) {
		const at = archive.preparationWord + source * rowWords;
		const value = valueIn(steps, source);
		const isKnown = !Number.isNaN(value);
		const unknownSteps = readU64(halves, at + rowWord.unknownSteps) + (isKnown ? 0 : toFirst);
		const gathered = words[at + rowWord.value] ?? 0;
		words[at + rowWord.primary] =
			unknownSteps > stepsPerRow * archive.xff
				? Number.NaN
				: rowValue(consolidation, gathered, value, toFirst, stepsPerRow - unknownSteps);
		words[at + rowWord.secondary] = value;
		words[at + rowWord.value] =
			isKnown && leftOver > 0 ? combine(consolidation, start, value, leftOver) : start;
		writeU64(halves, at + rowWord.unknownSteps, isKnown ? 0 : leftOver);
	}
}

/** Of a row that is known, made of what was gathered and `count` last steps. */
function rowValue(
	consolidation: Consolidation,
	gathered: number,
	value: number,
	count: number,
	knownSteps: number,
): number {
	// The last step of all is the one, be it unknown.
	if (consolidation === 'LAST') return value;
	if (consolidation === 'AVERAGE') return (known(gathered) + known(value) * count) / knownSteps;
	return Number.isNaN(value) ? gathered : combine(consolidation, gathered, value, count);
}

/** What a preparation holds while no step of its row is known. A new file holds NaN instead. */
function startValue(consolidation: Consolidation): number {
	switch (consolidation) {
		case 'AVERAGE':
			return 0;
		case 'MIN':
			return Number.POSITIVE_INFINITY;
		case 'MAX':
			return Number.NEGATIVE_INFINITY;
		case 'LAST':
			return Number.NaN;
	}
}

/** Adds `count` steps of a known value to what was gathered, which may be nothing: NaN. */
function combine(consolidation: Consolidation, gathered: number, value: number, count: number): number {
	if (consolidation === 'AVERAGE') return known(gathered) + value * count;
	if (consolidation === 'LAST' || Number.isNaN(gathered)) return value;
	return consolidation === 'MIN' ? Math.min(value, gathered) : Math.max(value, gathered);
}

function valueIn(steps: Steps, source: number): number {
	return steps.values[source] ?? Number.NaN;
}
