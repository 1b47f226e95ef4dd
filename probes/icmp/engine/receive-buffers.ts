import { MessageBatch } from './message-batch.ts';

const receiveBatch = 128;
/** Of link layer, IP and ICMP before the payload, generously. */
const headRoom = 128;
const controlBytes = 192;

/** Where received messages are put. One for all sockets of a size: they are read one after the other. */
export class ReceiveBuffers {
	readonly #bySize = new Map<number, MessageBatch>();

	forSize(size: number): MessageBatch {
		const bytes = size <= 512 ? 512 + headRoom : 0x10000;
		let batch = this.#bySize.get(bytes);
		if (batch === undefined) {
			batch = new MessageBatch(size <= 512 ? receiveBatch : receiveBatch / 8, bytes, controlBytes);
			this.#bySize.set(bytes, batch);
		}
		return batch;
	}
}
