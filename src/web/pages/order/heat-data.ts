import type { Spell } from '../../../history/histogram-lines.ts';
import { findOrderFolder } from '../../../store/find-orders.ts';
import { isSafeOrderId } from '../../../store/order-path.ts';
import { readingHistory } from '../../../store/read-history.ts';
import type { HeatHistory, HeatSpell } from '../../browser/heat-model.ts';
import { paced } from '../../feed/pace.ts';
import type { WebParts } from '../../web-parts.ts';

/** The histograms of an order as the heatmap takes them; none where there are none. */
export async function heatOf({ baseDir }: WebParts, id: string): Promise<HeatHistory> {
	const found = isSafeOrderId(id) ? findOrderFolder(baseDir, id) : null;
	if (found === null) return { hours: [], days: [] };
	const { hours, days } = await paced(readingHistory(found.folder));
	return { hours: hours.map(spellOf), days: days.map(spellOf) };
}

function spellOf({ timeSeconds, spanSeconds, tally }: Spell): HeatSpell {
	const { histogram, sent, lost } = tally;
	return {
		...{ time: timeSeconds, span: spanSeconds, sent, lost },
		...{ schema: histogram.schema, buckets: histogram.buckets() },
	};
}
