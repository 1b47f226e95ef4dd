import { excerpt } from './printable.ts';

/** What pingmachine writes into the folder of an order, where the folders of orders lie whose ids begin with its id. */
const takenNames =
	/^(?:last_result|last_facts|error|order|main.*\.rrd|histograms|slots|events|routes|alerts)$/s;

/** One of them below the first folder. */
const hasTakenName = new RegExp(`/${takenNames.source.slice(1, -1)}(?:/|$)`, 's');

/** What pingmachine itself has below `orders/`. */
const ownFolders: readonly string[] = ['@hub', '@canary'];

/** Whether the folder of such an order would be in the way of what pingmachine writes for another. */
export function isInTheWay(id: string): boolean {
	const [, ...below] = id.split('/');
	return below.some((name) => name.startsWith('@') || takenNames.test(name));
}

/** Why a path below `orders/` cannot be the id of an order, and the remedy. Null when it can. */
export function wrongWithOrderId(id: string): string | null {
	// Nearly always nothing is.
	if (!id.includes('@') && !hasTakenName.test(id)) return null;
	const [first = '', ...below] = id.split('/');
	const marked = [...(ownFolders.includes(first) ? [] : [first]), ...below].find((name) =>
		name.startsWith('@'),
	);
	if (marked !== undefined) return markedName(marked);
	const taken = below.find((name) => takenNames.test(name));
	if (taken === undefined) return null;
	return (
		`its path has ${excerpt(taken)} in it, which is the name of a file that pingmachine writes into the folder above. ` +
		'Choose another name'
	);
}

/** The same for an order that somebody wants to write: what pingmachine alone writes is not for them. */
export function wrongWithNewOrderId(id: string): string | null {
	const [first = ''] = id.split('/');
	return ownFolders.includes(first) ? markedName(first) : wrongWithOrderId(id);
}

function markedName(name: string): string {
	return `its path has ${excerpt(name)} in it, and names that begin with @ are pingmachine's own. Choose another name`;
}
