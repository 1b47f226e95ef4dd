import type { ProbeTable } from '../model/probe.ts';
import { readOrder } from '../reading/order.ts';
import { readTelegrafFile } from '../reading/order-telegraf.ts';
import { readOrderFile } from './order-file.ts';
import type { OrderFileSeen } from './seen.ts';

type Judge = (file: OrderFileSeen) => boolean;

/** Tells whether files hold orders. What cannot be read just now, or is gone, is given the benefit of the doubt. */
export function isOrderFor(probes: ProbeTable): Judge {
	return judging((id, text) => 'order' in readOrder(id, text, probes));
}

/** The same of files below `telegraf/`. */
export const isTelegrafFile: Judge = judging((_, text) => 'telegraf' in readTelegrafFile(text));

function judging(isRight: (id: string, text: string) => boolean): Judge {
	return ({ id, path }) => {
		const read = readOrderFile(path);
		if ('gone' in read) return true;
		return 'problem' in read ? read.isPassing : isRight(id, read.text);
	};
}
