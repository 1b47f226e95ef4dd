import { expect, test } from 'vitest';
import { FailureLog } from '../../src/daemon/failure-log.ts';
import { LimitedLog } from '../../src/daemon/limited-log.ts';
import { notMeasured, type Outcome, type ReasonCode } from '../../src/model/outcome.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

const startSeconds = 1_795_240_000;

function failed(id: string, probe: string, code: ReasonCode, reason: string): Outcome {
	const order = { id, user: 'me', probe, target: '127.0.0.1', tags: {} };
	const slot = { startSeconds, stepSeconds: 10 };
	return notMeasured('failed', order, slot, 1, { code, reason });
}

test('why orders could not be measured is told by code and probe, whatever the words are, at a limited rate', async () => {
	const clock = new FakeClock(startSeconds * 1000);
	const log = new FakeLog();
	const limited = new LimitedLog(log, clock);
	const failures = new FailureLog(limited);
	const take = (...outcomes: Outcome[]) => failures.take([{ about: 'outcomes', outcomes }]);
	take(
		failed('a', 'fping', 'name_unknown', 'no such name: a'),
		failed('b', 'fping', 'name_unknown', 'no such name: a'),
	);
	take(failed('c', 'fping', 'name_unknown', 'wholly other words'));
	take(failed('d', 'fping', 'no_program', 'there is no fping'));
	take(failed('e', 'ssh', 'name_unknown', 'no such name: e'));
	expect(log.lines).toEqual([
		'warn: 2 orders, a for one, could not be measured: no such name: a',
		'warn: d could not be measured: there is no fping',
		'warn: e could not be measured: no such name: e',
	]);
	limited.warn('comes as it is');
	limited.warn('comes as it is');
	expect(log.lines.slice(3)).toEqual(['warn: comes as it is', 'warn: comes as it is']);
	await clock.pass(60_000);
	expect(log.lines.at(-1)).toBe('warn: c could not be measured: wholly other words');
	take(failed('f', 'fping', 'name_unknown', 'no such name: f'));
	limited.flush();
	expect(log.lines.at(-1)).toBe('warn: f could not be measured: no such name: f');
});
