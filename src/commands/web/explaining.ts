import type { ProbeTable } from '../../model/probe.ts';
import type { RrdTemplate } from '../../model/rrd-template.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { explanationOf } from '../explain/facts.ts';
import { listedOrder } from '../shared/listed-orders.ts';

interface ExplainingOptions {
	readonly baseDir: string;
	readonly probes: ProbeTable;
	readonly rrdTemplate: RrdTemplate;
	readonly maxAgeSeconds: number | null;
	readonly log: { warn(message: string): void };
}

/** What `explain --json` says, for the web server. */
export function explainingFor(options: ExplainingOptions): (id: string) => Promise<object | null> {
	const { baseDir, probes, log } = options;
	return async (id) => {
		if (listedOrder(baseDir, id, probes) === null && findOrderFolder(baseDir, id) === null) return null;
		return explanationOf(id, {
			...options,
			nowSeconds: Date.now() / 1000,
			problem: (path, message) => log.warn(`web: cannot read ${path}: ${message}`),
		});
	};
}
