import { version } from '../host/version.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { ProbeTools } from '../model/probe.ts';
import type { KeptAddresses } from '../tools/kept-addresses.ts';
import { makeResolveNames } from '../tools/resolve-names.ts';
import { makeRunCommand } from '../tools/run-command.ts';

/** What probes are lent. `settingsOf`: what the config says of a probe. */
export function lentTools(
	{ clock, log }: { readonly clock: Clock; readonly log: Log },
	kept: KeptAddresses,
	settingsOf: (probe: string) => unknown,
): (probe: string) => Omit<ProbeTools, 'signal' | 'early'> {
	const runCommand = makeRunCommand();
	const resolve = makeResolveNames({ clock, kept });
	return (probe) => ({
		...{ settings: settingsOf(probe), version, clock, runCommand, resolve },
		note: () => {},
		measuredAt: () => {},
		log: (message, code = '') => log.info(message, `probe ${probe} ${code}`),
	});
}
