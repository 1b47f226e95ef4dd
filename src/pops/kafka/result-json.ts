import { hubFolder } from '../../model/pop.ts';

/** What a message says; of an order by its id at the hub. Null when it is no JSON. */
export function resultJson(bytes: Buffer): unknown {
	let json: unknown;
	try {
		json = JSON.parse(bytes.toString());
	} catch {
		return null;
	}
	// Results of before call orders as the point of presence does, `@hub/ID`.
	const { order } = (json ?? {}) as { readonly order?: { readonly id?: unknown } | null };
	const id = order?.id;
	if (typeof id !== 'string' || !id.startsWith(`${hubFolder}/`)) return json;
	return { ...(json as object), order: { ...order, id: id.slice(hubFolder.length + 1) } };
}
