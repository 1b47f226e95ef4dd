import type { FactDeclaration } from './facts.ts';

/** What measures orders of canaries, in place of a probe of ours. */
export const canaryProbe = 'canary';

const one = { per: 'measurement' } as const;

/** What canaries tell beside their ping. */
export const canaryFacts: readonly FactDeclaration[] = [
	{ name: 'status', kind: 'text', help: 'SUCCESS, FAILURE or TIMEOUT', ...one },
	{ name: 'latency', kind: 'seconds', help: 'how long an answer took that counts as lost', ...one },
	{ name: 'packet_loss', kind: 'gauge', unit: 'percent', help: 'pings of a canary that were lost', ...one },
	{ name: 'query_type', kind: 'text', help: 'type of record that was asked for', ...one },
	{ name: 'resolver', kind: 'text', help: 'name server that was asked', ...one },
	{ name: 'answer', kind: 'text', help: 'what the name server answered', ...one },
	{ name: 'status_code', kind: 'gauge', help: 'HTTP status code', ...one },
	{ name: 'response_size', kind: 'gauge', unit: 'bytes', help: 'length of the body of the answer', ...one },
	{ name: 'content_match', kind: 'flag', help: 'whether the body holds what it has to', ...one },
	{ name: 'error_message', kind: 'text', help: 'what went wrong', ...one },
];
