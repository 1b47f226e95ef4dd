import { systemClock } from '../../src/model/clock.ts';
import type { ProbeTools } from '../../src/model/probe.ts';
import { makeResolveNames } from '../../src/tools/resolve-names.ts';
import { makeRunCommand } from '../../src/tools/run-command.ts';

/** What the daemon lends to a probe, real but for its changes. */
export function probeTools<Settings>(
	settings: Settings,
	changes: Partial<ProbeTools<Settings>> = {},
): ProbeTools<Settings> {
	return {
		settings,
		version: '0.0.0-test',
		signal: new AbortController().signal,
		clock: systemClock,
		runCommand: makeRunCommand(),
		resolve: makeResolveNames(),
		note: () => {},
		measuredAt: () => {},
		log: () => {},
		...changes,
	};
}
