import { constants } from 'node:fs';
import { consolidate, dueRows } from './consolidate.ts';
import { RrdOtherShape, RrdTooEarly } from './errors.ts';
import { nodeCalls, openRrd } from './file.ts';
import { isPossibleUpdate, loadHeader, type OpenRrd, readU64, writeHeader, writeU64 } from './header.ts';
import { liveWords } from './layout.ts';
import { writeRows } from './rows.ts';
import { type RrdShape, sameShape } from './shape.ts';
import { type Steps, spanOf, takeValues } from './steps.ts';
import { finishTornUpdate } from './torn-update.ts';

/**
 * Adds one value for each data source, as `rrdtool update` does.
 *
 * The rows are written first and the header last, so that a process that dies in between leaves the file as it was
 * before, but for the oldest rows, which were to go. If it dies within the write of the header, the next update
 * finishes what it began.
 *
 * Does not write through a symbolic link. Takes no lock: there must be no other writer. What is read at the very moment of the write may be half old.
 *
 * @param timeSeconds whole seconds since the epoch
 * @param values in the order of the data sources; NaN: unknown
 * @param expected when given, a file of any other shape is refused
 *
 * Throws RrdDamaged, RrdOtherShape, RrdTooEarly or a RangeError for wrong arguments (nothing is written then), or
 * the error of the file system.
 */
export function updateRrd(
	path: string,
	timeSeconds: number,
	values: ArrayLike<number>,
	expected?: RrdShape,
	calls = nodeCalls,
): void {
	const fd = openRrd(path, constants.O_RDWR | constants.O_NOFOLLOW, calls);
	try {
		const file = loadHeader(path, fd, calls);
		checkArguments(file, timeSeconds, values, expected);
		const stamp = finishTornUpdate(file) ? timeSeconds : 0;
		addSample(file, timeSeconds, values, stamp);
		writeHeader(file);
	} finally {
		calls.close(fd);
	}
}

function checkArguments(
	{ path, layout, header }: OpenRrd,
	timeSeconds: number,
	values: ArrayLike<number>,
	expected: RrdShape | undefined,
): void {
	if (expected !== undefined && !isSameShape(layout.shape, expected)) throw new RrdOtherShape(path);
	const sources = layout.shape.dataSources.length;
	if (values.length !== sources) {
		throw new RangeError(`${path}: ${values.length} values for ${sources} data sources`);
	}
	if (!Number.isInteger(timeSeconds)) throw new RangeError(`${path}: ${timeSeconds} is not a whole second`);
	const lastSeconds = readU64(header.halves, layout.liveWord);
	if (timeSeconds <= lastSeconds) throw new RrdTooEarly(path, timeSeconds, lastSeconds);
	if (!isPossibleUpdate(timeSeconds)) {
		throw new RangeError(`${path}: ${timeSeconds} is too far in the future`);
	}
}

/** There are few shapes and many files: what was found to be the same is not compared again. */
const lastSame = new WeakMap<RrdShape, RrdShape>();

function isSameShape(shape: RrdShape, expected: RrdShape): boolean {
	if (lastSame.get(expected) === shape) return true;
	const isSame = sameShape(shape, expected);
	if (isSame) lastSame.set(expected, shape);
	return isSame;
}

function addSample(file: OpenRrd, timeSeconds: number, values: ArrayLike<number>, stamp: number): void {
	const { layout, header } = file;
	const { words, halves } = header;
	const lastSeconds = readU64(halves, layout.liveWord);
	const lastMicroseconds = readU64(halves, layout.liveWord + liveWords.microseconds);
	const span = spanOf(layout.shape.stepSeconds, lastSeconds, lastMicroseconds, timeSeconds);
	for (const steps of takeValues(file, span, values, stamp)) addSteps(file, steps, stamp);
	words[layout.liveWord + liveWords.previousStamp] = lastSeconds;
	words[layout.liveWord + liveWords.stamp] = stamp;
	writeU64(halves, layout.liveWord, timeSeconds);
	writeU64(halves, layout.liveWord + liveWords.microseconds, 0);
}

function addSteps(file: OpenRrd, steps: Steps, stamp: number): void {
	for (const archive of file.layout.archives) {
		consolidate(file, archive, steps, 0, stamp);
		const due = dueRows(archive, steps);
		if (due > 0) writeRows(file, archive, due);
	}
}
