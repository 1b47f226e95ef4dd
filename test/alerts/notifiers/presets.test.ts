/** What each preset sends, against the schema of the service: ours, made from its documentation. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { webhook } from '../../../src/alerts/notifiers/webhook/index.ts';
import { presetNames } from '../../../src/alerts/notifiers/webhook/presets.ts';
import type { Notification } from '../../../src/model/notifier.ts';
import { start } from '../support/house.ts';
import { alertOf, calm, manyAlerts, messageOf, toolsOf } from './support/notifications.ts';
import { Receiver } from './support/receiver.ts';

const folder = new URL('../../../fixtures/notifiers/', import.meta.url);
const schemaOf = (name: string) =>
	z.fromJSONSchema(JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8')));

const odd = alertOf('a', {
	title: '',
	note: '\u0000\ud83d',
	order: null,
	slots: [],
	route: null,
	rule: 'isolated',
});
const { pageUrl: _page, title: _title, note: _note, link: _link, ...bare } = alertOf('b/ü', { pops: [] });
const messages: Readonly<Record<string, Notification>> = {
	'one that is raised': messageOf([alertOf('a')]),
	'one that is over': messageOf([alertOf('a', { clearedSeconds: start + 60 })], { about: 'clear' }),
	'a reminder of a mild one': messageOf([alertOf('a', { severity: 'info' })], {
		...{ about: 'reminder', severity: 'info' },
	}),
	'one of which little is known': messageOf([bare]),
	'an odd one': messageOf([odd]),
	'500 with long names': messageOf(manyAlerts(500), { severity: 'warning' }),
	'a test': messageOf([alertOf('a')], { about: 'test' }),
};

const extra = { token: 'R0UTINGKEY', chat_id: '-100123', topic: 'alerts' };

async function bodiesOf(preset: string, message: Notification): Promise<unknown[]> {
	await using receiver = await Receiver.open();
	const settings = webhook.settings.parse({ ...extra, preset, url: receiver.url });
	const open = await webhook.open(settings, toolsOf());
	await open.send(message, calm);
	return receiver.received.map(({ body }) => body);
}

describe.each(presetNames)('%s', (preset) => {
	const schema = schemaOf(preset === 'pagerduty-v2' ? 'pagerduty' : preset);

	test.each(Object.entries(messages))('%s', async (_name, message) => {
		const short = preset.startsWith('pagerduty')
			? { ...message, members: message.members.slice(0, 3) }
			: message;
		const bodies = await bodiesOf(preset, short);
		expect(bodies).toHaveLength(preset.startsWith('pagerduty') ? short.members.length : 1);
		for (const body of bodies) {
			expect(z.prettifyError(schema.safeParse(body).error ?? new z.ZodError([]))).toBe('');
			expect(JSON.stringify(body)).not.toMatch(/\{[a-zA-Z]+\}/);
		}
	});
});

test('PagerDuty opens and resolves one incident for each alert', async () => {
	const raised = await bodiesOf('pagerduty', messageOf([alertOf('a'), alertOf('b')]));
	const over = await bodiesOf(
		'pagerduty',
		messageOf([alertOf('a', { clearedSeconds: start + 60 })], { about: 'clear' }),
	);
	const [first, second] = raised as { dedup_key: string; event_action: string }[];
	expect([first?.event_action, second?.event_action]).toEqual(['trigger', 'trigger']);
	expect(first?.dedup_key).not.toBe(second?.dedup_key);
	expect(over).toMatchObject([{ event_action: 'resolve', dedup_key: first?.dedup_key }]);
});

test('Slack is not told to mention anybody', async () => {
	const [body] = await bodiesOf('slack', messageOf([alertOf('a', { title: '<!channel> & more' })]));
	expect((body as { text: string }).text).toContain('&lt;!channel&gt; &amp; more');
});

test('each schema is of a preset, and refuses what the service would', () => {
	const names = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));
	expect(names.map((name) => name.replace('.schema.json', '')).sort()).toEqual(
		presetNames.filter((name) => name !== 'pagerduty-v2').toSorted(),
	);
	for (const name of presetNames.filter((one) => one !== 'pagerduty-v2')) {
		const schema = schemaOf(name);
		for (const bad of [{}, [], null, { text: 1 }]) expect(schema.safeParse(bad).success).toBe(false);
	}
});
