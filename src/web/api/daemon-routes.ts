import { z } from 'zod';
import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import { askAboutPops } from '../../memory/ask-pops.ts';
import { type DaemonAnswer, daemonAnswer } from '../../model/answers.ts';
import { popsAnswer } from '../../model/pops-answer.ts';
import { pageSecret } from '../access/sessions.ts';
import { scopeNames } from '../access/tokens.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';

const none = z.strictObject({});
const faults = { 503: 'the daemon does not answer' };

const session = z.strictObject({
	name: z.string().nullable().describe('of the token; null: no token came with the request'),
	scopes: z.array(z.enum(scopeNames)),
	page: z
		.string()
		.nullable()
		.describe('in a browser: to be sent as X-Pingmachine-Page with all that changes something'),
});

/** What the daemon says of itself and of its sinks, and who asks. */
export function daemonRoutes(parts: WebParts): ApiRoute[] {
	return [
		apiRoute({
			...{ method: 'GET', path: '/api/v1/daemon', query: none, answer: daemonAnswer(), faults },
			summary: 'How the daemon does',
			handle: () => daemonOf(parts),
		}),
		apiRoute({
			...{ method: 'GET', path: '/api/v1/sinks', query: none, faults },
			answer: z.strictObject({ sinks: daemonAnswer().shape.sinks }),
			summary: 'Where measurements also go, and whether they arrive',
			handle: async () => ({ sinks: (await daemonOf(parts)).sinks }),
		}),
		apiRoute({
			...{ method: 'GET', path: '/api/v1/pops', query: none, answer: popsAnswer, faults },
			summary: 'The points of presence of this hub, and how they are; null: it is no hub',
			handle: async () => {
				const asked = await askAboutPops(parts.baseDir);
				if ('answer' in asked) return { pops: asked.answer.pops };
				throw new RequestFault(503, `the daemon does not answer: ${asked.silence}`);
			},
		}),
		apiRoute({
			...{ method: 'GET', path: '/api/v1/session', query: none, answer: session },
			summary: 'Who asks, and what for',
			handle: ({ who, session: cookie }) => ({
				name: who?.name ?? null,
				scopes: who?.scopes ?? [],
				page: who === null || cookie === null ? null : pageSecret(who, cookie),
			}),
		}),
	];
}

async function daemonOf({ baseDir }: WebParts): Promise<DaemonAnswer> {
	const asked = await askAboutDaemon(baseDir);
	if ('silence' in asked) throw new RequestFault(503, `the daemon does not answer: ${asked.silence}`);
	return asked.answer;
}
