import { version } from '../host/version.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { ProbeTools } from '../model/probe.ts';
import type { KeptAddresses } from '../tools/kept-addresses.ts';
import { makeResolveNames } from '../tools/resolve-names.ts';
import { makeRunCommand } from '../tools/run-command.ts';

export interface LentToolsParts {
	readonly clock: Clock;
	readonly log: Log;
	readonly kept: KeptAddresses;
	/** What the config says of a probe. */
	settingsOf(probe: string): unknown;
}

/** What probes are lent. */
export function lentTools(parts: LentToolsParts): (probe: string) => Omit<ProbeTools, 'signal' | 'early'> {
	const { clock, log, kept } = parts;
	const runCommand = makeRunCommand();
	const resolve = makeResolveNames({ clock, kept });
	return (probe) => ({
		...{ settings: parts.settingsOf(probe), version, clock, runCommand, resolve },
		note: () => {},
		measuredAt: () => {},
		log: (message, code = '') => log.info(message, `probe ${probe} ${code}`),
	});
}
