/** Loaded before a program: its clock is as far ahead as a file says, in milliseconds, now and later. */
import { readFileSync } from 'node:fs';

const real = Date.now;
const file = process.env['PINGMACHINE_TEST_CLOCK'];
let offsetMs = 0;
const look = () => {
	try {
		offsetMs = Number(readFileSync(file, 'utf8')) || 0;
	} catch {
		// It is being written.
	}
};
look();
setInterval(look, 200).unref();
Date.now = () => real() + offsetMs;
