import { createHash } from 'node:crypto';
import type { Pop } from '../../model/pop.ts';
import { fits, type Where } from '../../model/where.ts';

/**
 * Who measures an order: all that fit, or so many of them as it says. Of some, those who measure it already go on while
 * they are there and fit; the others are chosen by their names and its id, so that orders spread evenly and the same
 * order has the same places after a restart.
 */
export function choose(
	id: string,
	where: Where,
	pops: readonly Pop[],
	before: readonly string[],
	isLost: (pop: string) => boolean,
): readonly string[] {
	const fitting = pops.filter((pop) => fits(where, pop)).map(({ name }) => name);
	if (where.any === undefined) return fitting.sort();
	const present = fitting.filter((name) => !isLost(name));
	const staying = before.filter((name) => present.includes(name)).slice(0, where.any);
	const others = (names: readonly string[], chosen: readonly string[]) =>
		names.filter((name) => !chosen.includes(name)).sort((a, b) => (rank(id, a) < rank(id, b) ? -1 : 1));
	const chosen = [...staying, ...others(present, staying)].slice(0, where.any);
	// Who is lost may come back; nobody else could measure it.
	const waiting = before.filter((name) => fitting.includes(name));
	return [...chosen, ...others(waiting, chosen), ...others(fitting, [...chosen, ...waiting])]
		.slice(0, where.any)
		.sort();
}

function rank(id: string, name: string): string {
	return createHash('sha256').update(`${id}\0${name}`).digest('hex');
}
