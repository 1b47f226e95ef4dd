import type { Sample } from '../../../src/model/measurement.ts';
import { type Measured, measured, type OrderIdentity } from '../../../src/model/outcome.ts';

interface Made {
	readonly id?: string;
	readonly name?: string;
	readonly tags?: Readonly<Record<string, string>>;
	readonly startSeconds?: number;
	readonly stepSeconds?: number;
	/** How many the order asks for; as many as there are RTTs unless told otherwise. */
	readonly pings?: number;
	/** Seconds; null is a lost one. */
	readonly rtts?: readonly (number | null)[];
	readonly sentAt?: (index: number) => number;
}

/** A measurement, as delivery hands it to a sink. */
export function delivered(made: Made = {}): Measured {
	const { id = 'an/order', name = 'tunnel', tags = { tunnel_id: '2' }, rtts = [0.000015, null] } = made;
	const { startSeconds = 1795239970, stepSeconds = 10, pings = rtts.length } = made;
	const { sentAt = (index: number) => startSeconds + (index * stepSeconds * 0.8) / pings } = made;
	const order: OrderIdentity = {
		id,
		user: 'test',
		probe: 'fping',
		measurementName: name,
		tags,
		target: '127.0.0.1',
	};
	const samples = rtts.map((rttSeconds, index): Sample => ({ sentAtSeconds: sentAt(index), rttSeconds }));
	return measured(order, { startSeconds, stepSeconds }, pings, samples);
}
