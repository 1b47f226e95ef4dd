import type { EarlyTools } from '../../src/model/probe.ts';
import type { Watching } from './worker-thread.ts';

/**
 * What tells a thread which of its hosts are watched, and an order the pings of its target.
 *
 * @param hosts what the thread has for targets, addresses in its order
 * @param addresses by target
 */
export function watchingHosts(
	hosts: readonly string[],
	addresses: ReadonlyMap<string, string>,
	early: EarlyTools | undefined,
): Watching | undefined {
	if (early === undefined) return undefined;
	const hostOf = (target: string) => hosts.indexOf(addresses.get(target) ?? '');
	return {
		watched: () => [...new Set(early.watched().map(hostOf))].filter((host) => host !== -1),
		onChange: (changed) => early.onChange(changed),
		tell: (pings) => {
			for (const target of early.watched()) {
				const host = hostOf(target);
				const own = pings.filter((ping) => ping.target === host);
				const told = own.map(({ target: _target, ...ping }) => ping);
				if (told.length > 0) early.tell(target, told);
			}
		},
	};
}
