import type { Json } from './template.ts';

/** How a service wants to be told: data, and no code. `{name}` stands for what `values.ts` knows of the message. */
export interface Preset {
	/** Where the config does not say; `{token}` is the token of the config. */
	readonly url?: string;
	/** What the config has to say. */
	readonly needs: readonly ('url' | 'token' | 'chat_id' | 'topic')[];
	readonly headers?: Readonly<Record<string, string>>;
	/** A message for each alert, for services that keep alerts apart. */
	readonly each?: true;
	/** Characters that the service takes. */
	readonly titleMax: number;
	readonly textMax: number;
	/** `&`, `<` and `>` have a meaning there. */
	readonly escapes?: true;
	readonly body: Json;
}

export const presetNames = [
	...['slack', 'mattermost', 'discord', 'teams', 'telegram', 'pagerduty', 'pagerduty-v2', 'ntfy'],
] as const;

const pagerduty: Preset = {
	url: 'https://events.pagerduty.com/v2/enqueue',
	needs: ['token'],
	each: true,
	titleMax: 1000,
	textMax: 8000,
	body: {
		routing_key: '{token}',
		event_action: '{pagerdutyAction}',
		dedup_key: '{dedupKey}',
		client: 'pingmachine',
		client_url: '{page}',
		payload: {
			summary: '{title}',
			source: '{source}',
			severity: '{severity}',
			timestamp: '{time}',
			component: '{target}',
			group: '{user}',
			class: '{rule}',
			custom_details: { text: '{text}', pops: '{pops}' },
		},
	},
};

export const presets: Readonly<Record<(typeof presetNames)[number], Preset>> = {
	slack: {
		needs: ['url'],
		escapes: true,
		titleMax: 1000,
		textMax: 2900,
		body: {
			text: '{title}',
			attachments: [
				{
					color: '{color}',
					blocks: [{ type: 'section', text: { type: 'plain_text', text: '{text}', emoji: false } }],
				},
			],
		},
	},
	mattermost: {
		needs: ['url'],
		titleMax: 1000,
		textMax: 7000,
		body: {
			// In a title nobody is mentioned, whatever an order is called.
			attachments: [
				{
					fallback: '{title}',
					color: '{color}',
					title: '{title}',
					title_link: '{page}',
					text: '```\n{text}\n```',
				},
			],
		},
	},
	discord: {
		needs: ['url'],
		titleMax: 250,
		textMax: 4000,
		body: {
			allowed_mentions: { parse: [] },
			embeds: [
				{
					title: '{title}',
					description: '{text}',
					color: '{colorNumber}',
					url: '{page}',
					timestamp: '{time}',
				},
			],
		},
	},
	teams: {
		needs: ['url'],
		titleMax: 1000,
		textMax: 8000,
		body: {
			type: 'message',
			attachments: [
				{
					contentType: 'application/vnd.microsoft.card.adaptive',
					contentUrl: null,
					content: {
						$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
						type: 'AdaptiveCard',
						version: '1.4',
						body: [
							{ type: 'TextBlock', text: '{title}', weight: 'Bolder', color: '{teamsColor}', wrap: true },
							// A single line break is none there.
							{ type: 'TextBlock', text: '{paragraphs}', wrap: true, fontType: 'Monospace' },
						],
					},
				},
			],
		},
	},
	telegram: {
		url: 'https://api.telegram.org/bot{token}/sendMessage',
		needs: ['token', 'chat_id'],
		titleMax: 500,
		textMax: 3500,
		body: {
			chat_id: '{chatId}',
			text: '{title}\n\n{text}',
			link_preview_options: { is_disabled: true },
			disable_notification: '{isQuiet}',
		},
	},
	pagerduty,
	'pagerduty-v2': pagerduty,
	ntfy: {
		url: 'https://ntfy.sh',
		needs: ['topic'],
		titleMax: 250,
		textMax: 1300,
		body: {
			topic: '{topic}',
			title: '{title}',
			message: '{text}',
			priority: '{priority}',
			tags: ['{emoji}'],
			click: '{page}',
		},
	},
};
