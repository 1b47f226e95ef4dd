import { z } from 'zod';
import { type Spell, totalOf } from '../../history/histogram-lines.ts';
import type { InPieces } from '../../model/pieces.ts';
import { routeSchema } from '../../model/route.ts';
import { readRrdHeader } from '../../rrd/index.ts';
import { readSlotsHeader } from '../../store/history-files.ts';
import { readingHistory, readingSlots } from '../../store/read-history.ts';
import { readRecordFile } from '../../store/record-file.ts';
import { paced } from '../feed/pace.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, apiRoute, countParameter, timeParameter } from './api-route.ts';
import { folderOf } from './history-routes.ts';
import { routesOfOrder } from './routes-of-order.ts';

const slotsMax = 100_000;
const eventsMax = 1000;
const routesMax = 2000;

const span = {
	start: timeParameter.describe('from the slot, hour or day that begins then'),
	end: timeParameter.describe('up to those that begin before'),
};

const spell = z.strictObject({
	...{ time: z.int(), span: z.int() },
	until: z.int().optional().describe('of one that is not over: the end of its last slot'),
	...{ slots: z.int(), down: z.int(), unknown: z.int() },
	...{
		sent: z.int(),
		lost: z.int(),
		sum: z.number(),
		min: z.number().optional(),
		max: z.number().optional(),
	},
	schema: z.int(),
	buckets: z
		.array(z.tuple([z.int(), z.int()]))
		.describe('[i, count]: 2^((i-1)/2^schema) < rtt <= 2^(i/2^schema)'),
});

const histograms = z.strictObject({
	id: z.string(),
	total: spell.nullable().describe('all since the order began, up to the last line that is written'),
	hours: z.array(spell),
	days: z.array(spell),
});

const slots = z.strictObject({
	id: z.string(),
	start: z.int().describe('of the first slot; slot i begins at start + i * step'),
	step: z.int().describe('seconds'),
	pings: z.int(),
	loss: z.array(z.int().nullable()).describe('lost pings; null: not measured'),
	median: z.array(z.number().nullable()).describe('seconds; null: not measured, or no answer'),
});

const events = z.strictObject({
	id: z.string(),
	events: z.array(z.looseObject({})).describe('oldest first, as in the file'),
});

const routes = z.strictObject({
	id: z.string(),
	of: z.string().describe('the order that traces the way: this one, or one with the same host'),
	routes: z.array(routeSchema).describe('oldest first, as in the file'),
});

const faults = { 404: 'there is no such order, or nothing of the kind is kept of it yet' };

/** What is kept of an order in histograms, slots and events. */
export function recordRoutes(parts: WebParts): ApiRoute[] {
	const from = { method: 'GET', faults } as const;
	return [
		apiRoute({
			...{ ...from, path: '/api/v1/orders/:id/histograms', answer: histograms },
			query: z.strictObject(span),
			summary: 'Histograms of round-trip times by the hour and by the day',
			handle: ({ path: { id = '' } }, wanted) => paced(histogramsOf(parts, id, wanted)),
		}),
		apiRoute({
			...{ ...from, path: '/api/v1/orders/:id/slots', answer: slots },
			query: z.strictObject(span),
			summary: `Loss and median of every slot of the last days, the newest ${slotsMax} at most`,
			handle: ({ path: { id = '' } }, wanted) => paced(slotsOf(parts, id, wanted)),
		}),
		apiRoute({
			...{ ...from, path: '/api/v1/orders/:id/events', answer: events },
			query: z.strictObject({ limit: countParameter(1, eventsMax).describe('the newest; all by default') }),
			summary: 'What happened to an order: edited, expired, revived, failing, well again',
			handle: ({ path: { id = '' } }, { limit = eventsMax }) => eventsOf(parts, id, limit),
		}),
		apiRoute({
			...{ ...from, path: '/api/v1/orders/:id/routes', answer: routes },
			query: z.strictObject({ limit: countParameter(1, routesMax).describe('the newest; all by default') }),
			summary: 'The routes to the host of an order, each since it was seen first',
			handle: ({ path: { id = '' } }, { limit = routesMax }) => routesOf(parts, id, limit),
		}),
	];
}

interface Span {
	readonly start?: number | undefined;
	readonly end?: number | undefined;
}

/** So many hours or slots are worded in one piece. */
const inPiece = 100;

function* histogramsOf(
	parts: WebParts,
	id: string,
	{ start = 0, end = Infinity }: Span,
): InPieces<z.infer<typeof histograms>> {
	const history = yield* readingHistory(folderOf(parts, id).folder);
	if (history.since === null && history.hours.length === 0)
		throw new RequestFault(404, 'nothing is kept in histograms of this order yet');
	const within = ({ timeSeconds, spanSeconds }: Spell) =>
		timeSeconds + spanSeconds > start && timeSeconds < end;
	const total = totalOf(history);
	return {
		id,
		total: total === null ? null : told(total),
		hours: yield* each(history.hours.filter(within), told),
		days: yield* each(history.days.filter(within), told),
	};
}

function* each<From, To>(all: readonly From[], make: (one: From) => To): InPieces<To[]> {
	const made: To[] = [];
	for (const one of all) {
		made.push(make(one));
		if (made.length % inPiece === 0) yield;
	}
	return made;
}

function told({ timeSeconds, spanSeconds, untilSeconds, tally }: Spell): z.infer<typeof spell> {
	const { buckets, ...same } = tally.toJSON();
	return {
		...{
			time: timeSeconds,
			span: spanSeconds,
			...(untilSeconds === undefined ? {} : { until: untilSeconds }),
			...same,
		},
		buckets: buckets.map(([bucket, count]) => [bucket, count]),
	};
}

function* slotsOf(
	parts: WebParts,
	id: string,
	{ start = 0, end = Infinity }: Span,
): InPieces<z.infer<typeof slots>> {
	const { folder } = folderOf(parts, id);
	const shape = slotShapeOf(folder);
	if (shape === null) throw new RequestFault(404, 'nothing is kept in slots of this order yet');
	const { stepSeconds, pings } = shape;
	const until = Math.min(end, Number.MAX_SAFE_INTEGER);
	const records = yield* readingSlots(folder, start, until, slotsMax);
	return {
		...{ id, start: records[0]?.timeSeconds ?? Math.ceil(start), step: stepSeconds, pings },
		loss: records.map(({ loss }) => loss),
		median: yield* each(records, ({ medianSeconds }) =>
			medianSeconds === null ? null : Number(medianSeconds.toPrecision(6)),
		),
	};
}

/** By the file, or by main.rrd as long as there is none. */
function slotShapeOf(folder: string): { readonly stepSeconds: number; readonly pings: number } | null {
	const ring = readSlotsHeader(folder);
	if (ring !== null) return ring;
	try {
		const { stepSeconds, dataSources } = readRrdHeader(`${folder}/main.rrd`).shape;
		// loss and median stand before those of the pings.
		return { stepSeconds, pings: dataSources.length - 2 };
	} catch {
		return null;
	}
}

function eventsOf(parts: WebParts, id: string, limit: number): z.infer<typeof events> {
	const bytes = readRecordFile(folderOf(parts, id).folder, 'events');
	const lines = (bytes ?? '').toString().split('\n');
	return { id, events: lines.flatMap(eventOf).slice(-limit) };
}

/** Nothing for what is torn. */
function eventOf(line: string): Record<string, unknown>[] {
	try {
		const json: unknown = JSON.parse(line);
		return typeof json === 'object' && json !== null && !Array.isArray(json)
			? [json as Record<string, unknown>]
			: [];
	} catch {
		return [];
	}
}

function routesOf(parts: WebParts, id: string, limit: number): z.infer<typeof routes> {
	folderOf(parts, id);
	const found = routesOfOrder(parts, id);
	if (found === null) throw new RequestFault(404, 'no route to the host of this order is known');
	return { id, of: found.of, routes: found.routes.slice(-limit) as z.infer<typeof routes>['routes'] };
}
