import type { ProbeTable } from '../model/probe.ts';
import { race } from '../model/race.ts';

/** A probe that does not let go by then is left to the end of the process. */
const closeMs = 1000;

/** Closes all probes side by side, when no job is left. Never rejects: returns a line for each that could not be closed. */
export async function closeProbes(probes: ProbeTable): Promise<string[]> {
	const complaints = [...probes.values()].map(async (probe) => {
		const what = `the probe ${probe.name} could not be closed`;
		try {
			const closing = Promise.resolve(probe.close?.()).then(() => null);
			return await race(closing, { ms: closeMs }, () => `${what} within ${closeMs} ms`);
		} catch (error) {
			return `${what}: ${error instanceof Error ? error.message : String(error)}`;
		}
	});
	return (await Promise.all(complaints)).filter((complaint) => complaint !== null);
}
