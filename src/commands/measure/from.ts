import { askAboutPops } from '../../memory/ask-pops.ts';
import type { PopAnswer } from '../../model/pops-answer.ts';
import { printable } from '../../model/printable.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import { duration } from '../terminal/text.ts';

/** Who is to measure, and who cannot just now. */
export interface From {
	/** Points of presence, by name. */
	readonly pops: readonly string[];
	/** Also the machine that has the daemon. */
	readonly here: boolean;
	/** Those that were asked for and are not there, and why. */
	readonly absent: ReadonlyMap<string, string>;
}

/** What `--from` names: `all`, or names with commas between. Throws `OrderTrouble`. */
export async function whoMeasures(text: string, baseDir: string, nowSeconds: number): Promise<From> {
	const told = await askAboutPops(baseDir);
	const daemon = `the daemon of ${printable(baseDir)}`;
	if ('silence' in told) throw new OrderTrouble(`--from: ${daemon} cannot be asked: ${told.silence}`);
	const { pops: known } = told.answer;
	if (known === null)
		throw new OrderTrouble(`--from: ${daemon} is no hub. Write hub: into its config, or take --from out`);
	const names = [...new Set(text === 'all' ? known.map(({ name }) => name) : text.split(','))];
	if (names.length === 0)
		throw new OrderTrouble('--from: there is no point of presence. pingmachine pop add makes one known');
	const absent = new Map<string, string>();
	const present: string[] = [];
	for (const name of names) {
		if (name === 'here') continue;
		const pop = known.find((one) => one.name === name);
		if (pop === undefined)
			throw new OrderTrouble(
				`--from: there is no point of presence ${JSON.stringify(name)}. See pingmachine pop ls`,
			);
		const why = whyAbsent(pop, nowSeconds);
		if (why === null) present.push(name);
		else absent.set(name, why);
	}
	return { pops: present, here: names.includes('here'), absent };
}

function whyAbsent({ state, heard }: PopAnswer, nowSeconds: number): string | null {
	if (state === 'here') return null;
	if (heard === null) return 'it has not been heard of yet';
	return `it was not heard of for ${duration(nowSeconds - heard)}`;
}
