import type { z } from 'zod';
import { RequestFault } from '../server/route.ts';

/** A body of JSON, as a schema has it. Throws a `RequestFault` that says what is wrong. */
export function jsonBody<T>(schema: z.ZodType<T>, body: Buffer): T {
	const read = schema.safeParse(parsed(body));
	if (read.success) return read.data;
	const [issue] = read.error.issues;
	const path = issue?.path.join('.') ?? '';
	throw new RequestFault(
		422,
		`${path === '' ? 'the body' : path}: ${issue?.message ?? 'is wrong'}`.slice(0, 500),
	);
}

function parsed(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString('utf8'));
	} catch {
		throw new RequestFault(422, 'the body is not valid JSON');
	}
}
