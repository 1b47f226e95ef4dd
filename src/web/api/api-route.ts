import { z } from 'zod';
import { timeForms, timePoint } from '../../model/time-point.ts';
import { Pace } from '../feed/pace.ts';
import { answerJsonText } from '../server/answers.ts';
import { type Asked, RequestFault, type Route } from '../server/route.ts';
import { jsonPieces } from './json-pieces.ts';

/** A part of the API: a route, and what stands of it in `openapi.json`. */
export interface ApiRoute<Query extends z.ZodObject = z.ZodObject> {
	readonly method: Route['method'];
	readonly path: string;
	/** One line. */
	readonly summary: string;
	/** The parameters behind `?`; all are text, and optional. */
	readonly query: Query;
	/** What is sent with status 200; text for what is not JSON. */
	readonly answer: z.ZodType;
	/** Of the answer; JSON by default. */
	readonly type?: string;
	/** What may be sent, and how many bytes of it. */
	readonly body?: { readonly types: readonly string[]; readonly max: number };
	/** By default `read`. */
	readonly scope?: Route['scope'];
	/** Other statuses than 200, and what they mean. */
	readonly faults?: Readonly<Record<number, string>>;
	handle(asked: Asked, query: z.infer<Query>): unknown;
}

/** Bytes are made of so much text at a time. */
const pieceLength = 64 * 1024;

/** What a handler returns that has answered by itself. */
export const answered = Symbol('answered');

/** For lists of routes whose parameters differ. */
export function apiRoute<Query extends z.ZodObject>(route: ApiRoute<Query>): ApiRoute {
	return route as unknown as ApiRoute;
}

/** What every answer that is none has. */
export const faultAnswer = z.object({
	error: z.string(),
	findings: z
		.array(z.strictObject({ line: z.int().optional(), key: z.string().optional(), message: z.string() }))
		.optional(),
});

/** @param part by which word of `public:` it needs no token */
export function routeOf(route: ApiRoute, part: Route['part'] = 'api'): Route {
	const { method, path, scope = 'read', body, query, handle } = route;
	return {
		...{ method, path, part, scope },
		...(body === undefined ? {} : { bodyMax: body.max }),
		handle: async (asked) => {
			const value = await handle(asked, readQuery(asked, query));
			if (value !== answered) answerJsonText(asked.response, 200, await jsonOf(value));
		},
	};
}

/** With turns for others: an answer may have megabytes. */
async function jsonOf(value: unknown): Promise<Buffer> {
	const pace = new Pace();
	const all: Buffer[] = [];
	let text = '';
	for (const piece of jsonPieces(value)) {
		text += piece;
		if (text.length < pieceLength) continue;
		all.push(Buffer.from(text));
		text = '';
		await pace.turn();
	}
	return Buffer.concat([...all, Buffer.from(`${text}\n`)]);
}

function readQuery({ query }: Asked, schema: z.ZodObject): z.infer<z.ZodObject> {
	const given: Record<string, string> = Object.create(null);
	for (const [name, value] of query) {
		if (name in given) throw new RequestFault(400, `${name.slice(0, 100)}: is given twice. Keep one of them`);
		given[name] = value;
	}
	const read = schema.safeParse({ ...given });
	if (read.success) return read.data;
	const [issue] = read.error.issues;
	const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
	if (unknown !== undefined) {
		const known = Object.keys(schema.shape);
		throw new RequestFault(
			400,
			`${unknown.slice(0, 100)}: is no parameter here. ${known.length === 0 ? 'There are none' : `Known: ${known.join(', ')}`}`,
		);
	}
	throw new RequestFault(
		400,
		`${String(issue?.path[0] ?? 'the parameters')}: ${issue?.message ?? 'are wrong'}`,
	);
}

/** A parameter that is a point in time, in seconds since the epoch. */
export const timeParameter = z
	.string()
	.transform((text, context) => {
		const seconds = timePoint(text, Math.floor(Date.now() / 1000));
		if (seconds !== null) return seconds;
		context.addIssue({ code: 'custom', message: `must be ${timeForms}`, input: text });
		return z.NEVER;
	})
	.optional();

/** A parameter that is a whole number. */
export function countParameter(min: number, max: number) {
	const message = `must be a whole number from ${min} to ${max}`;
	return z
		.string()
		.regex(/^\d{1,9}$/, message)
		.transform(Number)
		.refine((count) => count >= min && count <= max, message)
		.optional();
}

const textMax = 4096;
export const textParameter = z.string().max(textMax, `must have ${textMax} characters at most`).optional();
