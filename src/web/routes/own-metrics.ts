import { Labels, type MetricFamily } from '../metrics/exposition.ts';
import type { OwnMetrics } from '../metrics/registry.ts';
import type { WebParts } from '../web-parts.ts';

const none = new Labels([]);

function family(name: string, kind: MetricFamily['kind'], help: string): MetricFamily {
	return { name: `pingmachine_${name}`, kind, help };
}

/** What is told of the program itself. */
export async function ownMetrics({ version, registry, daemon }: WebParts): Promise<readonly OwnMetrics[]> {
	return [
		{
			family: family('build_info', 'info', 'The version that runs.'),
			samples: [[new Labels([['version', version]]), 1]],
		},
		{
			family: family('up', 'gauge', 'Whether the daemon answers the web server: 1 or 0.'),
			samples: [[none, daemon().silence === null ? 1 : 0]],
		},
		{
			family: family('orders_left_out', 'gauge', 'Orders without series in the last scrape, for series_max.'),
			samples: [[none, registry.leftOut]],
		},
	];
}
