import type { OrderIdentity } from '../../model/outcome.ts';
import type { Delivered, SinkTools } from '../../model/sink.ts';
import { documentOf } from '../shared/document.ts';
import { canaryResult } from './canary.ts';
import type { Message } from './client.ts';
import type { KafkaSettings } from './settings.ts';

/** The message of an outcome; null: there is none. */
export type MessageMaker = (outcome: Delivered) => Omit<Message, 'partition'> | null;

/** The key is the order id, so that what comes of an order stays in its order; the time is the slot's start. */
export function messageMaker(
	{ format, canary_id: canaryId }: Pick<KafkaSettings, 'format' | 'canary_id'>,
	toJson: SinkTools['toJson'],
): MessageMaker {
	const keys = new WeakMap<OrderIdentity, Buffer>();
	const keyOf = (order: OrderIdentity) => {
		let key = keys.get(order);
		if (key === undefined) {
			key = Buffer.from(order.id);
			keys.set(order, key);
		}
		return key;
	};
	return (outcome) => {
		const value = format === 'canary' ? canaryResult(outcome, canaryId) : documentOf(outcome, toJson);
		if (value === null) return null;
		return {
			key: keyOf(outcome.order),
			value: Buffer.from(JSON.stringify(value)),
			timeMs: Math.round(outcome.slot.startSeconds * 1000),
		};
	};
}
