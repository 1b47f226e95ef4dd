import { askAboutAlerts } from '../../memory/ask-daemon.ts';
import { Labels } from '../metrics/exposition.ts';
import type { OwnMetrics } from '../metrics/registry.ts';

/** More series than this are no help to anybody. */
const seriesMost = 10_000;

/** Each alert that fires, as Prometheus has its own: `pingmachine_alerts{rule="loss",order="core/zrh",...} 1`. */
export async function alertMetrics(baseDir: string): Promise<readonly OwnMetrics[]> {
	const asked = await askAboutAlerts(baseDir);
	if (!('answer' in asked)) return [];
	const family = {
		name: 'pingmachine_alerts',
		kind: 'gauge' as const,
		help: 'Alerts that fire: 1 each. Held ones are not told.',
	};
	const samples = asked.answer.firing
		.slice(0, seriesMost)
		.map(({ rule, severity, order, part, probe, target, held }): OwnMetrics['samples'][number] => [
			new Labels([
				['rule', rule],
				['severity', severity],
				['order', order ?? ''],
				['probe', probe ?? ''],
				['target', target ?? ''],
				['state', held === null ? 'firing' : 'held'],
				...(part === undefined ? [] : ([['part', part]] as const)),
			]),
			1,
		]);
	return [{ family, samples }];
}
