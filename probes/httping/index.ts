import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import type { Sample } from '../../src/model/measurement.ts';
import { once } from '../../src/model/once.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
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
import { failureOf } from '../../src/model/probe.ts';
import { commandSetting, watchClock } from '../shared/command.ts';
import { lookUpMs, nameFailureText } from '../shared/look-up.ts';
import { lossFacts } from '../shared/loss-reasons.ts';
import { pause } from '../shared/pause.ts';
import { Sendable } from '../shared/sendable.ts';
import { masked, secretsOf, shownUrl } from '../shared/url.ts';
import { argvOf } from './argv.ts';
import { isHandshakeLoss, remedy, whatHttpingLacks } from './diagnosis.ts';
import { countedLosses } from './loss.ts';
import { type HttpingOptions, httpingOptions } from './options.ts';
import { connectedAddress, type HttpingRun, type HttpingRunResult, resultOf } from './output.ts';
import { needMs, paceOf, staggerShare, usableShare } from './pace.ts';
import { onlyIpv4 } from './url.ts';

export interface HttpingSettings {
	/** The program: a name, or an absolute path. */
	readonly command?: string | undefined;
}

const settingsSchema = once(() => z.strictObject({ command: commandSetting('/usr/bin/httping') }));

/** HTTP and HTTPS requests by the program httping: a process for each URL. */
export const httping: Probe<HttpingOptions, HttpingSettings> = {
	name: 'httping',
	get options() {
		return httpingOptions();
	},
	target: 'url',
	intervalUnit: 's',
	get settings() {
		return settingsSchema();
	},
	// A process sleeps between its pings, in 0.8 MB of memory. So at most some 500 of them.
	lanes: 50,
	facts: [{ name: 'status_code', kind: 'gauge', help: 'status code of the answer', per: 'ping' }],
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
	const cancelEnd = tools.clock.after(job.windowMs * usableShare, end);
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
		cancelEnd();
		tools.signal.removeEventListener('abort', end);
	}
}

/** Never rejects: what happens to one URL is no other's concern. */
async function measureUrl(url: string, delayMs: number, course: Course): Promise<TargetResult> {
	const secrets = secretsOf([url, course.job.options.proxy]);
	try {
		const [found] = await Promise.all([
			lookUp(url, course),
			pause(delayMs, { clock: course.tools.clock, signal: course.signal }),
		]);
		const result = 'failure' in found ? found : await ping({ url, secrets, found }, course);
		return 'failure' in result ? { ...result, failure: masked(result.failure, secrets) } : result;
	} catch (error) {
		const { failure, code } = failureOf(error);
		return { failure: masked(failure, secrets), code };
	}
}

/**
 * httping looks up names for itself, before each ping. That a name is not known is seen here, without a process for it,
 * and no process has to wait for a resolver that does not answer.
 */
async function lookUp(
	url: string,
	{ job, tools }: Course,
): Promise<FoundAddress | { readonly failure: string; readonly code: ReasonCode }> {
	// Through a proxy, it is the proxy that looks up the name of the server.
	const name = new URL(job.options.proxy ?? url).hostname;
	const answers = await tools.resolve([{ name, family: 4 }], lookUpMs(job.windowMs));
	const answer = answers.get(name) ?? { address: name };
	if ('code' in answer) return { failure: nameFailureText(name, answer, () => onlyIpv4), code: answer.code };
	if (answer.address !== name) tools.measuredAt(url, answer);
	return answer;
}

/**
 * Without TLS one process makes all pings to a URL. With TLS each ping has a process of its own: httping 2.5 does not end
 * a handshake that hangs, and after any failure in TLS it never makes a handshake again, so that all else would fail.
 */
async function ping(site: Site, course: Course): Promise<TargetResult> {
	const { url, found } = site;
	const { job, signal } = course;
	const { pings, options, windowMs } = job;
	const tls = url.startsWith('https:');
	const intervalMs = options.interval === undefined ? undefined : Math.round(options.interval * 1000);
	const pace = paceOf({ windowMs, pings, intervalMs, tls });
	const count = tls ? 1 : pings;
	const run = { ...pace, count, tls, failureCodes: options.http_codes_as_failure ?? [] };
	const sendable = new Sendable([found.address], {}, course.tools.clock);
	const stopLooking = sendable.watch({ rounds: pings, intervalMs: pace.intervalMs, firstMs: 0 }, signal);
	const so = { samples: [] as Sample[], losses: [] as string[], statusCodes: [] as (number | null)[] };
	const { clock } = course.tools;
	const startedMs = clock.monotonicMs();
	try {
		for (let made = 0; made < pings; made += count) {
			await pause(startedMs + made * pace.intervalMs - clock.monotonicMs(), { clock, signal });
			if (signal.aborted) break;
			const result = await runOnce(site, run, course);
			so.samples.push(...result.samples);
			so.losses.push(...result.losses);
			so.statusCodes.push(...result.statusCodes);
			const why = so.samples.length === 0 ? whyNone(site, result) : null;
			// A handshake that httping cannot make it will not learn with the next ping.
			const lack =
				made === 0 && isHandshakeLoss(so.losses[0] ?? '') ? await lackOf(site, so, run, course) : null;
			if (why !== null) return why;
			if (lack !== null) return { failure: lack, code: 'program_failed' };
		}
		const lack = so.losses.some(isHandshakeLoss) ? null : await lackOf(site, so, run, course);
		if (lack !== null) return { failure: lack, code: 'program_failed' };
	} finally {
		await stopLooking();
	}
	return summedUp(site, so, sendable);
}

/** Samples, in the same places the status codes, and why those that are lost are, in the order of these. */
interface SoFar {
	readonly statusCodes: readonly (number | null)[];
	readonly samples: readonly Sample[];
	readonly losses: readonly string[];
}

type Failure = Extract<TargetResult, { failure: string }>;

/** Why a process gave no samples. */
function whyNone({ url }: Site, { failure, code, unsent, interim }: HttpingRunResult): Failure | null {
	if (failure !== null) return { failure, code: code ?? 'program_failed' };
	if (unsent !== undefined) return { failure: `httping could not send: ${unsent}`, code: 'refused_here' };
	if (interim === undefined) return null;
	return {
		failure: `${new URL(url).hostname} answers with HTTP ${interim} first, which httping 2.5 takes for its answer. ${remedy}`,
		code: 'program_failed',
	};
}

/** An own look at a site takes no longer than this. */
const diagnosisMaxMs = 3000;

/** What httping cannot do that would have brought answers; null when nothing is known to be amiss. */
function lackOf(
	{ url, found }: Site,
	{ samples, losses }: SoFar,
	{ timeoutMs }: HttpingRun,
	{ job: { options }, tools, signal }: Course,
): Promise<string | null> | null {
	if (samples.some(({ rttSeconds }) => rttSeconds !== null)) return null;
	const userAgent = options.user_agent ?? `pingmachine/${tools.version}`;
	const limits = { timeoutMs: Math.min(timeoutMs, diagnosisMaxMs), signal };
	return whatHttpingLacks(
		{ url, address: found.address, proxy: options.proxy, userAgent, ...limits },
		losses,
	);
}

async function summedUp({ secrets, found }: Site, so: SoFar, sendable: Sendable): Promise<TargetResult> {
	if (so.samples.length === 0) {
		return { failure: 'httping was stopped before a ping was over', code: 'stopped' };
	}
	const reasons = new Map<Sample, string>();
	const lost = so.samples.filter(({ rttSeconds }) => rttSeconds === null);
	for (const [i, sample] of lost.entries()) reasons.set(sample, so.losses[i] ?? '');
	const judged = await sendable.judged(new Map([[found.address, { samples: so.samples }]]));
	const result = judged.get(found.address);
	if (result === undefined || !('samples' in result)) return result ?? { failure: 'httping gave no result' };
	const { samples } = result;
	const losses = samples.flatMap((sample) => reasons.get(sample) ?? []);
	const codes = new Map(so.samples.map((sample, i) => [sample, so.statusCodes[i] ?? null]));
	const statusCodes = samples.map((sample) => codes.get(sample) ?? null);
	const facts = {
		...lossFacts(countedLosses(losses, secrets), samples.length),
		...(statusCodes.every((code) => code === null) ? {} : { status_code: statusCodes }),
	};
	return Object.keys(facts).length === 0 ? { samples } : { samples, facts };
}

/** How much longer than its ping a process may take that has one only: it has to start, too. */
const startMs = 200;

async function runOnce(
	{ url, secrets, found }: Site,
	run: HttpingRun,
	{ job: { options }, tools, signal }: Course,
): Promise<HttpingRunResult> {
	const { clock, version, runCommand, settings, measuredAt } = tools;
	const assertClockKept = watchClock('httping', clock);
	const ending = new AbortController();
	let endedAtMs: number | null = null;
	const end = () => {
		endedAtMs ??= clock.wallMs();
		ending.abort();
	};
	const cancelEnd = run.tls ? clock.after(run.timeoutMs + startMs, end) : () => {};
	signal.addEventListener('abort', end, { once: true });
	try {
		const userAgent = options.user_agent ?? `pingmachine/${version}`;
		// httping would look in vain.
		const connectTo = found.keptSeconds === undefined ? undefined : found.address;
		const argv = argvOf({ ...run, url, userAgent, options, connectTo, showStatus: true });
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
		return resultOf(result, run, (endedAtMs ?? clock.wallMs()) / 1000);
	} catch (error) {
		return { ...nothing, ...failureOf(error) };
	} finally {
		cancelEnd();
		signal.removeEventListener('abort', end);
	}
}

const nothing: Omit<HttpingRunResult, 'failure'> = { samples: [], losses: [], statusCodes: [] };
