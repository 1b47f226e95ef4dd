/** The compiled probe in a network of this thread’s own. */
import type { TracerouteOptions } from '../../../probes/traceroute/options.ts';
import type { TracerouteSettings } from '../../../probes/traceroute/settings.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { type Hop, readHop } from '../../../src/model/hop.ts';
import type { ProbeResults, ProbeTools } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = new URL('../../../dist/probes/traceroute/index.js', import.meta.url).href;

const { traceroute } = (await import(compiled)) as typeof import('../../../probes/traceroute/index.ts');

export interface Tracing {
	readonly pings?: number;
	readonly windowMs?: number;
	readonly options?: Readonly<Record<string, unknown>>;
	readonly settings?: TracerouteSettings;
	readonly tools?: Partial<ProbeTools>;
}

export function trace(
	targets: readonly string[],
	{ pings = 2, windowMs = 4000, options = {}, settings = {}, tools = {} }: Tracing = {},
): Promise<ProbeResults> {
	const read = traceroute.options.parse({ host: targets[0], ...options }) as TracerouteOptions;
	const job = {
		slot: { startSeconds: 0, stepSeconds: windowMs / 1000 },
		...{ stepSeconds: windowMs / 1000, pings, options: read, targets, windowMs },
	};
	return traceroute.measure(job, probeTools(settings, tools as object));
}

/** The options of a trace that somebody waits for. */
export function hurriedOptions(host: string, withinMs: number): Readonly<Record<string, unknown>> {
	return { ...traceroute.route?.({ host, family: 4, withinMs }) };
}

export interface Traced {
	readonly rtts: readonly (number | null)[];
	readonly facts: Facts;
	readonly hops: readonly (Hop | null)[];
	/** Who answered at each hop; null: nobody. */
	readonly way: readonly (string | null)[];
}

export function tracedOf(results: ProbeResults, target: string): Traced {
	const result = results.get(target);
	if (result === undefined || !('samples' in result) || result.facts === undefined)
		throw new Error(`${target}: ${JSON.stringify(result)}`);
	const path = result.facts['path'] as readonly (string | null)[];
	const hops = path.map((one) => (one === null ? null : readHop(one)));
	return {
		...{ facts: result.facts, hops },
		rtts: result.samples.map(({ rttSeconds }) => rttSeconds),
		way: hops.map((hop) => hop?.addresses.join(' ') ?? null),
	};
}
