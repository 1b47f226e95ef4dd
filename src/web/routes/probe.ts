import type { Served } from '../metrics/core-families.ts';
import { ExpositionWriter } from '../metrics/exposition-writer.ts';
import { formatFor } from '../metrics/negotiate.ts';
import { writeTargetProbe } from '../metrics/target-probe.ts';
import { head } from '../server/answers.ts';
import { RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** An older result is no answer to how it is now: two steps and a minute after the end of its slot. */
const lateSteps = 3;
const lateSeconds = 60;
const shownMax = 100;

/** `GET /probe?target=&module=`: what blackbox_exporter is asked, answered from what is measured anyway. */
export function probeRoutes({ registry }: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/probe', part: 'metrics', scope: 'read' },
			handle: ({ request, response, query }) => {
				const target = query.get('target') ?? '';
				if (target === '')
					throw new RequestFault(400, 'target: is missing. Write /probe?target=HOST&module=PROBE');
				const served = newestOf([...registry.ofTarget(target)], target, query.get('module') ?? '');
				const writer = new ExpositionWriter(formatFor(request.headers.accept));
				writeTargetProbe(writer, served);
				const body = writer.take();
				head(response, 200, {
					'content-type': writer.contentType,
					'content-length': body.length,
					vary: 'accept',
				});
				response.end(body);
			},
		},
	];
}

function newestOf(all: readonly Served[], target: string, probe: string): Served {
	const wanted = probe === '' ? all : all.filter((one) => one.probe === probe);
	const shown = target.slice(0, shownMax);
	if (all.length === 0) throw new RequestFault(404, `no order measures ${shown}`);
	if (wanted.length === 0) {
		const probes = [...new Set(all.map((one) => one.probe))].sort().join(', ');
		throw new RequestFault(
			404,
			`no order measures ${shown} with ${probe.slice(0, shownMax)}. module: ${probes}`,
		);
	}
	const newest = wanted.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
	const step = newest.series.last?.stepSeconds ?? 0;
	if (Date.now() / 1000 > timeOf(newest) + lateSteps * step + lateSeconds)
		throw new RequestFault(503, `${shown} has not been measured lately`);
	return newest;
}

function timeOf({ series }: Served): number {
	return series.last?.startSeconds ?? Number.NEGATIVE_INFINITY;
}
