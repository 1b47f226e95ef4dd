import { expect, test } from 'vitest';
import { readTime } from '../../../src/commands/shared/times.ts';

test('times are read in all forms', () => {
	const now = 1_795_240_000;
	const read = (typed: string) => readTime('--start', typed, now);
	expect(read('1795000000')).toBe(1_795_000_000);
	expect(read('now')).toBe(now);
	expect(read('-2h')).toBe(now - 7200);
	expect(read('now-90m')).toBe(now - 5400);
	expect(read('-1d')).toBe(now - 86_400);
	expect(read('2026-11-20T10:00:00Z')).toBe(Date.UTC(2026, 10, 20, 10) / 1000);
	expect(read('2026-11-20T10:00:30.5+05:30')).toBe(Date.UTC(2026, 10, 20, 4, 30, 30) / 1000);
	expect(read('2026-11-20 10:00')).toBe(new Date(2026, 10, 20, 10).getTime() / 1000);
	expect(read('2024-02-29')).toBe(new Date(2024, 1, 29).getTime() / 1000);
	for (const typed of [
		'',
		'1.5',
		'-1',
		'2026-02-29',
		'2026-13-01',
		'2026-11-20T24:00',
		'-2x',
		'-9999y',
		'x',
	]) {
		expect(() => read(typed), typed).toThrow('--start: must be seconds since the epoch');
	}
});
