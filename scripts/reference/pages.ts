import { builtInProbes } from '../../probes/index.ts';
import { builtInSinks } from '../../src/sinks/index.ts';
import {
	commonFactTable,
	commonSinkTable,
	configTable,
	notifierTables,
	orderTable,
	probeTables,
	sinkTable,
} from './key-tables.ts';
import { apiTable, compatTables, metricTables } from './metric-tables.ts';

/** What is written into which page, by the names of the markers. */
const written: readonly (readonly [page: string, name: string, make: () => string])[] = [
	['docs/orders.md', 'order', orderTable],
	['docs/config.md', 'config', configTable],
	['docs/config.md', 'notifiers', notifierTables],
	['docs/sinks.md', 'sink', commonSinkTable],
	['docs/outcomes.md', 'facts', commonFactTable],
	['docs/metrics.md', 'metrics', metricTables],
	['docs/metrics.md', 'compat', compatTables],
	['docs/metrics.md', 'api', apiTable],
	...[...builtInProbes.keys()].map(
		(name) => [`docs/probes/${name}.md`, name, () => probeTables(name)] as const,
	),
	...[...builtInSinks.keys()].map((name) => [`docs/sinks/${name}.md`, name, () => sinkTable(name)] as const),
];

/** The pages that have tables. */
export const referencePages: readonly string[] = [...new Set(written.map(([page]) => page))];

/** The text of a page with its tables as they are now. Throws when a marker is missing. */
export function withTables(page: string, text: string): string {
	return written
		.filter(([of]) => of === page)
		.reduce((before, [, name, make]) => between(page, before, name, make()), text);
}

function between(page: string, text: string, name: string, inside: string): string {
	const [begin, end] = [`<!-- reference: ${name} -->\n`, `<!-- end of reference: ${name} -->`];
	const [at, until] = [text.indexOf(begin), text.indexOf(end)];
	if (at < 0 || until < at)
		throw new Error(`${page}: has no ${begin.trim()} and ${end} behind it. Write both`);
	return `${text.slice(0, at + begin.length)}\n${inside}\n\n${text.slice(until)}`;
}
