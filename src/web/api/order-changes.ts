import { statSync } from 'node:fs';
import { errorCode } from '../../model/errno.ts';
import type { Order, OrderFinding } from '../../model/order.ts';
import { printable } from '../../model/printable.ts';
import { wrongWithId } from '../../orders/names.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { OrderTrouble, OrderWriter, type Written } from '../../orders/writer.ts';
import { orderMaxBytes, readOrder } from '../../reading/order.ts';
import { isSafeOrderId } from '../../store/order-path.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { orderFromBody } from './order-text.ts';

/** What somebody sent as an order. */
export interface SentText {
	readonly id: string;
	readonly body: Buffer;
	/** Else it is YAML. */
	readonly isJson: boolean;
	/** Whose order it becomes. */
	readonly user: string;
}

/** An order as it can be written. */
export interface CheckedOrder {
	readonly id: string;
	readonly text: string;
	readonly order: Order;
	/** What is not understood, and as if it were not there. */
	readonly notes: readonly OrderFinding[];
}

export const readsOnly = 'this server only reads';

/** Writes and removes orders, for the API and the pages. Nothing else than `orders/` is written. */
export class OrderChanges {
	readonly #parts: WebParts;
	#kept: { readonly inode: number; readonly writer: OrderWriter } | null = null;

	constructor(parts: WebParts) {
		this.#parts = parts;
	}

	/** The name of the token that a change comes with. Throws a `RequestFault` where nothing may be changed. */
	changerOf({ who }: Pick<Asked, 'who'>): string {
		if (this.#parts.isAlone)
			throw new RequestFault(
				403,
				`${readsOnly}: it runs without the daemon. Ask the one that the daemon starts`,
			);
		if (who === null) throw new RequestFault(401, 'a token is needed');
		return who.name;
	}

	/** Null when there is no such file. Throws a `RequestFault` when what is there cannot be read. */
	textOf(id: string): string | null {
		if (!isSafeOrderId(id)) return null;
		const read = readOrderFile(`${this.#parts.baseDir}/orders/${id}`);
		if ('text' in read) return read.text;
		if ('gone' in read) return null;
		throw new RequestFault(409, read.problem);
	}

	/** Throws a `RequestFault` with findings when it is no order. Writes nothing. */
	check({ id, body, isJson, user }: SentText): CheckedOrder {
		const wrong = wrongWithId(id);
		if (wrong !== null) throw unprocessable([{ message: `the order id ${wrong}` }]);
		const sent = orderFromBody(body, isJson, user);
		if ('findings' in sent) throw unprocessable(sent.findings);
		const { text } = sent;
		if (Buffer.byteLength(text) > orderMaxBytes)
			throw unprocessable([{ message: `larger than ${orderMaxBytes} bytes. Write less into it` }]);
		const read = readOrder(id, text, this.#parts.probes);
		if ('findings' in read) throw unprocessable(read.findings);
		return { id, text, order: read.order, notes: read.notes ?? [] };
	}

	/** `checkOld` throws where the text that is there, or that there is none, is in the way. */
	write(
		{ id, text }: Pick<CheckedOrder, 'id' | 'text'>,
		user: string,
		checkOld: (old: string | null) => void,
	): Written {
		const state = changing(() => {
			checkOld(this.textOf(id));
			return this.#writer().write(id, text, (old) => {
				checkOld(old);
				return true;
			});
		});
		this.#parts.log.info(`web: ${user} wrote the order ${printable(id)} (${state})`);
		return state;
	}

	/** As `write`. Throws a `RequestFault` where there is no such order. */
	remove(id: string, user: string, checkOld: (old: string | null) => void): void {
		changing(() => {
			const text = this.textOf(id);
			if (text === null) throw new RequestFault(404, 'there is no such order');
			checkOld(text);
			this.#writer().remove(id);
		});
		this.#parts.log.info(`web: ${user} removed the order ${printable(id)}`);
	}

	/** Making one reads all of `orders/`: it is made anew only when that is another folder by now. */
	#writer(): OrderWriter {
		const { baseDir } = this.#parts;
		const inode = statSync(`${baseDir}/orders`, { throwIfNoEntry: false })?.ino ?? -1;
		if (this.#kept?.inode !== inode) this.#kept = { inode, writer: new OrderWriter(baseDir) };
		return this.#kept.writer;
	}
}

function unprocessable(findings: readonly OrderFinding[]): RequestFault {
	return new RequestFault(422, 'this is no order that can be measured', { findings });
}

/** What is in the way on the disk, as a status. */
function changing<T>(act: () => T): T {
	try {
		return act();
	} catch (error) {
		if (!(error instanceof OrderTrouble)) throw error;
		const code = error.cause === undefined ? '' : errorCode(error.cause);
		const isFull = code === 'ENOSPC' || code === 'EDQUOT';
		throw new RequestFault(isFull ? 507 : code === 'ENOENT' ? 404 : 409, error.message);
	}
}
