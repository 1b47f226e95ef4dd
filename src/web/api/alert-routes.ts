import { z } from 'zod';
import { askAboutAlerts } from '../../memory/ask-daemon.ts';
import { alertsAnswer, type FiringAlertAnswer } from '../../model/alert-answer.ts';
import { printable } from '../../model/printable.ts';
import { spanForms, spanSeconds } from '../../model/span.ts';
import { timeForms, timePoint } from '../../model/time-point.ts';
import { MuteTrouble, writeMute } from '../../orders/mute-writer.ts';
import { selectOrders } from '../../orders/selector.ts';
import { firedOf } from '../alerts/acknowledge.ts';
import { historyLine } from '../alerts/history.ts';
import { RuleTrouble, ruleInText, ruleOfName } from '../alerts/rule-files.ts';
import { historyOfOrders, type Trial, tryRule } from '../alerts/trial.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, apiRoute, countParameter, textParameter, timeParameter } from './api-route.ts';
import { jsonBody } from './json-body.ts';

const historyMax = 10_000;
const bodyMax = 64 * 1024;
const usualSinceSeconds = 8 * 86_400;

const words = z.string().max(1000);
const patterns = z.union([z.string().max(500), z.array(z.string().max(500)).min(1).max(1000)]);

const ackBody = z.strictObject({ alert: z.string().max(2000), why: words.optional() });
const muteBody = z.strictObject({
	...{ orders: patterns, rules: patterns.optional(), why: words.optional() },
	for: z.union([z.string(), z.number()]).optional(),
	until: z.union([z.string(), z.number()]).optional(),
});

const written = z.strictObject({ mutes: z.array(z.string()).describe('files below mutes/') });
const history = z.strictObject({ history: z.array(historyLine).describe('oldest first') });
const fired = z.strictObject({
	...{ since: z.number(), raised: z.number(), cleared: z.number().nullable() },
	told: z.number().nullable().describe('when people would have been told; null: it was held to its end'),
	held: z.string().nullable().describe('what held it at its raise: an order, or isolated'),
	...{ what: z.string(), pops: z.array(z.string()) },
});
const tested = z.strictObject({
	orders: z.array(
		z.strictObject({
			id: z.string(),
			from: z.number().nullable().describe('how far back it could look; null: there are no single slots'),
			...{ until: z.number().nullable(), unknown: z.int().describe('slots') },
			...{ raises: z.int(), clears: z.int(), firing: z.number().describe('seconds') },
			fired: z.array(fired),
		}),
	),
	left: z.int().describe('orders that were too many'),
});

const silent = { 503: 'the daemon does not answer' };

/** What fires, what did, and what people say of it. */
export function alertRoutes(parts: WebParts): ApiRoute[] {
	const change = { method: 'POST', scope: 'alert', query: z.strictObject({}), answer: written } as const;
	const json = { types: ['application/json'], max: bodyMax };
	return [
		apiRoute({
			...{ method: 'GET', path: '/api/v1/alerts', query: z.strictObject({}), answer: alertsAnswer() },
			...{ faults: silent, summary: 'The alerts that fire' },
			handle: async () => ({ firing: await firingOf(parts) }),
		}),
		apiRoute({
			...{ method: 'GET', path: '/api/v1/alerts/history', answer: history },
			query: z.strictObject({
				order: textParameter.describe('an order, a folder or a pattern'),
				since: timeParameter.describe('from then on'),
				limit: countParameter(1, historyMax).describe('the newest; 1000 by default'),
			}),
			summary:
				'What was raised and cleared of orders that are measured, and, without order, of the daemon itself',
			handle: async (_, { order, since = 0, limit = 1000 }) => {
				const ids = order === undefined ? null : selectOrders([order], parts.orders.names()).ids;
				return { history: (await historyOfOrders(parts, ids, since)).slice(-limit) };
			},
		}),
		apiRoute({
			...{ ...change, path: '/api/v1/alerts/ack', body: json },
			summary: 'Say of alerts that fire that somebody knows: {"alert": ID or order, "why": ...}',
			faults: { 404: 'no such alert fires', 422: 'what is wrong', ...silent },
			handle: (asked) => acknowledge(parts, asked),
		}),
		apiRoute({
			...{ ...change, path: '/api/v1/alerts/mute', body: json },
			summary: 'Hold alerts for a while: {"orders": ["core/**"], "for": "2h", "why": ...}',
			faults: { 422: 'what is wrong' },
			handle: (asked) => mute(parts, asked),
		}),
		testRoute(parts),
	];
}

function testRoute(parts: WebParts): ApiRoute {
	return apiRoute({
		...{ method: 'POST', path: '/api/v1/alerts/test', scope: 'alert', answer: tested },
		query: z.strictObject({
			rule: textParameter.describe('the name of a rule; or send a rule as YAML'),
			order: textParameter.describe('orders, a folder or a pattern; by default those that the rule is for'),
			since: timeParameter.describe('how far back; 8 days by default'),
		}),
		summary: 'When a rule would have fired, by the single slots that are kept',
		body: { types: ['application/yaml'], max: bodyMax },
		faults: { 422: 'the rule is wrong, or cannot be replayed' },
		handle: async (asked, { rule, order = '', since }) => {
			const text = (await asked.body()).toString('utf8');
			const compiled = explained(() =>
				rule === undefined
					? ruleInText(text, 'sent', 'the rule', parts.facts)
					: ruleOfName(parts.baseDir, rule, parts.facts),
			);
			const from = since ?? Math.floor(Date.now() / 1000) - usualSinceSeconds;
			const { trials, left } = await tryRule(parts, compiled, order, from);
			return { orders: trials.map(trialAnswer), left };
		},
	});
}

function trialAnswer({ id, past, fired, firingSeconds }: Trial) {
	return {
		...{ id, from: past?.fromSeconds ?? null, until: past?.untilSeconds ?? null },
		...{ unknown: past?.unknownSlots ?? 0, raises: fired.length, firing: firingSeconds },
		clears: fired.filter(({ clearedSeconds }) => clearedSeconds !== null).length,
		fired: fired.map(({ sinceSeconds, raisedSeconds, clearedSeconds, toldSeconds, heldBy, what, pops }) => ({
			...{ since: sinceSeconds, raised: raisedSeconds, cleared: clearedSeconds },
			...{ told: toldSeconds, held: heldBy, what, pops: [...pops] },
		})),
	};
}

async function firingOf({ baseDir }: WebParts): Promise<FiringAlertAnswer[]> {
	const asked = await askAboutAlerts(baseDir);
	if ('silence' in asked) throw new RequestFault(503, `the daemon does not answer: ${asked.silence}`);
	return asked.answer.firing;
}

async function acknowledge(parts: WebParts, asked: Asked): Promise<z.infer<typeof written>> {
	const by = changerOf(parts, asked);
	const { alert, why } = jsonBody(ackBody, await asked.body());
	const alerts = firedOf(await firingOf(parts), alert).filter(({ acknowledged }) => acknowledged === null);
	if (alerts.length === 0) throw new RequestFault(404, 'no alert of that fires that nobody has acknowledged');
	const common = { orders: null, rules: null, untilSeconds: null, by, ...(why === undefined ? {} : { why }) };
	const now = Math.floor(Date.now() / 1000);
	const mutes = alerts.map(({ id }) =>
		explained(() => writeMute(parts.baseDir, { ...common, alert: id }, now)),
	);
	parts.log.info(`web: ${by} acknowledged ${alerts.map(({ id }) => printable(id)).join(', ')}`);
	return { mutes };
}

async function mute(parts: WebParts, asked: Asked): Promise<z.infer<typeof written>> {
	const by = changerOf(parts, asked);
	const { orders, rules, why, ...end } = jsonBody(muteBody, await asked.body());
	const now = Math.floor(Date.now() / 1000);
	const untilSeconds = endOf(end, now);
	const name = explained(() =>
		writeMute(
			parts.baseDir,
			{
				...{ orders: [orders].flat(), rules: rules === undefined ? null : [rules].flat(), untilSeconds, by },
				...(why === undefined ? {} : { why }),
			},
			now,
		),
	);
	parts.log.info(`web: ${by} muted ${[orders].flat().map(printable).join(', ')} (mutes/${name})`);
	return { mutes: [name] };
}

type End = Pick<z.infer<typeof muteBody>, 'for' | 'until'>;

function endOf({ for: span, until }: End, nowSeconds: number): number {
	if ((span === undefined) === (until === undefined))
		throw new RequestFault(422, 'write either for, such as 2h, or until');
	const seconds =
		until === undefined
			? nowSeconds + Math.round(spanSeconds(span) ?? Number.NaN)
			: timePoint(String(until), nowSeconds);
	if (seconds !== null && seconds > nowSeconds) return seconds;
	throw new RequestFault(
		422,
		until === undefined ? `for: must be ${spanForms}` : `until: must be in the future: ${timeForms}`,
	);
}

/** The name of the token that it comes with. */
function changerOf({ isAlone }: WebParts, { who }: Asked): string {
	if (isAlone)
		throw new RequestFault(
			403,
			'this server only reads: it runs without the daemon. Ask the one that the daemon starts',
		);
	if (who === null) throw new RequestFault(401, 'a token is needed');
	return who.name;
}

function explained<T>(act: () => T): T {
	try {
		return act();
	} catch (error) {
		if (error instanceof RuleTrouble || error instanceof MuteTrouble)
			throw new RequestFault(422, error.message);
		throw error;
	}
}
