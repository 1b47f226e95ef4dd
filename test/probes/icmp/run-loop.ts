/** The loop of the engine in this thread. */
import { expect } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import type { FromEngine, PingRequest } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop, type PingLoopParts } from '../../../probes/icmp/engine/ping-loop.ts';
import { pauseThread } from '../../support/ping-request.ts';

/** Runs one job to its end. `between` is called after each turn. */
export function run(
	one: PingRequest,
	parts: Partial<PingLoopParts> = {},
	between: (loop: PingLoop) => void = () => {},
): FromEngine {
	const results: FromEngine[] = [];
	const loop = new PingLoop({
		clocks: systemClocks(),
		over: (result) => results.push(result),
		...parts,
	});
	loop.add(one);
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) {
		between(loop);
		pauseThread(Math.min(ms, 20));
	}
	expect(results).toHaveLength(1);
	return results[0] as FromEngine;
}

export const hosts = (count: number) => Array.from({ length: count }, (_, i) => `127.2.${i >> 8}.${i & 255}`);
