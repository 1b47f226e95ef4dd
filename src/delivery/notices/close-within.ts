import type { Clock } from '../../model/clock.ts';

/** Closes something that may fail or hang: resolves after `timeoutMs` at the latest, and never rejects. */
export async function closeWithin(
	timeoutMs: number,
	open: { close(): Promise<void> },
	clock: Clock,
): Promise<void> {
	await new Promise<void>((resolve) => {
		const cancel = clock.after(timeoutMs, resolve);
		const closed = async () => open.close();
		closed()
			.catch(() => {})
			.finally(() => {
				cancel();
				resolve();
			});
	});
}
