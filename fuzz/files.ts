import { firstUnprintable } from '../src/model/printable.ts';
import { errorText, readErrorMessage } from '../src/store/error-file.ts';
import { lastResultText, readLastResult } from '../src/store/last-result.ts';
import { assert, textTarget } from './target.ts';

const seedResult = {
	...{ time: 1_795_240_000, updated: 1_795_240_017, step: 10, pings: 5, loss: 0 },
	...{ min: 1.3e-5, median: 2.4e-5, max: 4.2e-5 },
};

/** last_result, as `status` and others read it. */
export const lastResult = textTarget(
	'last-result',
	(text) => {
		const read = readLastResult(text);
		if ('reason' in read) return read.reason.replace(/:.*/s, '');
		for (const value of Object.values(read))
			assert(value === null || Number.isFinite(value), 'values are numbers');
		assert('time' in readLastResult(lastResultText(read)), 'what was read can be written and read again');
		return `read ${read.median === null}`;
	},
	{
		seeds: () => [
			Buffer.from(lastResultText(seedResult)),
			Buffer.from(lastResultText({ ...seedResult, loss: 5, min: null, median: null, max: null })),
		],
		words: ['time: ', 'updated: ', 'step: ', 'pings: ', 'loss: ', 'min: ', 'median: ', 'max: ', '~', 'e-05'],
	},
);

/** The file `error`, as `status` reads it; and any text as its message. */
export const errorFile = textTarget(
	'error-file',
	(text) => {
		const message = readErrorMessage(text);
		const written = errorText(1_795_240_000, text);
		assert(readErrorMessage(written) === text, 'a message that was written can be read');
		const lines = written.split('\n').filter((line) => firstUnprintable(line) !== null);
		assert(lines.length === 0, `nothing in it steers a terminal: ${JSON.stringify(lines[0])}`);
		return message === null ? 'none' : `message of ${Math.min(message.length, 3)}`;
	},
	{
		seeds: () => [Buffer.from(errorText(1_795_240_000, 'fping.hots: unknown option. Did you mean host?'))],
		words: ['time: ', 'message: ', '"', "'", '|-\n  '],
	},
);
