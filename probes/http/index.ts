import { isIP } from 'node:net';
import { z } from 'zod';
import type { FactDeclaration } from '../../src/model/facts.ts';
import { once } from '../../src/model/once.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';
import { type FamilyRemedy, lookUpMs, nameFailureText, restOfWindow } from '../shared/look-up.ts';
import { knownToBeSent } from '../shared/sendable.ts';
import { needMs, type Pace, paceOf } from '../shared/timing/pace.ts';
import type { Failure, TimedTarget } from '../shared/timing/pings.ts';
import { delayedFact, resultOf } from '../shared/timing/results.ts';
import { closeTimingThread, runInTimingThread } from '../shared/timing/thread.ts';
import { readOrderFile, readTlsFiles, secretFoldersByDefault } from '../shared/tls/context.ts';
import { tlsFacts } from '../shared/tls/facts.ts';
import { shownUrl } from '../shared/url.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { familyOf } from './connection.ts';
import { checkHttp, type HttpOptions, httpOptions, usualTimeoutMs } from './options.ts';
import type { HttpPlan, HttpRun, Site } from './run.ts';
import { basic, hostOf } from './url.ts';

export interface HttpSettings {
	/** Where files with secrets are that orders may name. */
	readonly secret_folders?: readonly string[] | undefined;
}

const facts: readonly FactDeclaration[] = [
	{ name: 'status_code', kind: 'gauge', help: 'status code of the answer', per: 'ping' },
	{ name: 'dns', kind: 'seconds', help: 'time to look up the name', per: 'ping' },
	{ name: 'connect', kind: 'seconds', help: 'time to connect, by TCP', per: 'ping' },
	{ name: 'tls', kind: 'seconds', help: 'time of the TLS handshake', per: 'ping' },
	{
		name: 'first_byte',
		kind: 'seconds',
		help: 'time from the request to the first byte of the answer',
		per: 'ping',
	},
	{
		name: 'transfer',
		kind: 'seconds',
		help: 'time from the first byte of the answer to the end of its body',
		per: 'ping',
	},
	{ name: 'http_version', kind: 'text', help: 'version of HTTP of the answer', per: 'ping' },
	{
		name: 'body_bytes',
		kind: 'gauge',
		unit: 'bytes',
		help: 'length of the body, as far as it was read',
		per: 'ping',
	},
	{ name: 'redirects', kind: 'gauge', help: 'how many redirects were followed', per: 'ping' },
	...tlsFacts,
	delayedFact,
];

const targetsMax = 1000;
/** Results are taken apart in the main thread. */
const pingsMax = 20_000;

const settingsSchema = once(() =>
	z.strictObject({
		secret_folders: z
			.array(z.string().startsWith('/', 'must be paths from the root, such as /etc/pingmachine/secrets'))
			.optional(),
	}),
);

/** HTTP and HTTPS requests by an engine of our own: one thread for all jobs, a new connection for each ping. */
export const http: Probe<HttpOptions, HttpSettings> = {
	name: 'http',
	get options() {
		return httpOptions();
	},
	target: 'url',
	intervalUnit: 'ms',
	get settings() {
		return settingsSchema();
	},
	// Jobs share a thread.
	lanes: 1000,
	facts,
	batchMax: ({ pings }) => Math.max(1, Math.min(targetsMax, Math.floor(pingsMax / pings))),
	needMs: (_targets, timing) => needMs(timing, usualTimeoutMs),
	shown: shownUrl,
	check: checkHttp,
	measure,
	close: closeTimingThread,
};

async function measure(job: Job<HttpOptions>, tools: ProbeTools<HttpSettings>): Promise<ProbeResults> {
	const startedMs = tools.clock.monotonicMs();
	const plan = await planOf(job.options, tools);
	const { sites, failures, names } = await lookUp(job, tools);
	if (sites.length === 0) return failures;

	const spentMs = tools.clock.monotonicMs() - startedMs;
	const windowMs = restOfWindow({ windowMs: job.windowMs, targets: names }, spentMs);
	const { interval: intervalMs, timeout: timeoutMs = usualTimeoutMs } = job.options;
	const pace = paceOf({ windowMs, pings: job.pings, intervalMs, timeoutMs });
	const run: HttpRun = { sites, pings: job.pings, ...pace, plan };
	const urls = sites.map(({ url }) => url);
	const watching = watchingHosts(urls, new Map(urls.map((url) => [url, url])), tools.early);
	tools.note(noteOf(sites.length, pace, job));
	const module = new URL('./run.js', import.meta.url);
	const outcomes = await runInTimingThread<HttpRun, readonly TimedTarget[] | Failure>(
		module,
		run,
		tools.signal,
		watching,
	);
	if ('failure' in outcomes) return new Map([...failures, ...urls.map((url) => [url, outcomes] as const)]);
	const results = new Map<string, TargetResult>();
	for (const [index, outcome] of outcomes.entries())
		results.set(urls[index] ?? '', resultOf(outcome, facts, 'http'));
	const addresses = new Map(sites.map(({ url, address }) => [url, address]));
	const known = await knownToBeSent(results, job.options, (url) => addresses.get(url) ?? '');
	return new Map([...failures, ...known]);
}

async function planOf(
	options: HttpOptions,
	{ settings, version }: ProbeTools<HttpSettings>,
): Promise<HttpPlan> {
	const folders = settings.secret_folders ?? secretFoldersByDefault;
	const [files, password, token] = await Promise.all([
		readTlsFiles(options, folders),
		readOrderFile('password_file', options.password_file, folders),
		readOrderFile('token_file', options.token_file, folders),
	]);
	const { username, headers = {}, tls_verify: verify = true } = options;
	if (token !== undefined && !/^[!-~]+$/.test(token))
		throw new ProbeError(
			'refused_here',
			'token_file: there is more than a token in it. Write it in one line, without spaces',
		);
	const isBasic = username !== undefined && password !== undefined;
	return {
		method: options.method,
		headers: {
			'user-agent': `pingmachine/${version}`,
			accept: '*/*',
			...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
		},
		body: options.body,
		authorization: token !== undefined ? `Bearer ${token}` : isBasic ? basic(username, password) : undefined,
		expected: options,
		redirects: options.redirects,
		proxy: options.proxy,
		tls: { files, verify, serverName: options.tls_server_name },
		httpVersion: options.http_version,
		family: options.family,
		resolve: options.resolve,
		sourceIp: options.source_ip,
		until: options.until,
	};
}

const byFamily: FamilyRemedy = (has) => `write family: ${has}, or auto`;

/** Where each server, or the proxy, is. */
async function lookUp(
	{ targets, options, windowMs }: Job<HttpOptions>,
	tools: Pick<ProbeTools, 'resolve' | 'measuredAt'>,
): Promise<{
	readonly sites: Site[];
	readonly failures: Map<string, TargetResult>;
	readonly names: readonly string[];
}> {
	const hosts = new Map(targets.map((url) => [url, hostOf(new URL(options.proxy ?? url))]));
	const family = familyOf(options.family, options.source_ip);
	const names = options.resolve === undefined ? [...new Set(hosts.values())] : [];
	const ask = (some: readonly string[], wanted: 4 | 6) => {
		// A literal address has the family that it has.
		const queries = some.map((name) => ({ name, family: isIP(name) === 6 ? (6 as const) : wanted }));
		return tools.resolve(queries, lookUpMs(windowMs));
	};
	const found = new Map(await ask(names, family === 6 ? 6 : 4));
	const without = names.filter((name) => 'code' in (found.get(name) ?? {}));
	if (family === 'auto' && without.length > 0) {
		// What the first answer said of a name is told, where it has no address at all.
		for (const [name, answer] of await ask(without, 6)) if ('address' in answer) found.set(name, answer);
	}

	const sites: Site[] = [];
	const failures = new Map<string, TargetResult>();
	for (const [url, host] of hosts) {
		const answer = options.resolve === undefined ? found.get(host) : { address: options.resolve };
		if (answer === undefined) continue;
		if ('code' in answer) {
			failures.set(url, { failure: nameFailureText(host, answer, byFamily), code: answer.code });
			continue;
		}
		if (answer.address !== host) tools.measuredAt(url, answer);
		sites.push({ url, address: answer.address });
	}
	return { sites, failures, names };
}

function noteOf(
	sites: number,
	{ intervalMs, timeoutMs }: Pace,
	{ pings, options }: Job<HttpOptions>,
): string {
	const how = options.http_version === undefined ? '' : ` by HTTP/${options.http_version}`;
	const via = options.proxy === undefined ? '' : ` through ${shownUrl(options.proxy)}`;
	return (
		`${options.method}${how}${via} in the timing thread: ${pings} ${pings === 1 ? 'request' : 'requests'} to each of ${sites} ` +
		`${sites === 1 ? 'URL' : 'URLs'}, each on a new connection, every ${Math.round(intervalMs)} ms, timeout ${Math.round(timeoutMs)} ms`
	);
}
