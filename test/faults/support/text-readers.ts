import type { z } from 'zod';
import { countedLosses, lossByLine } from '../../../probes/httping/loss.ts';
import * as httpingOutput from '../../../probes/httping/output.ts';
import { masked, readProxy, readUrl, secretsOf, shownUrl } from '../../../probes/httping/url.ts';
import { builtInProbes } from '../../../probes/index.ts';
import { describeFailedRun } from '../../../probes/shared/command.ts';
import { parseFpingOutput } from '../../../probes/shared/fping-output.ts';
import { countedReasons } from '../../../probes/shared/loss-reasons.ts';
import { readScionAddress } from '../../../probes/sping/address.ts';
import { factsIn } from '../../../probes/sping/facts.ts';
import * as spingOutput from '../../../probes/sping/output.ts';
import { remedyForUser } from '../../../probes/sping/user.ts';
import { GreetingReader, readGreeting } from '../../../probes/ssh/identification.ts';
import { hostKeys } from '../../../probes/ssh/keys.ts';
import { lossByWords } from '../../../probes/ssh/loss.ts';
import { readPattern } from '../../../src/alerts/pattern.ts';
import { type GraphSpec, graphArguments } from '../../../src/commands/graph/arguments.ts';
import { readSize, readSpan } from '../../../src/commands/graph/options.ts';
import { graphPage } from '../../../src/commands/graph/page.ts';
import { secondsIn } from '../../../src/commands/measure/wish.ts';
import { labelsIn } from '../../../src/commands/shared/order-labels.ts';
import { readTime } from '../../../src/commands/shared/times.ts';
import { shellWords, valueText } from '../../../src/commands/shared/words.ts';
import { groupByUser } from '../../../src/commands/status/sort.ts';
import { cutEnd, cutMiddle, widthOf, wrap } from '../../../src/commands/terminal/text.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { limitsFor, limitsSetting } from '../../../src/config/limits-setting.ts';
import { readProbesSetting } from '../../../src/config/probes-setting.ts';
import { readSinks } from '../../../src/config/sink-config.ts';
import { sinkName } from '../../../src/config/sink-name.ts';
import { webSetting } from '../../../src/config/web-setting.ts';
import { hiderFor } from '../../../src/delivery/secrets.ts';
import { readLine } from '../../../src/delivery/spool-lines.ts';
import { RunRecord } from '../../../src/engine/run-record.ts';
import { compacted } from '../../../src/history/compact.ts';
import { readHistograms } from '../../../src/history/histogram-lines.ts';
import { colouredLine, journalLine, jsonLine } from '../../../src/host/log-line.ts';
import { influxName, influxTag } from '../../../src/model/influx-names.ts';
import { nearest } from '../../../src/model/nearest.ts';
import { wrongWithOrderId } from '../../../src/model/order-id.ts';
import { escapeJson, excerpt, firstUnprintable, printable } from '../../../src/model/printable.ts';
import type { CommandResult, ProbeTools } from '../../../src/model/probe.ts';
import { sizeBytes } from '../../../src/model/size.ts';
import { spanSeconds } from '../../../src/model/span.ts';
import { timePoint } from '../../../src/model/time-point.ts';
import { noLimits } from '../../../src/model/user-limits.ts';
import { globPattern } from '../../../src/orders/glob.ts';
import { orderDefaults } from '../../../src/orders/lists/defaults.ts';
import { nameForTarget } from '../../../src/orders/lists/id.ts';
import { readTargets, readWords } from '../../../src/orders/lists/targets.ts';
import { isMarked, readFlags } from '../../../src/orders/lists/text.ts';
import { wrongWithId } from '../../../src/orders/names.ts';
import { selectOrders } from '../../../src/orders/selector.ts';
import { eventOfLine } from '../../../src/outcomes/event-json.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { readTelegrafFile } from '../../../src/reading/order-telegraf.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';
import { readAsWritten, readMapping } from '../../../src/reading/yaml-mapping.ts';
import { builtInSinks } from '../../../src/sinks/index.ts';
import { networkError } from '../../../src/sinks/shared/network-errors.ts';
import { verdictsOf } from '../../../src/sinks/telegraf/answer.ts';
import { readEndpoint } from '../../../src/sinks/telegraf/url.ts';
import { errorText, readErrorMessage } from '../../../src/store/error-file.ts';
import { OrderProblem } from '../../../src/store/find-orders.ts';
import { lastFactsText, readLastFacts } from '../../../src/store/last-facts.ts';
import { readLastResult } from '../../../src/store/last-result.ts';
import { isSafeOrderId } from '../../../src/store/order-path.ts';
import { isOurHost } from '../../../src/web/access/hosts.ts';
import { cookieIn, holderOfSession } from '../../../src/web/access/sessions.ts';
import { readTokens } from '../../../src/web/access/tokens.ts';
import { hasEtag, orderFromBody } from '../../../src/web/api/order-text.ts';
import { Labels } from '../../../src/web/metrics/exposition.ts';
import { writerFor } from '../../../src/web/metrics/negotiate.ts';
import { labelName, tagLabels } from '../../../src/web/metrics/order-labels.ts';
import { escapeHtml } from '../../../src/web/routes/html.ts';
import { wantsHtml } from '../../../src/web/server/answers.ts';

/** Does with a text all that a module does with texts from outside. May throw and return what it likes. */
type Feed = (text: string) => unknown;

const quoted = (text: string) => JSON.stringify(text);
const order = (more: string) => `user: tmon\nstep: 300\npings: 20\n${more}`;
const read = (more: string) => readOrder('app/ping', order(more), builtInProbes);

/** An order for each probe with the text as each of its options, and as a name of one. */
const probeFeeds: readonly Feed[] = [...builtInProbes.values()].flatMap((probe) => {
	const { shape } = probe.options as unknown as z.ZodObject;
	return [...Object.keys(shape).map(quoted), null].map((key) => (text: string) => {
		const option = key === null ? `${quoted(text)}: 1` : `${key}: ${quoted(text)}`;
		return read(`probe: ${probe.name}\n${probe.name}: {${option}}\n`);
	});
});

function run(stdout: string, stderr = stdout): CommandResult {
	const result = { stdout, stderr, exitCode: 0, endedBy: null, stopped: false, truncated: false };
	return { ...result, startedAtSeconds: 1_800_000_000 };
}

const paths = 'paths, which the kernel limits to 4,096 bytes';
const httpingRun = { count: 5, tls: false, failureCodes: [404], intervalMs: 100, timeoutMs: 1000 };
const spingRun = { target: '1-ff00:0:110,10.0.0.1', pings: 5, intervalMs: 100, timeoutMs: 1000 };

function job(target: string) {
	const slot = { startSeconds: 1_800_000_000, stepSeconds: 60 };
	return { slot, stepSeconds: 60, pings: 1, options: {}, targets: [target], windowMs: 60_000 };
}

function recorded(text: string): unknown {
	const record = new RunRecord(job('x'), 0);
	const tools = { runCommand: async () => run(''), note: () => {} } as unknown as ProbeTools<unknown>;
	const source = { signal: new AbortController().signal, endWith: 'SIGTERM', debianPackage: 'x' } as const;
	const watched = record.watched(tools, job('x'));
	void watched.runCommand('program', [text], { ...source, secrets: [text.slice(0, 5)], input: text });
	watched.note(text);
	return record.answerFor('x');
}

function scannedKeys(text: string): unknown {
	const tools = { runCommand: async () => run(text), signal: new AbortController().signal, program: 'x' };
	return hostKeys(['192.0.2.7'], 'ecdsa', 22, 100, tools);
}

function inPieces(text: string): void {
	const reader = new GreetingReader();
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length && reader.add(bytes.subarray(at, at + 1)) === 'incomplete'; at++);
}

const sink = { type: 'telegraf', url: 'udp://127.0.0.1:8094' };
const encoded = { lines: ['a b=1 1'], sizes: [8], owners: [0], verdicts: ['taken'] } as const;
const sinkKeys = ['type', 'name', 'orders', 'url', 'tags', 'password', 'bucket', 'token_file'];
const row = { user: null, target: null, stepSeconds: 1, ageSeconds: 1, result: null, state: 'ok' };
const graph: GraphSpec = {
	...{
		title: '',
		subtitle: '',
		startSeconds: 0,
		endSeconds: 60,
		pings: 5,
		size: { width: 600, height: 300 },
	},
	format: 'png',
	series: { names: [], stepSeconds: 60, rows: [] },
};

function pageOf(text: string): string {
	const labels = { title: text, note: text, link: text, measured: text };
	const drawn = { id: text, isArchived: false, labels, period: text, dates: text, image: Buffer.alloc(0) };
	return graphPage({ title: text, drawnSeconds: 0, entries: [drawn, { id: text, problem: text }] });
}

/**
 * Every module of `src/` and `probes/` that looks into texts, with functions that feed it with texts as they may come
 * from outside: orders, the config, the command line, files, programs and peers. A text in place of them says why none
 * of that gets there.
 */
export const textReaders: Readonly<Record<string, readonly Feed[] | string>> = {
	// ---- Orders, telegraf/ and the config ----
	'src/reading/order.ts': [
		read,
		(text) => readOrder('x', text, builtInProbes),
		(text) => readOrder(text, order('probe: fping\nfping: {host: x}\n'), builtInProbes),
		...probeFeeds,
		...['user', 'task', 'step', 'pings', 'probe', 'rrd_template', 'measurement_name', 'tags', 'telegraf'].map(
			(key) => (text: string) => read(`probe: fping\nfping: {host: x}\n${key}: ${quoted(text)}\n`),
		),
		(text) => read(`probe: fping\nfping: {host: x}\ntags: {${quoted(text)}: 1, a: ${quoted(text)}}\n`),
		(text) => read(`probe: fping\nfping: {host: x}\n${quoted(text)}: 1\n`),
		(text) => read(`probe: fping\n${quoted(text)}: {host: x}\n`),
	],
	'src/reading/order-fields.ts': 'fed by src/reading/order.ts',
	'src/reading/order-telegraf.ts': [
		readTelegrafFile,
		(text) => readTelegrafFile(`measurement_name: x\ntags: {a: ${quoted(text)}}`),
	],
	'src/reading/strict-section.ts': [
		...[...builtInProbes.values()].map(
			(probe) => (text: string) => readStrict(probe.settings, { [text]: 1, command: text }, 'x'),
		),
	],
	'src/reading/yaml-mapping.ts': [
		readMapping,
		readAsWritten,
		...['a: ', '- ', '? ', '"', "'", '|\n ', '>\n ', 'a: &a ', '{', '[', '!!str ', '%TAG ! '].map(
			(before) => (text: string) => readMapping(before + text),
		),
		...['a: &a x\n? [', 'a: &a [x]\nb: [', 'a: &a {b: c}\nb: ['].map(
			(before) => (text: string) => readMapping(`${before}${text}]\n: 1\n`),
		),
	],
	'src/reading/yaml-keys.ts': 'fed by src/reading/yaml-mapping.ts',
	'src/config/config.ts': [
		(text) => {
			const flags = { basedir: text, maxAge: text, user: text, logLevel: text, logFormat: text };
			return loadConfig({ flags, probes: builtInProbes, sinks: builtInSinks });
		},
	],
	'src/config/probes-setting.ts': [
		(text) => readProbesSetting(text),
		(text) => readProbesSetting([text, text, { [text]: {} }]),
	],
	'src/config/limits-setting.ts': [
		(text) => limitsSetting.safeParse({ orders: text, disk: text, users: { [text]: { batches: text } } }),
		(text) => limitsFor({ others: noLimits, users: { [text]: noLimits } }, () => 1, 1),
	],
	'src/config/probe-module.ts': 'modules are code, and trusted',
	'src/config/sink-config.ts': [
		(text) => readSinks([], text, builtInSinks),
		(text) => readSinks([{ ...sink, [text]: text }], undefined, builtInSinks),
		...sinkKeys.map(
			(key) => (text: string) => readSinks([{ ...sink, [key]: text }], undefined, builtInSinks),
		),
		(text) => readSinks([{ ...sink, tags: { [text]: text } }], undefined, builtInSinks),
	],
	'src/config/sink-name.ts': [(text) => sinkName('telegraf', text, new Set())],
	// ---- What is said about what was read ----
	'src/model/printable.ts': [printable, firstUnprintable, excerpt, (text) => escapeJson(quoted(text))],
	'src/model/nearest.ts': [
		(text) => nearest(text, ['host', 'interface', text.slice(1), `${text.slice(0, -1)}x`]),
		(text) => nearest(text, [text.replaceAll('a', 'b'), `b${text}b`, [...text].reverse().join('')]),
		(text) => nearest('interface', [text, `interface${text}`]),
	],
	'src/model/order-id.ts': [wrongWithOrderId, (text) => wrongWithOrderId(`a/main.${text}`)],
	'src/model/influx-names.ts': [influxName, influxTag],
	'src/model/size.ts': [sizeBytes],
	'src/model/span.ts': [(text) => spanSeconds(text)],
	'src/model/facts.ts': 'declarations of probes, which are code',
	'src/orders/names.ts': [wrongWithId],
	'src/orders/selector.ts': [
		(text) => selectOrders([text, `${text}x`, `${text}*`, `${text}/`], ['app/order', 'app/other']),
		(text) => selectOrders([text, `${text}**`], ['app/order', 'app/other'], 'refused'),
	],
	'src/orders/claims.ts': paths,
	'src/orders/links.ts': paths,
	'src/orders/walk.ts': paths,
	'src/orders/writer.ts': paths,
	'src/commands/order/listed.ts': 'fed by src/orders/selector.ts',
	'src/commands/shared/listed-orders.ts': paths,
	'src/orders/glob.ts': [
		(text) => globPattern('*a*b?').test(text),
		(text) => globPattern('**a**:**/').test(text),
		(text) => globPattern(text).test('app/order'),
	],
	'src/host/log-line.ts': [colouredLine, journalLine, jsonLine].map(
		(line) => (text: string) => line('info', text, new Date(0)),
	),
	'src/host/log.ts': 'fed by src/host/log-line.ts',
	'src/host/link-trust.ts': paths,
	'src/host/privileges.ts': 'what id(1) and getent(1) of this machine say',
	'src/host/version.ts': 'our own package.json',
	// ---- Programs and servers that are measured ----
	'probes/httping/diagnosis.ts': 'a header of 16 KiB, of which each piece is looked at once',
	'probes/shared/ip-address.ts': 'addresses that the resolver gave, or that an order has and was checked for',
	'probes/shared/out-interface.ts': 'tables of the kernel',
	'probes/shared/way-out.ts': 'tables of the kernel',
	'probes/shared/command.ts': [(text) => describeFailedRun('fping', run(text), text.split('\n'))],
	'probes/shared/addressing.ts': 'fed by src/reading/order.ts',
	'probes/shared/flags.ts': 'fed by src/reading/order.ts',
	'probes/shared/fping-output.ts': [parseFpingOutput, (text) => parseFpingOutput(`${text} : ${text}\n`)],
	'probes/shared/loss-reasons.ts': [(text) => countedReasons([text, `at ${text}`])],
	'probes/fping/index.ts': 'fed by src/reading/order.ts and probes/shared/fping-output.ts',
	'probes/httping/loss.ts': [
		lossByLine,
		(text) => lossByLine(`could not connect (${text}`),
		(text) => countedLosses(text.split('\n'), ['a', '12']),
	],
	'probes/httping/options.ts': 'fed by src/reading/order.ts',
	'probes/httping/output.ts': [
		(text) => httpingOutput.resultOf(run(text), httpingRun, 1_800_000_001),
		(text) => httpingOutput.parseHttpingOutput(`connected to ${text}`),
		(text) => httpingOutput.parseHttpingOutput(`connected to x (1 bytes), seq=0 time= 1.0 ms ${text}`),
		(text) =>
			httpingOutput.parseHttpingOutput(
				text.replaceAll(
					/[a1]/g,
					(c) => `connected to x (1 bytes), seq=${c === 'a' ? 0 : 999} time= 1.0 ms\n`,
				),
			),
	],
	'probes/httping/url.ts': [
		readUrl,
		readProxy,
		(text) => readUrl(`http://${text}`),
		(text) => readUrl(`http://${text}@x/`),
		(text) => readProxy(`http://x:${text}`),
		(text) => shownUrl(`http://${text}`),
		(text) => shownUrl(`x:${text}`),
		(text) => secretsOf([`http://a:${encodeURIComponent(text)}@x/`]),
		(text) => masked(text, ['a', ':', '@']),
	],
	'probes/icmp/engine/ping-loop.ts': 'packets, not texts',
	'probes/icmp/engine/ping-report.ts': 'names of counters',
	'probes/icmp/index.ts': 'fed by src/reading/order.ts',
	'probes/icmp/options.ts': 'fed by src/reading/order.ts',
	'probes/pping/index.ts': 'fed by src/reading/order.ts',
	'probes/sping/address.ts': [readScionAddress, (text) => readScionAddress(`1-ff00:0:110,[${text}]`)],
	'probes/sping/index.ts': 'fed by src/reading/order.ts; its words about other users by probes/sping/user.ts',
	'probes/sping/output.ts': [
		(text) => spingOutput.resultOf(spingRun, run(text)),
		(text) => spingOutput.resultOf(spingRun, run(`{"replies": ${quoted(text)}}`)),
	],
	'probes/sping/facts.ts': [factsIn, (text) => factsIn(`{"path": ${quoted(text)}}`)],
	'probes/sping/user.ts': [
		(text) => remedyForUser('scion', run('', text)),
		(text) => remedyForUser('scion', run('', `sudo: ${text}`)),
	],
	'probes/ssh/identification.ts': [
		(text) => readGreeting(Buffer.from(text)),
		(text) => readGreeting(Buffer.from(`SSH-2.0-${text}`)),
		inPieces,
	],
	'probes/ssh/index.ts': 'fed by src/reading/order.ts',
	'probes/ssh/keys.ts': [scannedKeys, (text) => scannedKeys(`[${text} ssh-rsa x`)],
	'probes/ssh/loss.ts': [(text) => lossByWords(Buffer.from(text), 'x')],
	'probes/ssh/ping.ts': 'fed by probes/ssh/identification.ts',
	'src/tools/run-command.ts': 'it keeps what programs print, and does not look into it',
	'src/engine/run-record.ts': [recorded],
	// ---- Sinks ----
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
	'src/alerts/pattern.ts': [(text) => readPattern('loss', text)],
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
	'src/store/order-events.ts':
		'searched for two fixed words, split into lines; one anchored pattern of limited length',
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
	// ---- Those who ask ----
	'src/config/web-setting.ts': [(text) => webSetting.safeParse({ listen: text })],
	'src/web/access/hosts.ts': [(text) => isOurHost(text, new Set())],
	'src/web/access/sessions.ts': [
		cookieIn,
		(text) => holderOfSession(readTokens(`x read ${'0'.repeat(64)}`).tokens, text, 0),
	],
	'src/web/access/tokens.ts': [readTokens, (text) => readTokens(`x ${text} ${'0'.repeat(64)}`)],
	'src/web/metrics/core-families.ts': 'names of probes and facts, which are code',
	'src/web/metrics/order-labels.ts': [labelName, (text) => tagLabels({ [text]: text, [`${text}x`]: text })],
	'src/model/time-point.ts': [(text) => timePoint(text, 0), (text) => timePoint(`-${text}`, 0)],
	'src/web/api/order-text.ts': [
		(text) => orderFromBody(Buffer.from(text), false, 'x'),
		(text) => orderFromBody(Buffer.from(`{${quoted(text)}: 1}`), true, 'x'),
		(text) => hasEtag(text, '"x"'),
	],
	'src/web/api/api-route.ts': 'names of parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/list-orders.ts': 'parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/events-route.ts': 'parameters, of a path that node:http limits to 16 KiB',
	'src/web/api/order-routes.ts': 'a header that node:http limits to 16 KiB',
	'src/web/api/record-routes.ts': 'a file of the store, split into lines once',
	'src/web/routes/html.ts': [escapeHtml],
	'src/web/routes/login.ts': 'a header, and a body of 4 KiB',
	'src/web/server/answers.ts': [wantsHtml],
	'src/web/api/openapi.ts': 'paths of our own routes',
	'src/web/feed/feed-client.ts': 'lines of our own daemon, fed to src/outcomes/event-json.ts',
	'src/web/server/admission.ts': 'headers that node:http limits to 16 KiB in all',
	'src/web/server/path-table.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/web/server/web-server.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/memory/question-handler.ts': 'a path that node:http limits to 16 KiB with all headers',
	'src/web/metrics/negotiate.ts': [writerFor, (text) => writerFor(`text/plain;${text}`)],
	'src/web/metrics/exposition.ts': [(text) => new Labels([['a', text]]).text],
	'src/web/metrics/counted-before.ts': 'at most 192 KiB of a file, fed to src/history/histogram-lines.ts',
	'src/web/metrics/target-probe.ts': 'addresses that node:net has found to be one',
	'src/web/routes/metrics.ts':
		'a header that node:http limits to 16 KiB with all others, of which 1,000 characters are looked at',
	'src/web/routes/index.ts': 'patterns of 1,000 characters, fed to src/orders/glob.ts',
	'src/commands/web/token.ts': 'a name and scopes of the command line',
	'src/web/metrics/text-writer.ts': 'help texts and names of our own',
	'src/daemon/daemon.ts': 'messages of probes, whose texts are limited by probes/shared',
	// ---- The command line ----
	'src/orders/lists/targets.ts': [
		readTargets,
		(text) => readTargets(`${text}\r x`),
		(text) => readWords([text, `a@${text}`]),
		(text) => readTargets(JSON.stringify([{ targets: [text], labels: { a: text, [text]: 'b' } }])),
	],
	'src/orders/lists/remote-targets.ts': 'a list that is fed to src/orders/lists/targets.ts',
	'src/orders/lists/text.ts': [
		(text) => isMarked('x', text),
		...['user', 'step', 'pings', 'probe'].map((flag) => (text: string) => {
			const flags = { user: 'x', step: '60', pings: '5', probe: 'fping' };
			return readFlags(
				{ ...flags, [flag]: text, option: [`host=${text}`], set: [text] },
				builtInProbes,
				orderDefaults(),
			);
		}),
	],
	'src/commands/mpcli/targets.ts': 'ids, which are paths',
	'src/orders/lists/wanted.ts': 'ids, which are paths',
	'src/orders/lists/id.ts': [nameForTarget],
	'src/commands/status/sort.ts': [
		(text) => groupByUser([{ ...row, id: text, target: text, user: text } as never], 'target'),
	],
	'src/commands/terminal/text.ts': [
		widthOf,
		(text) => cutEnd(text, 80),
		(text) => cutMiddle(text, 80),
		(text) => wrap(text, 80, 1000),
	],
	'src/commands/shared/times.ts': [(text) => readTime('--start', text, 0)],
	'src/commands/shared/words.ts': [
		valueText,
		(text) => shellWords({ program: 'x', args: [text], is_cut: false, input_lines: 0 }),
	],
	'src/store/find-orders.ts': [(text) => new OrderProblem(text)],
	'src/commands/graph/options.ts': [
		readSize,
		(text) => readSpan({ basedir: '', period: text }, 0),
		(text) => readSpan({ basedir: '', start: text, end: text }, 0),
	],
	'src/commands/graph/page.ts': [(text) => pageOf(text)],
	'src/commands/graph/arguments.ts': [
		(text) => graphArguments({ ...graph, title: text }),
		(text) => graphArguments({ ...graph, subtitle: text }),
	],
	'src/commands/graph/index.ts': 'ids of orders that there are',
	'src/reading/order-labels.ts': 'fed by src/commands/shared/order-labels.ts',
	'src/commands/shared/order-labels.ts': [
		(text) => labelsIn('x', text, builtInProbes),
		(text) =>
			labelsIn('x', JSON.stringify({ title: text, note: text, link: `http://${text}` }), builtInProbes),
	],
	'src/commands/graph/rrdtool.ts': 'what rrdtool says, one line of it',
	'src/commands/graph/terminal.ts': 'the environment of the user',
	'src/commands/terminal/terminal-answer.ts': 'what the terminal of the user says',
	'src/commands/terminal/few-colours.ts': 'pixels',
	'src/commands/completion/complete.ts': 'the beginning of a word that the user types',
	'src/commands/completion/made-script.ts': 'the name of a shell, or nothing',
	'src/commands/completion/fish.ts': 'texts of our own help',
	'src/commands/completion/zsh.ts': 'texts of our own help',
	'src/commands/man/help-text.ts': 'texts of our own help',
	'src/commands/man/page.ts': 'texts of our own help',
	'src/commands/man/roff.ts': 'texts of our own help',
	'src/commands/shared/command-tree.ts': 'texts of our own help',
	'src/commands/shared/completion-offers.ts': 'texts of our own help',
	'src/commands/explain/page.ts': 'fed by src/commands/terminal/text.ts',
	'src/commands/export/index.ts': 'fed by src/commands/shared/times.ts',
	'src/commands/order/sources.ts': 'the key of a finding, which is an excerpt',
	'src/orders/lists/input.ts': 'a mark at the beginning',
	'src/memory/ask-daemon.ts': 'JSON of our own daemon',
	'src/commands/status/daemon.ts': 'JSON of our own daemon',
	'src/commands/status/index.ts': 'digits and names of flags',
	'src/commands/export/histories.ts': 'lines of our own files, each of bounded length',
	'src/commands/measure/index.ts': 'names of options of our own',
	'src/commands/measure/wish.ts': [(text) => secondsIn(text)],
	'src/commands/status/check.ts': 'fed by src/model/printable.ts',
	'src/commands/status/scroll.ts': 'keys that the user of the terminal presses',
	'probes/shared/watching-hosts.ts': 'addresses in a list, compared as a whole',
	'probes/ssh/run.ts': 'addresses in a list, compared as a whole',
};
