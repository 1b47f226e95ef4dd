/** Sinks, and files that others can write to. */
import { readSinks } from '../../../../src/config/sink-config.ts';
import { hiderFor } from '../../../../src/delivery/secrets.ts';
import { readLine } from '../../../../src/delivery/spool-lines.ts';
import { compacted } from '../../../../src/history/compact.ts';
import { readHistograms } from '../../../../src/history/histogram-lines.ts';
import { measured } from '../../../../src/model/outcome.ts';
import { eventOfLine } from '../../../../src/outcomes/event-json.ts';
import { verdictsOf as searchVerdicts } from '../../../../src/sinks/elasticsearch/answers.ts';
import { urlOfCloudId } from '../../../../src/sinks/elasticsearch/cloud-id.ts';
import { documentOf as searchDocument } from '../../../../src/sinks/elasticsearch/documents.ts';
import { builtInSinks } from '../../../../src/sinks/index.ts';
import { canaryResult } from '../../../../src/sinks/kafka/canary.ts';
import { hopsOf } from '../../../../src/sinks/kafka/canary-hops.ts';
import { kafkaError } from '../../../../src/sinks/kafka/errors.ts';
import { settings as kafkaSettings } from '../../../../src/sinks/kafka/settings.ts';
import { networkError } from '../../../../src/sinks/shared/network-errors.ts';
import { retryAfterMs } from '../../../../src/sinks/shared/retry-after.ts';
import { verdictsOf } from '../../../../src/sinks/telegraf/answer.ts';
import { readEndpoint } from '../../../../src/sinks/telegraf/url.ts';
import { errorText, readErrorMessage } from '../../../../src/store/error-file.ts';
import { lastFactsText, readLastFacts } from '../../../../src/store/last-facts.ts';
import { readLastResult } from '../../../../src/store/last-result.ts';
import { isSafeOrderId } from '../../../../src/store/order-path.ts';
import { quoted, type TextReaders } from './feeds.ts';

const encoded = { lines: ['a b=1 1'], sizes: [8], owners: [0], verdicts: ['taken'] } as const;
const kafkaEntry = kafkaSettings.parse({ brokers: 'a:1' });
const dnsOutcome = (text: string) =>
	measured(
		{ id: 'a', user: 'me', probe: 'dns', target: text, tags: {} },
		{ startSeconds: 0, stepSeconds: 10 },
		1,
		[{ sentAtSeconds: 0, rttSeconds: 0.1 }],
		{ answer: text },
	);

export const sinksAndFiles: TextReaders = {
	'src/delivery/secrets.ts': [
		(text) => hiderFor({ password: 'secret', url: `http://x${text}` })(text),
		(text) => hiderFor({ url: `http://${text}@x/`, token: text })(text),
	],
	'src/delivery/segment.ts': 'fed by src/delivery/spool-lines.ts; its own head has a fixed length',
	'src/delivery/spool-lines.ts': [readLine, (text) => readLine(`12345678 ${quoted(text)}`)],
	'src/delivery/spool.ts': 'names in a folder, which have 255 bytes',
	'src/delivery/order-filter.ts': 'fed by src/orders/glob.ts',
	'src/sinks/shared/line-numbers.ts': 'numbers',
	'src/sinks/shared/network-errors.ts': [
		(text) => networkError(Object.assign(new Error(text), { code: text }), 'tcp://127.0.0.1:1'),
	],
	'src/sinks/telegraf/answer.ts': [400, 422, 500].flatMap((status) =>
		['', '{"error": "partial write: ', 'metric parse error: ', "unable to parse '", ' dropped='].map(
			(before) => (text: string) => {
				const answer = { status, retryAfter: text, text: before + text };
				return verdictsOf(answer, 'http://127.0.0.1', encoded);
			},
		),
	),
	'src/sinks/shared/line-protocol.ts': 'fields that we have made; texts are fed to src/model/influx-names.ts',
	'src/sinks/file/rotation.ts': 'names in a folder, which have 255 bytes',
	'src/sinks/elasticsearch/answers.ts': [200, 400, 429, 500].flatMap((status) =>
		[
			(text: string) => text,
			(text: string) => JSON.stringify({ error: { type: text, reason: text } }),
			(text: string) =>
				JSON.stringify({ items: [{ create: { status: 400, error: { type: text, reason: text } } }] }),
		].map(
			(made) => (text: string) =>
				searchVerdicts({ status, retryAfter: text, text: made(text), url: 'http://a' }, 1, 'http://a/b'),
		),
	),
	'src/sinks/elasticsearch/client.ts': 'base addresses of the config, without their last slash',
	'src/sinks/elasticsearch/cloud-id.ts': [
		urlOfCloudId,
		(text) => urlOfCloudId(`a:${Buffer.from(text).toString('base64')}`),
	],
	'src/sinks/elasticsearch/documents.ts': [
		(text) => searchDocument(dnsOutcome(text), null),
		(text) =>
			searchDocument(
				{ ...dnsOutcome(text), order: { ...dnsOutcome(text).order, tags: { [text]: text } } },
				null,
			),
	],
	'src/sinks/elasticsearch/settings.ts': [
		(text) => readSinks([{ type: 'elasticsearch', urls: text, index: text }], undefined, builtInSinks),
		(text) => readSinks([{ type: 'elasticsearch', urls: `http://${text}` }], undefined, builtInSinks),
	],
	'src/commands/sink/setup.ts': 'what a sink says, line by line',
	'src/sinks/elasticsearch/setup.ts':
		'fed by src/sinks/elasticsearch/answers.ts, and what that has made short',
	'src/sinks/shared/retry-after.ts': [retryAfterMs],
	'src/sinks/kafka/canary.ts': [(text) => canaryResult(dnsOutcome(text))],
	'src/sinks/kafka/canary-hops.ts': [(text) => hopsOf([text, `a loss=${text}`, `a rtt=${text}`])],
	'src/sinks/kafka/errors.ts': [
		(text) => kafkaError({ message: text, apiId: text, cause: new Error(text) }, kafkaEntry, 'kafka://a:1/t'),
	],
	'src/sinks/kafka/settings.ts': [
		(text) => readSinks([{ type: 'kafka', brokers: text, topic: text }], undefined, builtInSinks),
	],
	'src/sinks/redis/connection.ts': 'addresses of the config, and the first words of answers',
	'src/sinks/redis/layouts.ts': 'numbers',
	'src/sinks/redis/meshping.ts': 'JSON that the server gives back',
	'src/sinks/redis/settings.ts': [
		...['', 'redis://', 'unix://', 'rediss://['].map(
			(before) => (text: string) =>
				readSinks([{ type: 'redis', url: before + text }], undefined, builtInSinks),
		),
	],
	'src/sinks/stdout/output.ts': 'what we write ourselves, and its last line feed',
	'src/sinks/telegraf/url.ts': [
		readEndpoint,
		...['udp://', 'udp://[', 'udp://x:', 'unix:///', 'http://', 'http://x/?'].map(
			(before) => (text: string) => readEndpoint(before + text),
		),
	],
	// ---- Files that others can write to ----
	'src/store/error-file.ts': [readErrorMessage, (text) => errorText(0, text)],
	'src/store/last-facts.ts': [readLastFacts, (text) => lastFactsText({ time: 0, facts: { a: text } })],
	'src/store/last-result.ts': [readLastResult, (text) => readLastResult(`time: ${text}`)],
	'src/store/order-path.ts': [isSafeOrderId],
	'src/store/complaints.ts': 'errors of the file system, with paths in them',
	'src/store/counters.ts': 'names of counters',
	'src/store/live-orders.ts': 'errors of the file system, with paths in them',
	'src/store/set-aside.ts': 'times',
	'src/store/history-files.ts': 'lines that the reader of histograms reads, and is fed',
	'src/store/order-events.ts': 'searched for two fixed words; one anchored pattern of limited length',
	'src/store/routes-file.ts': 'split into lines, fed to src/model/route.ts',
	'src/store/events-file.ts': 'split into lines; one anchored pattern of limited length',
	'src/rrd/definitions.ts': 'names of 20 bytes; test/rrd/damage.test.ts damages the rest',
	'src/history/compact.ts': [
		(text) => compacted(text, 0, { hoursSeconds: 0, daysSeconds: 0 }, true),
		(text) =>
			compacted(
				text.replaceAll(/a.{30}/g, '{"time":0,"span":3600,}\n'),
				1e6,
				{ hoursSeconds: 0, daysSeconds: 0 },
				true,
			),
	],
	'src/history/histogram-lines.ts': [
		readHistograms,
		(text) => readHistograms(text.replaceAll(/a.{30}/g, '{"time":0,"span":3600}\n')),
	],
	'src/outcomes/event-json.ts': [
		(text) => eventOfLine(text, () => undefined),
		(text) => eventOfLine(`{"event": "gone", "id": ${quoted(text)}}`, () => undefined),
	],
	'src/outcomes/packed.ts': 'what our own threads have packed',
	'src/orders/order-file.ts': 'one pass over its bytes, and what is read is fed to src/reading',
	'src/store/main-rrd.ts': 'names in a folder, which have 255 bytes',
	'src/store/main-rrds.ts': 'errors of our own, with paths in them',
	'src/store/order-text.ts': 'names in a folder, which have 255 bytes',
	'src/tools/kept-addresses.ts': 'names that were asked for; lines of fields of limited length',
	'src/tools/resolve-names.ts': 'addresses that the resolver gave',
};
