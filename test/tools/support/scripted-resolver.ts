/** Names that are answered by a script, in the time of a fake clock. */
import { nameFailureText } from '../../../probes/shared/look-up.ts';
import type { NameQuery, ResolveNames } from '../../../src/model/probe.ts';
import { KeptAddresses } from '../../../src/tools/kept-addresses.ts';
import { type LookUp, makeResolveNames } from '../../../src/tools/resolve-names.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const v4 = (...names: string[]): NameQuery[] => names.map((name) => ({ name, family: 4 }));

export const v6 = (...names: string[]): NameQuery[] => names.map((name) => ({ name, family: 6 }));

/** How a name is answered. What has no entry does not exist. */
export interface Script {
	readonly delayMs?: number;
	readonly v4?: readonly string[];
	readonly v6?: readonly string[];
	readonly code?: string;
}

/** A resolver that answers by a script, in the time of a fake clock. */
export class World {
	readonly clock = new FakeClock(1_800_000_000_000);
	readonly script = new Map<string, Script>();
	/** Which names were looked up, in this order. */
	readonly asked: string[] = [];
	busy = 0;
	mostBusy = 0;
	readonly resolve: ResolveNames;

	constructor(lanes: number, namesMax = 200_000) {
		const kept = new KeptAddresses({ clock: this.clock, namesMax });
		this.resolve = makeResolveNames({ lookUp: this.#lookUp, clock: this.clock, lanes, kept });
	}

	/** Resolves and lets time pass until there is an answer. Returns the answers and how long they took. */
	async ask(names: readonly NameQuery[], deadlineMs: number): Promise<[Record<string, string>, number]> {
		const startMs = this.clock.monotonicMs();
		let answers: Awaited<ReturnType<ResolveNames>> | null = null;
		this.resolve(names, deadlineMs).then((result) => {
			answers = result;
		});
		while (answers === null) await this.clock.pass(1);
		const entries = [...(answers as Awaited<ReturnType<ResolveNames>>)].map(([name, answer]) => [
			name,
			'address' in answer ? answer.address : nameFailureText(name, answer),
		]);
		return [Object.fromEntries(entries), this.clock.monotonicMs() - startMs];
	}

	#lookUp: LookUp = async (name, family) => {
		const { delayMs = 5, code = 'ENOTFOUND', ...addresses } = this.script.get(name) ?? {};
		this.asked.push(name);
		this.busy++;
		this.mostBusy = Math.max(this.mostBusy, this.busy);
		await new Promise<void>((done) => this.clock.after(delayMs, done));
		this.busy--;
		const found = family === 4 ? addresses.v4 : addresses.v6;
		if (found === undefined) throw Object.assign(new Error(`${code} ${name}`), { code });
		return found;
	};
}
