import { builtInProbes } from '../../probes/index.ts';
import { daemonAnswer } from '../../src/model/answers.ts';
import { declaredFacts } from '../../src/model/facts.ts';
import { factTableOf } from '../../src/model/probe.ts';
import { apiRoutes } from '../../src/web/api/index.ts';
import { compatFamilies } from '../../src/web/metrics/compat-families.ts';
import { coreFamilies, factFamilies } from '../../src/web/metrics/core-families.ts';
import type { MetricFamily } from '../../src/web/metrics/exposition.ts';
import { daemonMetrics, programMetrics } from '../../src/web/routes/own-metrics.ts';
import { metricsOfPops } from '../../src/web/routes/pop-metrics.ts';
import type { WebParts } from '../../src/web/web-parts.ts';
import { table } from './key-tables.ts';

/** What a daemon without orders says: enough for the names of all that is told of it. */
const idle = daemonAnswer().parse({
	...{
		version: '',
		pid: 1,
		started: 0,
		max_age: null,
		batches: 0,
		jobs_running: 0,
		sinks: [],
		notifiers: [],
	},
	orders: { measured: 0, rejected: 0 },
	slots: { measured: 0, failed: 0, skipped: 0, overrun: 0, late: 0 },
	store: { waiting: 0, lag: 0, results_not_written: 0, rows_not_written: 0 },
	disk: { main_rrd: 0, history: 0, free: 0 },
	config: { in_force_since: 0, last_read_ok: true },
	main_thread_delay: { p50: 0, p99: 0, max: 0 },
	web: null,
});

const familyTable = (families: readonly MetricFamily[]) =>
	table(
		['metric', 'type', 'what it is'],
		families.map(({ name, kind, help }) => [
			`\`${name}\``,
			kind === 'legacyCounter' ? 'counter' : kind,
			help,
		]),
	);

/** Of every order; of the facts of probes; of the program itself. */
export function metricTables(): string {
	const common = new Set(declaredFacts().map(({ name }) => name));
	const ofFacts = factFamilies(factTableOf(builtInProbes), common);
	const own = [...programMetrics('', true, 0, 0), ...daemonMetrics(idle)];
	return [
		`Of every order:\n\n${familyTable(coreFamilies.map(({ family }) => family))}`,
		`Of facts:\n\n${familyTable(ofFacts.map(({ family }) => family))}`,
		`Of the program:\n\n${familyTable(own.map(({ family }) => family))}`,
		`Of points of presence, at a hub:\n\n${familyTable(metricsOfPops([], 0).map(({ family }) => family))}`,
	].join('\n\n');
}

/** What `compat:` adds, by the names of others. */
export function compatTables(): string {
	return (['meshping', 'smokeping', 'canary'] as const)
		.map((name) => `\`${name}\`:\n\n${familyTable(compatFamilies([name]).map(({ family }) => family))}`)
		.join('\n\n');
}

/** Every path of the API. */
export function apiTable(): string {
	// Routes are only described here: none is asked.
	const routes = apiRoutes({ version: '' } as unknown as WebParts);
	return table(
		['request', 'parameters', 'scope', 'what it does'],
		routes.map(({ method, path, query, scope = 'read', summary }) => [
			`\`${method} ${path.replaceAll(/:(\w+)/g, (_, name) => String(name).toUpperCase())}\``,
			Object.keys(query.shape)
				.map((name) => `\`${name}\``)
				.join(' '),
			scope,
			summary,
		]),
	);
}
