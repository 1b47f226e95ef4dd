import { expect, test } from 'vitest';
import { Stalls } from '../../../probes/ssh/stalls.ts';
import { pauseThread } from '../../support/ping-request.ts';

/** More than is still taken for a busy machine. */
const heldUpMs = 400;
const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;

test('what was under way while the thread was held up is told of it, and nothing else', () => {
	const stalls = new Stalls();
	const before = stalls.begin();
	pauseThread(heldUpMs);
	const after = stalls.begin();
	expect(stalls.end(before)).toBe(true);
	expect(stalls.end(after)).toBe(false);
	pauseThread(heldUpMs);
	const later = stalls.begin();
	expect(stalls.end(later)).toBe(false);
});

test('nobody looks while nothing is under way', () => {
	const idle = timers();
	const stalls = new Stalls();
	expect(timers()).toBe(idle);
	const [one, two] = [stalls.begin(), stalls.begin()];
	expect(timers()).toBe(idle + 1);
	stalls.end(one);
	expect(timers()).toBe(idle + 1);
	stalls.end(two);
	expect(timers()).toBe(idle);
});
