import { excerpt } from './printable.ts';

/** What the store writes beside the folders of orders whose ids begin with this one's. */
const takenNames = /^(?:last_result|error|main(?:\..*)?\.rrd)$/s;

/** Why a path below `orders/` cannot be the id of an order, and the remedy. Null when it can. */
export function wrongWithOrderId(id: string): string | null {
	const [, ...below] = id.split('/');
	const taken = below.find((name) => takenNames.test(name));
	if (taken === undefined) return null;
	return (
		`its path has ${excerpt(taken)} in it, which is the name of a file that pingmachine writes into the folder above. ` +
		'Choose another name'
	);
}
