import type { Sample } from '../../src/model/measurement.ts';
import { parseUrl } from '../../src/model/parse-url.ts';
import type { Lost } from '../shared/timing/connect.ts';
import { type Failure, type Pinged, type PingFacts, secondsFrom } from '../shared/timing/pings.ts';
import { openConnection } from './connection.ts';
import { type Answer, type Asked, exchange, exchangeHttp2 } from './exchange.ts';
import { needsBody, wrongWithBody, wrongWithStatus } from './expectations.ts';
import { type PhaseName, Phases } from './phases.ts';
import type { HttpRoom, Site } from './run.ts';
import { basicOf } from './url.ts';

/** What is known of a ping as it goes on. */
export interface Going {
	readonly room: HttpRoom;
	readonly site: Site;
	readonly phases: Phases;
	/** Fires when its time is up, or all is over. */
	readonly signal: AbortSignal;
	/** Names were asked in vain: what it took does not count. */
	readonly restart: () => void;
	facts: PingFacts;
}

const inWords: Readonly<Record<PhaseName, string>> = {
	dns: 'timed out looking up the name',
	connect: 'timed out connecting',
	tls: 'timed out in the TLS handshake',
	first_byte: 'timed out waiting for the first byte',
	transfer: 'timed out in the answer',
};

/** One ping: a request on a new connection, and those that it is redirected to. Null when the signal fires before anything is known. */
export function httpPing(site: Site, room: HttpRoom, signal: AbortSignal): Promise<Pinged | null> {
	const ender = new AbortController();
	const end = () => ender.abort();
	signal.addEventListener('abort', end, { once: true });
	let isTimedOut = false;
	const late = () => {
		isTimedOut = true;
		end();
	};
	let timer = setTimeout(late, room.timeoutMs);
	let sentAtSeconds = Date.now() / 1000;
	let startMs = performance.now();
	const going: Going = {
		room,
		site,
		phases: new Phases(),
		signal: ender.signal,
		restart: () => {
			clearTimeout(timer);
			timer = setTimeout(late, room.timeoutMs);
			sentAtSeconds = Date.now() / 1000;
			startMs = performance.now();
		},
		facts: {},
	};
	const lost = (lossReason: string): Pinged => {
		const sample: Sample = { sentAtSeconds, rttSeconds: null };
		return { sample, lossReason, facts: factsOf(going) };
	};
	const judged = async (): Promise<Pinged | null> => {
		const got = await follow(going);
		if (got === null) return isTimedOut ? lost(inWords[going.phases.current]) : null;
		if ('failure' in got) return got;
		if ('lossReason' in got) return lost(got.lossReason);
		const verdict = judge(got, room, isTimedOut);
		if (verdict !== null) return 'failure' in verdict ? verdict : lost(verdict.lossReason);
		const isWhole = room.plan.until === 'body';
		if (isWhole && got.endMs === null) return isTimedOut ? lost(inWords.transfer) : null;
		const rttSeconds = secondsFrom(startMs, isWhole ? (got.endMs ?? got.headersMs) : got.headersMs);
		return { sample: { sentAtSeconds, rttSeconds }, lossReason: null, facts: factsOf(going) };
	};
	return judged().finally(() => {
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
	});
}

function factsOf({ phases, facts }: Going): PingFacts {
	return { ...phases.facts(), ...facts };
}

/** What the last answer is judged by; null when all is as expected. */
function judge(
	answer: Answer,
	{ plan: { expected, until } }: HttpRoom,
	isTimedOut: boolean,
): Lost | Failure | null {
	const status = wrongWithStatus(answer.status, expected);
	if (status !== null) return { lossReason: status };
	const isNeeded = needsBody(expected);
	if (!isNeeded && until === 'headers') return null;
	if (answer.bodyLoss !== null) return { lossReason: answer.bodyLoss };
	if (!isNeeded) return null;
	if (answer.endMs === null) return isTimedOut ? { lossReason: inWords.transfer } : stopped;
	if (answer.isCrowdedOut) return crowdedOut;
	if (answer.encoding !== null && answer.encoding !== 'identity')
		return { lossReason: `body is ${answer.encoding}, which was not asked for` };
	return wrongWithBody(answer.body.toString('utf8'), expected, answer.isCut);
}

const crowdedOut: Failure = {
	failure: 'too many bodies were being read at a time: give them longer steps, or look at smaller ones',
	code: 'limited',
};
const stopped: Failure = { failure: 'http was stopped before a ping was over', code: 'stopped' };

const redirectCodes: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The answer after all redirects. */
async function follow(going: Going): Promise<Answer | Lost | Failure | null> {
	const { plan } = going.room;
	let url = new URL(going.site.url);
	const { origin } = url;
	let { method, body } = plan;
	for (let redirects = 0; ; redirects++) {
		const got = await hop(going, url, url.origin === origin, method, body);
		if (got === null || !('status' in got)) return got;
		going.facts = { ...going.facts, status_code: got.status, http_version: got.httpVersion, redirects };
		if (plan.redirects === 0 || !redirectCodes.has(got.status) || got.location === null) {
			going.facts = { ...going.facts, body_bytes: got.bodyBytes };
			return got;
		}
		if (redirects === plan.redirects)
			return { lossReason: `more than ${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}` };
		const next = redirected(got.location, url);
		if (next === null) return { lossReason: `redirected to what is no URL of HTTP` };
		url = next;
		const turnsToGet = got.status === 303 ? method !== 'HEAD' : got.status < 303 && method === 'POST';
		if (turnsToGet) [method, body] = ['GET', undefined];
	}
}

const locationMax = 4000;

function redirected(location: string, from: URL): URL | null {
	const url = location.length > locationMax ? null : parseUrl(location, from.href);
	return url !== null && /^https?:$/.test(url.protocol) && url.port !== '0' ? url : null;
}

/** One request on a connection of its own. */
async function hop(
	going: Going,
	url: URL,
	isOwn: boolean,
	method: string,
	body: string | undefined,
): Promise<Answer | Lost | Failure | null> {
	const { room, phases, signal } = going;
	const { plan } = room;
	const connection = await openConnection(going, url, isOwn);
	if (connection === null || !('socket' in connection)) return connection;
	const asked: Asked = {
		url,
		method,
		headers: headersOf(going, url, isOwn),
		body,
		wholeUrl: plan.proxy !== undefined && url.protocol === 'http:',
		keepsBody: needsBody(plan.expected),
	};
	const speak = connection.isHttp2 ? exchangeHttp2 : exchange;
	phases.begin('first_byte');
	const got = await speak(connection.socket, asked, signal, () => phases.begin('transfer'));
	if (got === null || 'lossReason' in got) return got;
	const readyMs = connection.readyMs;
	phases.begin('first_byte', readyMs);
	phases.end(got.firstByteMs);
	phases.begin('transfer', got.firstByteMs);
	if (got.endMs !== null) phases.end(got.endMs);
	return got;
}

/** What only the server of the order's own URL may hear. */
const secretHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host']);

function headersOf({ room: { plan }, site }: Going, url: URL, isOwn: boolean): Record<string, string> {
	const own = Object.entries(plan.headers).filter(([name]) => isOwn || !secretHeaders.has(name));
	const authorization = isOwn ? (plan.authorization ?? basicOf(site.url)) : null;
	const viaProxy = plan.proxy !== undefined && url.protocol === 'http:' ? basicOf(plan.proxy) : null;
	return {
		host: url.host,
		...(authorization === null ? {} : { authorization }),
		...(viaProxy === null ? {} : { 'proxy-authorization': viaProxy }),
		'accept-encoding': 'identity',
		...Object.fromEntries(own),
	};
}
