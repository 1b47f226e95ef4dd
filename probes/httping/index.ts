import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Sample } from '../../src/model/measurement.ts';
import type {
	FoundAddress,
	Job,
	Probe,
	ProbeFinding,
	ProbeResults,
	ProbeTools,
	TargetResult,
	Timing,
} from '../../src/model/probe.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { lookUpMs, nameFailureText } from '../shared/look-up.ts';
import { countedLosses } from './loss.ts';
import { type HttpingOptions, httpingOptions } from './options.ts';
import { connectedAddress, type HttpingRun, type HttpingRunResult, resultOf } from './output.ts';
import { needMs, paceOf, staggerShare, usableShare } from './pace.ts';
import { credentialsOf, masked, onlyIpv4, secretsOf, shownUrl, withoutCredentials } from './url.ts';

export interface HttpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
}

/** HTTP and HTTPS requests by the program httping: a process for each URL. */
export const httping: Probe<HttpingOptions, HttpingSettings> = {
	name: 'httping',
	options: httpingOptions,
	target: 'url',
	settings: z.strictObject({ command: commandSetting('/usr/bin/httping') }),
	// A process sleeps between its pings, in 0.8 MB of memory. So at most some 500 of them.
	lanes: 50,
	batchMax: () => 10,
	needMs,
	shown: shownUrl,
	check,
	measure,
};

function check({ interval }: HttpingOptions, { stepSeconds, pings }: Timing): ProbeFinding[] {
	const largest = Math.floor((stepSeconds * 1000) / pings) / 1000;
	if (interval === undefined || pings === 1 || interval <= largest) return [];
	const message = `${pings} pings every ${interval} s do not fit into a step of ${stepSeconds} s. Write at most ${largest}`;
	return [{ key: 'interval', message }];
}

/** What httping is told of a URL. */
export interface HttpingCommand extends Pick<HttpingRun, 'count' | 'intervalMs' | 'timeoutMs'> {
	readonly url: string;
	readonly userAgent: string;
	readonly options: Pick<HttpingOptions, 'proxy' | 'http_codes_as_failure'>;
	/** The address of the server or the proxy, when the name cannot be looked up. */
	readonly connectTo?: string | undefined;
}

/** The command line, without the program. */
export function argvOf(command: HttpingCommand): string[] {
	const { url, userAgent, count, options, connectTo } = command;
	// It sleeps after the last ping too.
	const intervalMs = count === 1 ? shortestMs : command.intervalMs;
	const argv = [withoutCredentials(url), '--user-agent', userAgent, '--count', String(count), '--ai'];
	argv.push('--interval', inSeconds(intervalMs), '--timeout', inSeconds(command.timeoutMs));
	if (options.http_codes_as_failure !== undefined) argv.push('--show-statuscodes');
	const own = credentialsOf(url);
	if (own !== null) argv.push('-U', own.user, '-P', own.password);
	if (options.proxy === undefined) {
		return connectTo === undefined ? argv : [...argv, '--divert-connect', connectTo];
	}
	const { hostname, port } = new URL(options.proxy);
	argv.push('-x', `${connectTo ?? hostname}:${port || '80'}`);
	const proxys = credentialsOf(options.proxy);
	if (proxys !== null) argv.push('--proxy-user', proxys.user, '--proxy-password', proxys.password);
	return argv;
}

const shortestMs = 10;

function inSeconds(ms: number): string {
	return String(ms / 1000);
}

/** One of the URLs of a job. */
interface Site {
	readonly url: string;
	/** What must not be shown. */
	readonly secrets: readonly string[];
	/** Where its server, or the proxy, is. */
	readonly found: FoundAddress;
}

/** What is the same for all URLs of a job. */
interface Course {
	readonly job: Job<HttpingOptions>;
	readonly tools: ProbeTools<HttpingSettings>;
	/** Fires when the window is used up or the slot is over. */
	readonly signal: AbortSignal;
}

async function measure(job: Job<HttpingOptions>, tools: ProbeTools<HttpingSettings>): Promise<ProbeResults> {
	const ending = new AbortController();
	// Every URL listens.
	setMaxListeners(0, ending.signal);
	const end = () => ending.abort();
	const timer = setTimeout(end, job.windowMs * usableShare);
	tools.signal.addEventListener('abort', end, { once: true });
	if (tools.signal.aborted) end();
	try {
		const betweenMs = (job.windowMs * staggerShare) / job.targets.length;
		const course = { job, tools, signal: ending.signal };
		const results = new Map<string, TargetResult>();
		const measured = job.targets.map(async (url, i) => {
			results.set(url, await measureUrl(url, i * betweenMs, course));
		});
		await Promise.all(measured);
		return results;
	} finally {
		clearTimeout(timer);
		tools.signal.removeEventListener('abort', end);
	}
}

/** Never rejects: what happens to one URL is no other's concern. */
async function measureUrl(url: string, delayMs: number, course: Course): Promise<TargetResult> {
	const secrets = secretsOf([url, course.job.options.proxy]);
	try {
		const [found] = await Promise.all([lookUp(url, course), pause(delayMs, course.signal)]);
		const result = 'failure' in found ? found : await ping({ url, secrets, found }, course);
		return 'failure' in result ? { failure: masked(result.failure, secrets) } : result;
	} catch (error) {
		return { failure: masked(error instanceof Error ? error.message : String(error), secrets) };
	}
}

/**
 * httping looks up names for itself, before each ping. That a name is not known is seen here, without a process for it,
 * and no process has to wait for a resolver that does not answer.
 */
async function lookUp(
	url: string,
	{ job, tools }: Course,
): Promise<FoundAddress | { readonly failure: string }> {
	// Through a proxy, it is the proxy that looks up the name of the server.
	const name = new URL(job.options.proxy ?? url).hostname;
	const answers = await tools.resolve([{ name, family: 4 }], lookUpMs(job.windowMs));
	const answer = answers.get(name) ?? { address: name };
	if ('code' in answer) return { failure: nameFailureText(name, answer, () => onlyIpv4) };
	if (answer.address !== name) tools.measuredAt(url, answer);
	return answer;
}

/**
 * Without TLS one process makes all pings to a URL. With TLS each ping has a process of its own: httping 2.5 does not end
 * a handshake that hangs, and after any failure in TLS it never makes a handshake again, so that all else would fail.
 */
async function ping(site: Site, course: Course): Promise<TargetResult> {
	const { url, secrets } = site;
	const { job, signal } = course;
	const { pings, options, windowMs } = job;
	const tls = url.startsWith('https:');
	const intervalMs = options.interval === undefined ? undefined : Math.round(options.interval * 1000);
	const pace = paceOf({ windowMs, pings, intervalMs, tls });
	const count = tls ? 1 : pings;
	const run = { ...pace, count, tls, failureCodes: options.http_codes_as_failure ?? [] };
	const startedMs = performance.now();
	const samples: Sample[] = [];
	const losses: string[] = [];
	for (let made = 0; made < pings; made += count) {
		await pause(startedMs + made * pace.intervalMs - performance.now(), signal);
		if (signal.aborted) break;
		const result = await runOnce(site, run, course);
		samples.push(...result.samples);
		losses.push(...result.losses);
		if (result.failure !== null && samples.length === 0) return { failure: result.failure };
	}
	if (samples.length === 0) return { failure: 'httping was stopped before a ping was over' };
	return losses.length === 0
		? { samples }
		: { samples, extras: { lossReasons: countedLosses(losses, secrets) } };
}

/** How much longer than its ping a process may take that has one only: it has to start, too. */
const startMs = 200;

async function runOnce(
	{ url, secrets, found }: Site,
	run: HttpingRun,
	{ job: { options }, tools, signal }: Course,
): Promise<HttpingRunResult> {
	const { version, runCommand, settings, measuredAt } = tools;
	const assertClockKept = watchClock('httping');
	const ending = new AbortController();
	let endedAtMs: number | null = null;
	const end = () => {
		endedAtMs ??= Date.now();
		ending.abort();
	};
	const timer = run.tls ? setTimeout(end, run.timeoutMs + startMs) : undefined;
	signal.addEventListener('abort', end, { once: true });
	try {
		const userAgent = options.user_agent ?? `pingmachine/${version}`;
		// httping would look in vain.
		const connectTo = found.keptSeconds === undefined ? undefined : found.address;
		const argv = argvOf({ ...run, url, userAgent, options, connectTo });
		const result = await runCommand(settings.command ?? 'httping', argv, {
			signal: ending.signal,
			endWith: 'SIGINT',
			debianPackage: 'httping',
			secrets,
		});
		assertClockKept();
		// A name may have several addresses.
		const address = connectedAddress(result.stdout);
		if (address !== null && connectTo === undefined) measuredAt(url, { address });
		return resultOf(result, run, (endedAtMs ?? Date.now()) / 1000);
	} catch (error) {
		return { ...nothing, failure: error instanceof Error ? error.message : String(error) };
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
	}
}

const nothing: Omit<HttpingRunResult, 'failure'> = { samples: [], losses: [] };

/** Waits, but no longer than until the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
	if (ms > 0) await sleep(Math.min(ms, timerMaxMs), undefined, { signal }).catch(() => {});
}

/** Of what Node's timers can do. No slot is longer. */
const timerMaxMs = 2 ** 31 - 1;
