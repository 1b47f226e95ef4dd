import { z } from 'zod';
import { type ApiRoute, faultAnswer } from './api-route.ts';

/** OpenAPI 3.1 of these routes, from the same schemas that read what is asked and test what is answered. */
export function openApiOf(routes: readonly ApiRoute[], version: string): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const route of routes) {
		const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
		paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
	}
	return {
		openapi: '3.1.0',
		info: {
			title: 'pingmachine',
			version,
			description:
				'Times are seconds since the epoch, spans and round-trip times seconds. The id of an order is one part of ' +
				'the path, percent-encoded.',
		},
		components: {
			securitySchemes: {
				token: { type: 'http', scheme: 'bearer', description: 'pingmachine web token NAME --scope read' },
			},
			schemas: { Fault: schemaOf(faultAnswer) },
		},
		security: [{ token: [] }, {}],
		paths,
	};
}

function operationOf({
	summary,
	path,
	query,
	answer,
	type = 'application/json',
	body,
	scope = 'read',
	...rest
}: ApiRoute) {
	const faults = Object.entries({ 400: 'wrong parameters', 401: 'a token is needed', ...rest.faults });
	return {
		summary,
		description: `Scope: ${scope}.`,
		parameters: [
			...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
				...{ name, in: 'path', required: true, schema: { type: 'string' } },
			})),
			...Object.entries(query.shape).map(([name, schema]) => parameterOf(name, schema as z.ZodType)),
		],
		...(body === undefined
			? {}
			: {
					requestBody: {
						required: true,
						content: Object.fromEntries(body.types.map((one) => [one, { schema: { type: 'object' } }])),
					},
				}),
		responses: {
			200: { description: 'OK', content: { [type]: { schema: schemaOf(answer) } } },
			...Object.fromEntries(
				faults.map(([status, words]) => [status, responseOf(Number(status), words, answer)]),
			),
		},
	};
}

function responseOf(status: number, description: string, answer: z.ZodType): object {
	const schema = status < 300 ? schemaOf(answer) : { $ref: '#/components/schemas/Fault' };
	return { description, content: { 'application/json': { schema } } };
}

function parameterOf(name: string, schema: z.ZodType): object {
	const { description, ...json } = schemaOf(schema, 'input') as { description?: string };
	return {
		...{ name, in: 'query', required: false, schema: json },
		...(description === undefined ? {} : { description }),
	};
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): object {
	const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
		string,
		unknown
	>;
	return json;
}
