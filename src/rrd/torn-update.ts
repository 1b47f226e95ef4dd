import { consolidate, stampRows } from './consolidate.ts';
import { type OpenRrd, readU64, writeHeader, writeU64 } from './header.ts';
import { liveWords, pointerAt, type RrdLayout, rowWord, rowWords, stepWord, stepWords } from './layout.ts';
import { runsOf, type Span, spanOf } from './steps.ts';

/*
 * The system writes the header page by page, and a process can be killed between two pages: the time of the last
 * update is then new, while the preparations and row pointers from some point on are old. Left alone, the rows of
 * those archives would be out of place for ever.
 *
 * It shows where row pointers are a function of time (`pointerAt`), as in all files made here and in none, but by
 * chance, of those made by rrdtool. An update of such a file leaves its time and that of the one before just before
 * the time of the last update, which so is never new without them; and its time in each preparation, so that old
 * ones can be told from new ones. These places are not in use by rrdtool. What the update was to add to the old
 * preparations is in the rows, which were written before.
 */

/**
 * Finishes the last update if its header was written in part only. The file is then as after the whole of it, but
 * for the last values that `rrdtool lastupdate` shows.
 *
 * Returns whether the row pointers are a function of time: the next update is to be stamped only then.
 */
export function finishTornUpdate(file: OpenRrd): boolean {
	if (arePointersInPlace(file)) return true;
	const previousSeconds = tornSince(file);
	if (previousSeconds === null) return false;
	finishUpdate(file, previousSeconds);
	return true;
}

function arePointersInPlace({ layout, header }: OpenRrd): boolean {
	const { stepSeconds } = layout.shape;
	const lastSeconds = readU64(header.halves, layout.liveWord);
	return layout.archives.every(
		(archive) => readU64(header.halves, archive.pointerWord) === pointerAt(archive, stepSeconds, lastSeconds),
	);
}

function finishUpdate(file: OpenRrd, previousSeconds: number): void {
	const { layout, header } = file;
	const { stepSeconds } = layout.shape;
	const lastSeconds = readU64(header.halves, layout.liveWord);
	const span = spanOf(stepSeconds, previousSeconds, 0, lastSeconds);
	finishPreparations(file, span, previousSeconds, lastSeconds);
	for (const archive of layout.archives) {
		writeU64(header.halves, archive.pointerWord, pointerAt(archive, stepSeconds, lastSeconds));
	}
	writeHeader(file);
}

/** When the update before the torn one was; null: the last update is not torn. */
function tornSince({ layout, header }: OpenRrd): number | null {
	const { words, halves } = header;
	const { stepSeconds } = layout.shape;
	const lastSeconds = readU64(halves, layout.liveWord);
	const previousSeconds = words[layout.liveWord + liveWords.previousStamp] ?? Number.NaN;
	if (words[layout.liveWord + liveWords.stamp] !== lastSeconds || !(previousSeconds < lastSeconds))
		return null;
	// Somebody may have moved rows without an update, with `rrdtool resize`: all must be as a torn update leaves it.
	let isNew = true;
	for (const archive of layout.archives) {
		const pointer = readU64(halves, archive.pointerWord);
		isNew &&= pointer === pointerAt(archive, stepSeconds, lastSeconds);
		if (!isNew && pointer !== pointerAt(archive, stepSeconds, previousSeconds)) return null;
	}
	return previousSeconds;
}

function finishPreparations(file: OpenRrd, span: Span, previousSeconds: number, lastSeconds: number): void {
	finishStepPreparations(file, span, lastSeconds);
	const { archives, shape } = file.layout;
	const sources = shape.dataSources.length;
	const count = archives.length * sources;
	const stale = firstStaleRowPreparation(file, count, lastSeconds);
	if (stale < count) restoreFromCopies(file, stale, previousSeconds);
	const firstEnd = span.before + span.firstCount;
	const end = span.before + span.count;
	for (const steps of runsOf(span, valuesOfStep(file, firstEnd, end), valuesOfStep(file, end, end))) {
		archives.forEach((archive, index) => {
			consolidate(file, archive, steps, Math.max(0, stale - index * sources), lastSeconds);
		});
	}
	// The last one that has the stamp may not have the copies.
	if (stale > 0) {
		const at = rowPreparationAt(file.layout, stale - 1);
		stampRows(file.header, at, at + rowWords, lastSeconds);
	}
}

/** The values of old ones are not known any more: they begin the step as if after an unknown value. */
function finishStepPreparations({ layout, header }: OpenRrd, span: Span, lastSeconds: number): void {
	const { bytes, words, halves } = header;
	layout.shape.dataSources.forEach((_, index) => {
		const at = layout.stepPreparationWord + index * stepWords;
		if (words[at + stepWord.stamp] === lastSeconds) return;
		words.fill(0, at + stepWord.lastText, at + stepWord.unknownSeconds);
		bytes.write('U', (at + stepWord.lastText) * 8, 'latin1');
		writeU64(halves, at + stepWord.unknownSeconds, span.lastSeconds);
		words[at + stepWord.value] = Number.NaN;
		words[at + stepWord.stamp] = lastSeconds;
	});
}

/** Counted over all archives. All after it are old too. */
function firstStaleRowPreparation({ layout, header }: OpenRrd, count: number, lastSeconds: number): number {
	let index = 0;
	while (index < count && header.words[rowPreparationAt(layout, index) + rowWord.stamp] === lastSeconds)
		index += 1;
	return index;
}

/** What was written of a preparation without its stamp would be added twice. */
function restoreFromCopies({ layout, header }: OpenRrd, index: number, previousSeconds: number): void {
	const { words, halves } = header;
	const at = rowPreparationAt(layout, index);
	// Somebody else made the update before: the copies may be older than what they are of.
	if (words[at + rowWord.stamp] !== previousSeconds) return;
	words[at + rowWord.value] = words[at + rowWord.valueCopy] ?? Number.NaN;
	writeU64(halves, at + rowWord.unknownSteps, words[at + rowWord.unknownStepsCopy] ?? 0);
}

function rowPreparationAt(layout: RrdLayout, index: number): number {
	return (layout.archives[0]?.preparationWord ?? 0) + index * rowWords;
}

/**
 * What the step was found to be, according to an archive in which each step is a row; unknown where there is none or
 * the row was overwritten since.
 *
 * @param end steps from the epoch to the end of the step
 * @param newest steps from the epoch to the end of the newest row
 */
function valuesOfStep({ fd, calls, layout }: OpenRrd, end: number, newest: number): Float64Array {
	const values = new Float64Array(layout.shape.dataSources.length).fill(Number.NaN);
	const archive = layout.archives.find((candidate) => candidate.stepsPerRow === 1);
	if (archive !== undefined && newest - end < archive.rows) {
		const position = archive.rowsOffset + (end % archive.rows) * layout.rowBytes;
		calls.read(fd, new Uint8Array(values.buffer), 0, layout.rowBytes, position);
	}
	return values;
}
