import type { z } from 'zod';
import { type AlertsAnswer, alertsAnswer } from '../model/alert-answer.ts';
import {
	type DaemonAnswer,
	daemonAnswer,
	type OrderAnswer,
	type OrdersAnswer,
	orderAnswer,
	ordersAnswer,
} from '../model/answers.ts';
import { type Asked, type Asking, askSocket } from './ask-socket.ts';

/** Asks the daemon of a base directory about itself. Never rejects. */
export function askAboutDaemon(baseDir: string): Promise<Asked<DaemonAnswer>> {
	return asked(baseDir, '/v1/daemon', daemonAnswer());
}

/** Asks the daemon what fires. Never rejects. */
export function askAboutAlerts(baseDir: string): Promise<Asked<AlertsAnswer>> {
	return asked(baseDir, '/v1/alerts', alertsAnswer());
}

/** Asks the daemon about all orders. Never rejects. */
export function askAboutOrders(baseDir: string): Promise<Asked<OrdersAnswer>> {
	return asked(baseDir, '/v1/orders', ordersAnswer());
}

/** Asks the daemon about an order; the answer is null when it does not know it. Never rejects. */
export function askAboutOrder(baseDir: string, id: string): Promise<Asked<OrderAnswer | null>> {
	return asked(baseDir, `/v1/orders/${encodeURIComponent(id)}`, orderAnswer().nullable());
}

/** Never rejects. */
export function asked<T>(
	baseDir: string,
	path: string,
	schema: z.ZodType<T>,
	asking: Asking = {},
): Promise<Asked<T>> {
	return askSocket(baseDir, path, asking, async (texts) => {
		let text = texts === null ? 'null' : '';
		if (texts !== null) for await (const more of texts) text += more;
		const { success, data } = schema.safeParse(JSON.parse(text));
		return success ? { read: data } : null;
	});
}
