import { askAboutPops } from '../../../memory/ask-pops.ts';
import type { PopAnswer } from '../../../model/pops-answer.ts';
import type { WebParts } from '../../web-parts.ts';

const keptMs = 2000;
const kept = new WeakMap<WebParts, { readonly pops: Promise<KnownPops>; readonly atMs: number }>();

export interface KnownPops {
	/** By name. */
	readonly pops: ReadonlyMap<string, PopAnswer>;
	/** Why the daemon does not tell; null: it has. */
	readonly silence: string | null;
	readonly isHub: boolean;
}

/** What the daemon says of the points of presence; asked again after two seconds. */
export function knownPops(parts: WebParts): Promise<KnownPops> {
	const before = kept.get(parts);
	if (before !== undefined && performance.now() - before.atMs < keptMs) return before.pops;
	const pops = askAboutPops(parts.baseDir).then((asked): KnownPops => {
		if ('silence' in asked) return { pops: new Map(), silence: asked.silence, isHub: false };
		const told = asked.answer.pops;
		return {
			pops: new Map((told ?? []).map((pop) => [pop.name, pop])),
			silence: null,
			isHub: told !== null,
		};
	});
	kept.set(parts, { pops, atMs: performance.now() });
	return pops;
}
