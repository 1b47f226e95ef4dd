import { expect, test } from 'vitest';
import { builtInNotifiers } from '../../src/alerts/notifiers/index.ts';
import { heartbeatSetting, readNotifiers } from '../../src/config/notifier-config.ts';

const read = (...written: unknown[]) => readNotifiers(written, builtInNotifiers);

test('an entry has what holds if it does not say', () => {
	const { entries, findings } = read({ type: 'webhook', url: 'http://a.example' });
	expect(findings).toEqual([]);
	expect(entries).toEqual([
		{
			...{ name: 'webhook', type: 'webhook', settings: { url: 'http://a.example' }, severities: null },
			limits: { timeoutMs: 30_000, spoolMaxBytes: 100e6, spoolMaxAgeMs: 72 * 3600_000 },
		},
	]);
});

test.each([
	['text', 'notifiers[0]'],
	[{}, 'notifiers[0].type'],
	[{ type: 'webhok', url: 'http://a.example' }, 'notifiers[0].type'],
	[{ type: 'webhook' }, 'notifiers[0].url'],
	[{ type: 'webhook', url: 'http://a.example', prset: 'slack' }, 'notifiers[0].prset'],
	[{ type: 'exec', command: '/x', severities: ['bad'] }, 'notifiers[0].severities[0]'],
	[{ type: 'exec', command: '/x', name: '../x' }, 'notifiers[0].name'],
	[{ type: 'email', to: 'nobody' }, 'notifiers[0].to'],
])('%j is a finding', (written, key) => {
	const { entries, findings } = read(written);
	expect(entries).toEqual([]);
	expect(findings.map((one) => one.key?.split(' ')[0])).toContainEqual(
		expect.stringContaining(key.slice(0, 13)),
	);
});

test('two of one name are a finding; a heartbeat needs a URL', () => {
	const { findings } = read({ type: 'exec', command: '/x' }, { type: 'exec', command: '/y' });
	expect(findings[0]?.message).toContain('another notifier is called exec');
	expect(heartbeatSetting.parse({ url: 'https://a.example/x' }).everySeconds).toBe(60);
	expect(heartbeatSetting.safeParse({ url: 'a.example' }).success).toBe(false);
});
