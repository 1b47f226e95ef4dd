/** Programs and servers that are measured. */
import { argvOf, programOf } from '../../../../probes/command/argv.ts';
import { judge } from '../../../../probes/command/judge.ts';
import { readSaid } from '../../../../probes/command/values.ts';
import { splitPort } from '../../../../probes/dns/options.ts';
import { comparable, presented } from '../../../../probes/dns/present.ts';
import { readType } from '../../../../probes/dns/types.ts';
import { countedLosses, lossByLine } from '../../../../probes/httping/loss.ts';
import * as httpingOutput from '../../../../probes/httping/output.ts';
import { readProxy, readUrl } from '../../../../probes/httping/url.ts';
import * as pingpongOutput from '../../../../probes/pping/output.ts';
import { describeFailedRun } from '../../../../probes/shared/command.ts';
import { parseFpingOutput } from '../../../../probes/shared/fping-output.ts';
import { countedReasons } from '../../../../probes/shared/loss-reasons.ts';
import { readScionAddress, readScionEndpoint } from '../../../../probes/shared/scion-address.ts';
import { factsIn } from '../../../../probes/sping/facts.ts';
import * as spingOutput from '../../../../probes/sping/output.ts';
import { remedyForUser } from '../../../../probes/sping/user.ts';
import { GreetingReader, readGreeting } from '../../../../probes/ssh/identification.ts';
import { hostKeys } from '../../../../probes/ssh/keys.ts';
import { lossByWords } from '../../../../probes/ssh/loss.ts';
import { ldapAnswer, replyOf } from '../../../../probes/tcp/starttls.ts';
import { nameIn, originIn } from '../../../../probes/traceroute/autonomous-systems.ts';
import { RunRecord } from '../../../../src/engine/run-record.ts';
import { hopText, readHop } from '../../../../src/model/hop.ts';
import type { ProbeTools } from '../../../../src/model/probe.ts';
import { readRoute, routeOf } from '../../../../src/model/route.ts';
import { hostOf } from '../../../../src/model/route-source.ts';
import { quoted, run, type TextReaders } from './feeds.ts';

const httpingRun = { count: 5, tls: false, failureCodes: [404], intervalMs: 100, timeoutMs: 1000 };
const spingRun = { target: '1-ff00:0:110,10.0.0.1', pings: 5, intervalMs: 100, timeoutMs: 1000 };
const pingpongRun = { host: '1-ff00:0:110,[10.0.0.1]:40002', pings: 5, intervalMs: 1000 };

const noHop = { lost: 0, sent: 0, minSeconds: null, medianSeconds: null, maxSeconds: null };

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

const placeholders = { argv: ['x', '{target}-{a}'], nagios: true, args: {}, timeout: 1 };
const times = { tookSeconds: 1, timedOutAfterMs: null };

export const programs: TextReaders = {
	'probes/command/argv.ts': [
		(text) => argvOf(placeholders, text, { a: text }),
		(text) => programOf({ program: text, target: 'x', args: { [text]: text } }, { programs: {} }),
	],
	'probes/command/judge.ts': [
		(text) => judge({ name: 'x', nagios: true }, run(text, text), times),
		(text) => judge({ name: 'x', nagios: false }, { ...run(text, text), exitCode: 1 }, times),
	],
	'probes/command/options.ts': 'fed by src/reading/order.ts',
	'probes/tcp/options.ts': 'fed by src/reading/order.ts',
	'probes/tcp/ping.ts': 'what has come, 64 KiB in 1,000 pieces at most, by probes/shared/pattern.ts',
	'probes/tcp/starttls.ts': [
		(text) => replyOf(() => null)(Buffer.from(text)),
		(text) => replyOf((line) => line.startsWith('+OK'))(Buffer.from(text)),
		(text) => ldapAnswer(Buffer.from(text)),
	],
	'probes/dns/answer.ts':
		'messages of 64 KiB and 1,000 records at most; their texts by probes/dns/present.ts',
	'probes/dns/index.ts': 'the first line of resolv.conf',
	'probes/dns/options.ts': [(text) => splitPort(text), (text) => splitPort(`[${text}]:${text}`)],
	'probes/dns/present.ts': [
		(text) => presented('TXT', [Buffer.from(text)]),
		(text) => comparable('TXT', `"${text}"`),
		(text) => comparable('MX', text),
		(text) => comparable('AAAA', text),
	],
	'probes/dns/query.ts': 'networks that an order has and was checked for',
	'probes/dns/types.ts': [readType, (text) => readType(`TYPE${text}`)],
	'probes/command/settings.ts': 'the config file',
	'probes/command/values.ts': [
		(text) => readSaid(text, 30),
		(text) => readSaid(`x | ${text}`, 30),
		(text) => readSaid(`x=${text}`, 30),
		(text) => readSaid(`x | '${text}'=1`, 30),
	],
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
	],
	'probes/icmp/engine/scopes.ts': 'names of interfaces, checked as those of src/reading/order.ts',
	'probes/traceroute/autonomous-systems.ts': [originIn, nameIn, (text) => originIn(`${text} | ${text}`)],
	'probes/traceroute/index.ts': 'addresses that the resolver gave',
	'probes/traceroute/ip-text.ts': 'addresses that the kernel gave',
	'probes/traceroute/settings.ts': 'fed by src/config/config.ts',
	'src/model/hop.ts': [
		readHop,
		(text) => readHop(`192.0.2.1,${text}`),
		(text) => readHop(`192.0.2.1 loss=1/3 rtt=${text} mpls=${text} name=${text} as=${text} ${text}`),
		(text) => hopText({ ...noHop, addresses: [text], names: [text], asName: text, origin: text }),
	],
	'src/model/route-source.ts': [
		(text) => hostOf({ target: text }),
		(text) => hostOf({ target: `http://${text}` }),
	],
	'src/model/route.ts': [
		readRoute,
		(text) => readRoute(JSON.stringify({ time: 0, reached: true, hops: [{ addresses: [text] }] })),
		(text) => routeOf(0, [text, null, `${text} target`], true),
	],
	'probes/icmp/engine/ping-report.ts': 'names of counters',
	'probes/icmp/index.ts': 'fed by src/reading/order.ts',
	'probes/icmp/options.ts': 'fed by src/reading/order.ts',
	'probes/pping/index.ts': 'fed by src/reading/order.ts',
	'probes/pping/output.ts': [
		(text) => pingpongOutput.resultOf(pingpongRun, run(text)),
		(text) => pingpongOutput.resultOf(pingpongRun, run(`${pingpongRun.host} : ${text}\n`)),
	],
	'probes/shared/scion-address.ts': [
		readScionAddress,
		(text) => readScionAddress(`1-ff00:0:110,[${text}]`),
		(text) => readScionEndpoint(`1-ff00:0:110,[10.0.0.1]:${text}`),
		(text) => readScionEndpoint(`${text}:1`),
	],
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
	'src/engine/scheduler.ts': 'reasons of our own, for the log',
};
