import { type Measured, measured } from '../../model/outcome.ts';
import type { Delivered } from '../../model/sink.ts';

/** What is handed to sinks, as the outcome that it is. */
export function outcomeOf({ order, measurement }: Delivered): Measured {
	const { slot, pings, samples, facts } = measurement;
	const { stepSeconds: _step, pings: _pings, ...identity } = order;
	return measured(identity, slot, pings, samples, facts);
}
