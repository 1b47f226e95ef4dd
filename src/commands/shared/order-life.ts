import type { Order } from '../../model/order.ts';

/** How old an order is, and may become. */
export interface Life {
	/** Since its file was written or refreshed. */
	readonly ageSeconds: number;
	/** What it may come to; null: any. */
	readonly maxAgeSeconds: number | null;
	readonly expiresInSeconds: number | null;
}

/** @param expires what the order says of how long it lives without a refresh */
export function lifeOf(
	expires: Order['expiresSeconds'],
	mtimeMs: number,
	{ nowSeconds, maxAgeSeconds }: { readonly nowSeconds: number; readonly maxAgeSeconds: number | null },
): Life {
	const expiresSeconds = expires === undefined ? maxAgeSeconds : expires;
	const ageSeconds = nowSeconds - mtimeMs / 1000;
	const expiresInSeconds = expiresSeconds === null ? null : expiresSeconds - ageSeconds;
	return { ageSeconds, maxAgeSeconds: expiresSeconds, expiresInSeconds };
}
