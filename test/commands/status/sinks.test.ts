import { expect, test } from 'vitest';
import { sinksTable } from '../../../src/commands/status/sinks.ts';
import { noDrops, type SinkStats } from '../../../src/delivery/sink-stats.ts';

const nowMs = 1_795_240_000_000;

function stats(changes: Partial<SinkStats>): SinkStats {
	return {
		name: 'telegraf-udp-127.0.0.1-8094',
		destination: 'udp://127.0.0.1:8094',
		confirms: false,
		state: 'working',
		sinceMs: nowMs - 3000_000,
		queued: 0,
		spooled: 0,
		spooledBytes: 0,
		sent: 123_456,
		failed: 0,
		retried: 0,
		dropped: noDrops(),
		lagSeconds: 0.4,
		lastError: null,
		...changes,
	};
}

const sinks = [
	stats({}),
	stats({
		name: 'archive',
		destination: 'http://influx.example/write',
		confirms: true,
		state: 'failing',
		sinceMs: nowMs - 720_000,
		queued: 3400,
		spooled: 3400,
		spooledBytes: 1_250_000,
		failed: 14,
		retried: 1000,
		dropped: { ...noDrops(), refused: 2, spoolFull: 300 },
		lagSeconds: 730,
		lastError: 'HTTP 503 \x1b[2Jservice unavailable',
	}),
];

test('a line a sink, and below it where it sends to, why it fails and what was dropped', () => {
	expect(sinksTable(sinks, { columns: Number.POSITIVE_INFINITY, colours: false, nowMs })).toEqual([
		'SINK                         QUEUED   SPOOL  LAG    SENT  RETRIED  FAILED  DROPPED  STATE',
		'telegraf-udp-127.0.0.1-8094       0       -   0s  123456        0       0        0  working for 50m',
		'      to udp://127.0.0.1:8094',
		'archive                        3400  1.3 MB  12m  123456     1000      14      302  failing for 12m',
		'      to http://influx.example/write',
		'      HTTP 503 \\x1b[2Jservice unavailable',
		'      dropped: 300 because the spool was full, 2 refused',
	]);
});

test('a narrow terminal gets shorter names and fewer columns', () => {
	const lines = sinksTable(sinks, { columns: 80, colours: false, nowMs });
	expect(lines[1]).toMatch(/^telegraf\S*…\S*-8094 /);
	expect(lines.every((line) => line.length <= 80)).toBe(true);
});

test('what needs looking at is in colour', () => {
	const text = sinksTable(sinks, { columns: 200, colours: true, nowMs }).join('\n');
	expect(text).toContain('\x1b[31mfailing for 12m\x1b[0m');
	expect(text).toContain('\x1b[32mworking for 50m\x1b[0m');
	expect(text).toContain('\x1b[33m12m\x1b[0m');
	expect(text).toContain('\x1b[31m    302\x1b[0m');
});

test('without sinks it says where to configure them', () => {
	expect(sinksTable([], { columns: 80, colours: false, nowMs })).toEqual([
		'no sinks are configured: see sinks: in the config file',
	]);
});

test('a sink that works and is far behind says what was wrong last', () => {
	const told = (lagSeconds: number) =>
		sinksTable([stats({ lagSeconds, lastError: 'a quota holds us back' })], {
			columns: Number.POSITIVE_INFINITY,
			colours: false,
			nowMs,
		});
	expect(told(30).at(-1)).toBe('      a quota holds us back');
	expect(told(1).join()).not.toContain('quota');
});
