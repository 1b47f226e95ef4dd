import { askAboutPops } from '../../memory/ask-pops.ts';
import type { PopAnswer } from '../../model/pops-answer.ts';
import { Labels, type MetricFamily } from '../metrics/exposition.ts';
import type { OwnMetrics } from '../metrics/registry.ts';

type Sample = OwnMetrics['samples'][number];

/** What a hub tells of its points of presence; nothing where there is none. */
export async function popMetrics(baseDir: string, nowSeconds: number): Promise<readonly OwnMetrics[]> {
	const asked = await askAboutPops(baseDir);
	const pops = 'answer' in asked ? asked.answer.pops : null;
	return pops === null ? [] : metricsOfPops(pops, nowSeconds);
}

/** How they are: `pingmachine_pop_info{pop,lat,lon}`, and what their heartbeats tell. */
export function metricsOfPops(pops: readonly PopAnswer[], nowSeconds: number): readonly OwnMetrics[] {
	const each = (
		name: string,
		kind: MetricFamily['kind'],
		help: string,
		samplesOf: (pop: PopAnswer) => readonly Sample[],
	): OwnMetrics => ({
		family: { name: `pingmachine_pop_${name}`, kind, help },
		samples: pops.flatMap(samplesOf),
	});
	// What was told before it fell silent says nothing of how it is.
	const told = (name: string, help: string, numberOf: (pop: PopAnswer) => number | null): OwnMetrics =>
		each(name, 'gauge', help, (pop) => {
			const value = pop.state === 'here' ? numberOf(pop) : null;
			return value === null ? [] : [[labelsOf(pop), value]];
		});
	return [
		each('info', 'info', 'Points of presence: degrees north and east of where they are.', (pop) => [
			[labelsOf(pop, ...placeOf(pop)), 1],
		]),
		each('up', 'gauge', 'Whether a point of presence is heard of: 1 or 0.', (pop) => [
			[labelsOf(pop), Number(pop.state === 'here')],
		]),
		each('heartbeat_age_seconds', 'gauge', 'How long ago a point of presence was heard of last.', (pop) =>
			pop.heard === null ? [] : [[labelsOf(pop), Math.max(0, nowSeconds - pop.heard)]],
		),
		each(
			'orders',
			'gauge',
			'Orders of a point of presence: asked for here, and what it says of them.',
			(pop) => stateCounts(pop).map(([state, count]) => [labelsOf(pop, ['state', state]), count]),
		),
		told('spooled_bytes', 'Size of the spool of results at a point of presence.', (pop) => pop.spooled_bytes),
		told('waiting', 'Results that wait at a point of presence to be sent.', (pop) => pop.waiting),
		told(
			'clock_offset_seconds',
			'How far its clock is ahead of ours; what the way takes is in it.',
			(pop) => pop.ahead,
		),
		told('clock_synchronised', 'Whether its clock is kept: 1 or 0.', (pop) =>
			pop.synced === null ? null : Number(pop.synced),
		),
		each(
			'results_total',
			'counter',
			'Results of a point of presence since the start, by what became of them.',
			(pop) =>
				Object.entries(pop.results).map(([outcome, count]) => [labelsOf(pop, ['outcome', outcome]), count]),
		),
	];
}

function labelsOf({ name }: PopAnswer, ...more: readonly (readonly [string, string])[]): Labels {
	return new Labels([['pop', name], ...more]);
}

function placeOf({ place }: PopAnswer): readonly (readonly [string, string])[] {
	return place === null
		? []
		: [
				['lat', String(place.latitude)],
				['lon', String(place.longitude)],
			];
}

function stateCounts({ asked, state, measured, failing, rejected }: PopAnswer): [string, number][] {
	const told = state === 'here' ? { measured, failing, rejected } : {};
	return Object.entries({ asked, ...told }).flatMap(([name, count]) =>
		count === null ? [] : [[name, count]],
	);
}
