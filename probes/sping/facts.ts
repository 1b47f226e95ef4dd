import { z } from 'zod';
import type { FactDeclaration, Facts } from '../../src/model/facts.ts';
import { once } from '../../src/model/once.ts';

/** What `scion ping` tells of a measurement beyond its round-trip times. */
export const spingFacts: readonly FactDeclaration[] = [
	{ name: 'path', kind: 'path', help: 'the interfaces that the packets go through', per: 'measurement' },
	{ name: 'fingerprint', kind: 'text', help: 'tells the path from all others', per: 'measurement' },
	{ name: 'next_hop', kind: 'text', help: 'the first router on the path', per: 'measurement' },
	{ name: 'packet_size', kind: 'gauge', unit: 'bytes', help: 'size of a SCION packet', per: 'measurement' },
	{ name: 'duplicates', kind: 'count', help: 'second and further answers to a ping', per: 'measurement' },
	{ name: 'reordered', kind: 'count', help: 'answers that came out of order', per: 'measurement' },
	{ name: 'late', kind: 'count', help: 'answers after the timeout', per: 'measurement' },
];

/** Each part is told if it is there, whatever the others are like. */
const toldSchema = once(() =>
	z.object({
		path: z
			.object({
				fingerprint: z.string().optional().catch(undefined),
				hops: z
					.array(z.object({ interface: z.int(), isd_as: z.string() }))
					.optional()
					.catch(undefined),
				next_hop: z.string().optional().catch(undefined),
			})
			.optional()
			.catch(undefined),
		scion_packet_size: z.int().optional().catch(undefined),
		replies: z
			.array(z.object({ state: z.string() }))
			.nullish()
			.catch(undefined),
	}),
);

/** What the JSON that it printed tells. Never throws, whatever the text. */
export function factsIn(stdout: string): Facts {
	const read = readTold(stdout);
	if (read === null) return {};
	const { path, replies } = read;
	const count = (...states: string[]) =>
		(replies ?? []).filter(({ state }) => states.includes(state.toLowerCase())).length;
	const facts = {
		path: path?.hops?.map((hop) => `${hop.isd_as}#${hop.interface}`),
		fingerprint: path?.fingerprint,
		next_hop: path?.next_hop,
		packet_size: read.scion_packet_size,
		duplicates: count('duplicate'),
		reordered: count('out_of_order', 'outoforder'),
		late: count('after_timeout', 'aftertimeout'),
	};
	const known = Object.entries(facts).filter(([, value]) => value !== undefined);
	return Object.fromEntries(known) as Facts;
}

function readTold(stdout: string): z.infer<ReturnType<typeof toldSchema>> | null {
	if (!stdout.trimStart().startsWith('{')) return null;
	try {
		return toldSchema().safeParse(JSON.parse(stdout)).data ?? null;
	} catch {
		return null;
	}
}
