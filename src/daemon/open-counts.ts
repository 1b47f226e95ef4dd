import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { CountsBook } from '../counts/counts-book.ts';
import type { Log } from '../model/log.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import { maxPings } from '../store/main-rrd-shape.ts';

interface CountsParts {
	readonly config: Config;
	readonly log: Log;
	readonly probes: ProbeTable;
}

/** The counts of all orders that no file in output/ tells, as the last run left them. */
export function openCounts({ config, log, probes }: CountsParts): CountsBook {
	return new CountsBook({
		path: join(config.baseDir, 'state', 'counts'),
		facts: factTableOf(probes),
		nowSeconds: Math.floor(Date.now() / 1000),
		isUnfiled: ({ rrdTemplate, pings }) =>
			(rrdTemplate ?? config.rrdTemplate) === 'norrd' || pings > maxPings,
		problem: (message) => log.warn(message),
	});
}
