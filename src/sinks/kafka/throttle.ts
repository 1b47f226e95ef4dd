import { connectionsApiChannel } from '@platformatic/kafka';

/** What the client tells of an answer. */
interface Answered {
	readonly connection?: { readonly ownerId?: unknown };
	readonly result?: { readonly throttleTimeMs?: unknown };
}

/**
 * Calls `told` with how long a broker wants this client to wait, milliseconds, when it does: a quota is used up. The
 * client itself hides it. Returns what ends it.
 */
export function onThrottled(clientId: number, told: (ms: number) => void): () => void {
	const listen = (message: unknown) => {
		const { connection, result } = message as Answered;
		const ms = result?.throttleTimeMs;
		if (connection?.ownerId === clientId && typeof ms === 'number' && ms > 0) told(ms);
	};
	connectionsApiChannel.asyncStart.subscribe(listen);
	return () => connectionsApiChannel.asyncStart.unsubscribe(listen);
}
