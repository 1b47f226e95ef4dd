/** What comes from hubs and points of presence, and what is written of them. */
import { generateKeyPairSync } from 'node:crypto';
import { hubSetting } from '../../../../src/config/hub-setting.ts';
import { popSetting } from '../../../../src/config/pop-setting.ts';
import { readJoin } from '../../../../src/model/join-file.ts';
import type { Order } from '../../../../src/model/order.ts';
import { popFolderIn, wrongWithPopName } from '../../../../src/model/pop.ts';
import { readCanaryMessage } from '../../../../src/pops/canaries/canary-message.ts';
import { canaryOrderId, canaryPop } from '../../../../src/pops/canaries/canary-names.ts';
import { readState } from '../../../../src/pops/canaries/canary-state.ts';
import { opened, sealed } from '../../../../src/pops/envelope.ts';
import { NewsLog } from '../../../../src/pops/kafka/news-messages.ts';
import { resultJson } from '../../../../src/pops/kafka/result-json.ts';
import { kafkaTrouble } from '../../../../src/pops/kafka/trouble.ts';
import { jsonLines } from '../../../../src/pops/links/https/body.ts';
import { whyNotAccepted } from '../../../../src/pops/site/acceptance.ts';
import type { TextReaders } from './feeds.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const reader = { pop: 'zrh', nowSeconds: 1_800_000_000 };

export const pops: TextReaders = {
	'src/model/pop.ts': [wrongWithPopName, popFolderIn],
	'src/model/join-file.ts': [readJoin],
	'src/config/hub-setting.ts': [
		(text) => hubSetting.safeParse({ listen: text, url: text, kafka: { brokers: [text], prefix: text } }),
	],
	'src/config/pop-setting.ts': [
		(text) => popSetting.safeParse({ join: `/${text}`, accept: { networks: [text], probes: [text] } }),
	],
	'src/pops/links/https/body.ts': [jsonLines],
	'src/pops/links/https/hub-server.ts': 'the header of a request, which Node limits to 8 KiB',
	'src/pops/links/https/pop-client.ts': 'JSON and a schema',
	'src/pops/kafka/result-json.ts': [(text) => resultJson(Buffer.from(text))],
	'src/pops/kafka/topic-reader.ts':
		'names of topics that the config or the broker has, with a number of ours behind',
	'src/pops/hubs/record.ts': 'JSON, a signature and a schema',
	'src/pops/hubs/taken-orders.ts': 'a file of our own in state/',
	'src/pops/hub/registry.ts': 'a file of our own in state/',
	'src/pops/site/held-orders.ts': 'a file of our own in state/',
	'src/pops/site/acceptance.ts': [
		(text) => {
			const accepted = { probes: null, networks: ['10.0.0.0/8'], ordersMax: 1, pingsPerSecondMax: 1 };
			return ['', 'https://', '[', 'a:'].map((before) =>
				whyNotAccepted({ probe: 'icmp', target: before + text } as Order, accepted),
			);
		},
	],
	'src/daemon/pop-desk.ts': 'the certificate that the config names',
	'src/commands/pop/index.ts': 'the command line of who has our rights',
	'src/commands/pop/join-secrets.ts': 'what the daemon itself wrote, and files of who has our rights',
	'src/pops/envelope.ts': [
		(text) => opened({ body: text, sig: text }, publicKey, reader),
		(text) =>
			opened(
				sealed(
					{ v: 1, kind: 'order', pop: 'zrh', seq: 1, issued: 1_800_000_000, valid_for: 60, id: text, text },
					privateKey,
				),
				publicKey,
				reader,
			),
	],
	'src/pops/canaries/canary-message.ts': [
		(text) => readCanaryMessage(Buffer.from(text)),
		(text) =>
			readCanaryMessage(
				Buffer.from(
					JSON.stringify({
						...{ type: text, canary_id: text, target: text, timestamp: text, status: 'FAILURE' },
						...{ error_message: text, answer: [text] },
					}),
				),
			),
		(text) =>
			readCanaryMessage(
				Buffer.from(
					JSON.stringify({
						...{ type: 'dns', canary_id: text, target: text, timestamp: '2026-11-30T20:00:05Z' },
						...{ status: 'FAILURE', error_message: text, answer: [text], resolver: text },
					}),
				),
			),
	],
	'src/pops/canaries/canary-names.ts': [(text) => canaryOrderId('ping', text), canaryPop],
	'src/pops/canaries/canary-state.ts': [(text) => readState(JSON.stringify({ group: text, orders: [] }))],
	'src/pops/kafka/trouble.ts': [(text) => kafkaTrouble(new Error(text), [text], [text])],
	'src/pops/kafka/hub-link.ts':
		'messages of what brokers take, fed to src/outcomes/outcome-json.ts and src/pops/heartbeat.ts; bodies of our own',
	'src/pops/kafka/news-messages.ts': [
		(text) => new NewsLog().take('a', text),
		(text) => new NewsLog().take(text, JSON.stringify({ body: text, sig: text })),
	],
};
