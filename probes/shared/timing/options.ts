import { z } from 'zod';
import { once } from '../../../src/model/once.ts';
import { spanAsNumber } from '../../../src/model/span.ts';

/** Which addresses of a name are looked up; `auto`: IPv4, or IPv6 when there is none. */
export const familyOption = once(() =>
	z.preprocess(
		(value) => (value === 4 || value === 6 ? String(value) : value),
		z
			.enum(['4', '6', 'auto'])
			.default('auto')
			.transform((family) => (family === 'auto' ? family : (Number(family) as 4 | 6))),
	),
);

const leastTimeoutMs = 10;
const longestTimeoutMs = 60_000;

/** Milliseconds until a ping is lost. */
export const timeoutOption = once(() =>
	z.preprocess(
		spanAsNumber('ms'),
		z.number().min(leastTimeoutMs).max(longestTimeoutMs).transform(Math.round).optional(),
	),
);
