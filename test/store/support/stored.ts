import type { Measured } from '../../../src/model/outcome.ts';
import { packOutcome, unpackMeasured } from '../../../src/outcomes/packed.ts';
import { type StoredMeasurement, storedMeasurementOf } from '../../../src/store/stored-measurement.ts';

/** What comes of an outcome in the thread of the store. */
export function storedOf(outcome: Measured): StoredMeasurement {
	const brief = unpackMeasured(packOutcome(outcome));
	if (brief === null) throw new Error('it was measured');
	return storedMeasurementOf(outcome.order.id, brief);
}
