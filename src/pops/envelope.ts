import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { wrongWithPopName } from '../model/pop.ts';

/** News of a hub for one point of presence, as it was signed. Goes over links as JSON. */
export interface Envelope {
	/** JSON of `News`. */
	readonly body: string;
	/** Ed25519 over the bytes of `body`, base64. */
	readonly sig: string;
}

const head = {
	v: z.literal(1),
	/** For whom it is. */
	pop: z.string().refine((name) => wrongWithPopName(name) === null),
	/** What is said later of the same has a higher number. Numbers of one hub never come twice for a point of presence. */
	seq: z.int().min(1),
	/** By the hub's clock, seconds since the epoch. */
	issued: z.number().positive(),
	/** Seconds. */
	valid_for: z.number().positive(),
};

const idText = z.string().min(1).max(4096);

const news = z.discriminatedUnion('kind', [
	/** It is to measure this order. */
	z.object({ kind: z.literal('order'), ...head, id: idText, text: z.string().max(65_536) }),
	/** It is to measure it no more. */
	z.object({ kind: z.literal('end'), ...head, id: idText }),
	/**
	 * All orders that it is to measure, by `listDigest`: they are valid as long as this is. An order with a lower `seq`
	 * that is not among them is to be measured no more.
	 */
	z.object({ kind: z.literal('list'), ...head, count: z.int().min(0), digest: z.string().max(100) }),
]);

export type News = Readonly<z.infer<typeof news>>;
/** News before it is numbered and signed. */
export type Told =
	| { readonly kind: 'order'; readonly id: string; readonly text: string }
	| { readonly kind: 'end'; readonly id: string }
	| { readonly kind: 'list'; readonly count: number; readonly digest: string };

export const envelopeSchema = z.object({ body: z.string().max(400_000), sig: z.string().max(200) });

/** So that what is signed is never taken for anything else that the key may sign. */
const context = 'pingmachine-news-1\n';

export function sealed(body: News, key: KeyObject): Envelope {
	const text = JSON.stringify(body);
	return { body: text, sig: sign(null, Buffer.from(context + text), key).toString('base64') };
}

/** Why news is not followed. */
export type Refusal = 'unsigned' | 'forged' | 'not ours' | 'expired' | 'from the future' | 'not understood';

/** How far clocks may be apart, seconds. */
const futureMaxSeconds = 60;

/** What is in it, if the hub with this key has signed it for this point of presence, and it still holds. */
export function opened(
	envelope: unknown,
	key: KeyObject,
	reader: { readonly pop: string; readonly nowSeconds: number },
): { readonly news: News } | { readonly refusal: Refusal } {
	const read = envelopeSchema.safeParse(envelope);
	if (!read.success || read.data.sig === '') return { refusal: 'unsigned' };
	const { body, sig } = read.data;
	if (!verify(null, Buffer.from(context + body), key, Buffer.from(sig, 'base64')))
		return { refusal: 'forged' };
	const found = news.safeParse(parsed(body));
	if (!found.success) return { refusal: 'not understood' };
	const { pop, issued, valid_for: validFor } = found.data;
	if (pop !== reader.pop) return { refusal: 'not ours' };
	if (issued > reader.nowSeconds + futureMaxSeconds) return { refusal: 'from the future' };
	return issued + validFor <= reader.nowSeconds ? { refusal: 'expired' } : { news: found.data };
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

/** A public key as it is written into join files: SPKI, DER, base64. */
export function publicKeyText(privateKey: KeyObject): string {
	return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}

/** Throws when it is none of Ed25519. */
export function publicKeyOf(text: string): KeyObject {
	return ofEd25519(createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' }));
}

/** Throws when it is none of Ed25519. */
export function privateKeyOf(pem: string): KeyObject {
	return ofEd25519(createPrivateKey(pem));
}

function ofEd25519(key: KeyObject): KeyObject {
	if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is not a key of Ed25519');
	return key;
}
