/** What points of presence ask for. */
export const paths = {
	news: '/v1/pop/news',
	results: '/v1/pop/results',
	heartbeat: '/v1/pop/heartbeat',
} as const;

/** Up to which number all news is known. */
export const seqParameter = 'after';

/** So long who asks for news waits when there is none. */
export const waitMs = 25_000;
