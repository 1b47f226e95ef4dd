import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { popSchema } from '../hub/registry.ts';

const text = z.string().min(1).max(4096);

const head = {
	v: z.literal(1),
	/** Who says it. */
	hub: z.string().min(1).max(200),
	/** What is said later of the same has a higher number. */
	seq: z.number(),
};

/** What hubs that share a key tell each other. */
const record = z.discriminatedUnion('kind', [
	/** It lives. `told`: the highest number of news that it has told a point of presence. */
	z.object({ kind: z.literal('beat'), ...head, told: z.number() }),
	/** An order that was written at that hub. */
	z.object({ kind: z.literal('order'), ...head, id: text, text: z.string().max(65_536) }),
	/** It is there no more. */
	z.object({ kind: z.literal('end'), ...head, id: text }),
	/** A point of presence; null: it was taken out. */
	z.object({ kind: z.literal('pop'), ...head, name: text, pop: popSchema.nullable() }),
	/** Who measures an order that any of some may measure. */
	z.object({ kind: z.literal('pick'), ...head, id: text, pops: z.array(text).max(10_000) }),
]);

export type HubRecord = Readonly<z.infer<typeof record>>;

type Said<Kind> = HubRecord & { readonly kind: Kind };
/** Before it is numbered and signed. */
export type HubTold =
	| Pick<Said<'beat'>, 'kind' | 'told'>
	| Pick<Said<'order'>, 'kind' | 'id' | 'text'>
	| Pick<Said<'end'>, 'kind' | 'id'>
	| Pick<Said<'pop'>, 'kind' | 'name' | 'pop'>
	| Pick<Said<'pick'>, 'kind' | 'id' | 'pops'>;

const envelope = z.object({ body: z.string().max(400_000), sig: z.string().max(200) });
/** So that what is signed is never taken for anything else that the key may sign. */
const context = 'pingmachine-hubs-1\n';

export function sealRecord(body: HubRecord, key: KeyObject): string {
	const told = JSON.stringify(body);
	return JSON.stringify({
		body: told,
		sig: sign(null, Buffer.from(context + told), key).toString('base64'),
	});
}

/** Null when no hub with this key has said it. */
export function openRecord(json: string, publicKey: KeyObject): HubRecord | null {
	const read = envelope.safeParse(parsed(json));
	if (!read.success) return null;
	const { body, sig } = read.data;
	if (!verify(null, Buffer.from(context + body), publicKey, Buffer.from(sig, 'base64'))) return null;
	const found = record.safeParse(parsed(body));
	return found.success ? found.data : null;
}

/** The newest of each key counts, and stays when the topic is compacted. */
export function keyOfRecord(body: HubRecord | (HubTold & { readonly hub: string })): string {
	switch (body.kind) {
		case 'beat':
			return `beat/${body.hub}`;
		case 'order':
		case 'end':
			return `order/${body.hub}/${body.id}`;
		case 'pop':
			return `pop/${body.name}`;
		default:
			return `pick/${body.id}`;
	}
}

function parsed(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return null;
	}
}
