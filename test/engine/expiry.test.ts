import { expect, test } from 'vitest';
import { Expiry } from '../../src/engine/expiry.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

test('all files are looked at only when the oldest of them may have expired', async () => {
	const clock = new FakeClock(1_795_240_000_000);
	const expiry = new Expiry(clock, new FakeLog(), 60_000);
	const [older, younger] = [-20_000, -10_000].map((agoMs) => ({
		file: { mtimeMs: clock.wallMs() + agoMs },
		maxAgeMs: null,
	}));
	const look = () => {
		const isDue = expiry.beginRound();
		if (isDue) for (const living of [older, younger]) if (living !== undefined) expiry.note(living);
		return isDue;
	};
	expect([look(), look()]).toEqual([true, false]);
	await clock.pass(40_000);
	expect(look()).toBe(false);
	await clock.pass(1);
	expect(look()).toBe(true);
	expiry.maxAgeMs = 90_000;
	expect([look(), look()]).toEqual([true, false]);
	expiry.note({ file: { mtimeMs: clock.wallMs() }, maxAgeMs: 5000 });
	await clock.pass(5001);
	expect(look()).toBe(true);
	expiry.maxAgeMs = Number.POSITIVE_INFINITY;
	expect([look(), look()]).toEqual([true, false]);
});
